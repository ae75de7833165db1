/** Names of incidents that a workflow begins by itself. */
import { uuid4 } from '@temporalio/workflow';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID from the workflow's own clock and randomness, so that a replay makes the same one. */
export function newIncidentId(at: number): string {
  let time = '';
  for (let rest = at, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) time = CROCKFORD.charAt(rest % 32) + time;
  const hex = uuid4().replaceAll('-', '');
  const random = [...hex.slice(0, 16)].map((digit, i) => {
    const more = Number.parseInt(hex.charAt(16 + i), 16) & 1;
    return CROCKFORD.charAt(Number.parseInt(digit, 16) * 2 + more);
  });
  return time + random.join('');
}
