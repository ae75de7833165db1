/**
 * When a page may make noise. SEV1 and SEV2 always may; what is milder waits for the team's hours and for the end of a
 * person's quiet hours, and until then uses quiet methods only.
 */
import { quietUntil as disturbedFrom } from '../domain/quiet.ts';
import type { Calendars, Directory, Ports } from './ports.ts';
import type { Recipient } from './recipients.ts';
import type { PageRequest } from './types.ts';

interface Needs {
  readonly calendars: Pick<Calendars, 'loudFrom'>;
  readonly directory: Pick<Directory, 'quietUntil'>;
}

/** From when on `person` may be disturbed by a page made at `at`, epoch ms; null: now. */
export function quietUntil(
  { calendars, directory }: Needs,
  { incident, order, test }: PageRequest,
  person: string,
  at: number,
): number | null {
  const disturbing = {
    teamFrom: (then: number) => calendars.loudFrom(incident.team, then),
    quietUntil: (then: number) => directory.quietUntil(person, then),
  };
  return disturbedFrom({ severity: incident.severity, reason: order.reason, test }, disturbing, at);
}

/** When the first of `people` may be disturbed; null when one of them may be now, or nobody can be reached anyway. */
export function loudAt(ports: Ports, request: PageRequest, people: readonly Recipient[], at: number): number | null {
  const reachable = people.filter(({ person }) => ports.directory.contacts(person).length > 0);
  const times = reachable.map(({ person }) => quietUntil(ports, request, person, at) ?? at);
  const first = times.length === 0 ? at : Math.min(...times);
  return first > at ? first : null;
}
