/** One case of hostile input, and what must hold after every one of them. */
import { inspect } from 'node:util';
import type { RoutedAlerts } from '../../../webhook-server/gateway.ts';
import { base, bearer, SECRETS, type HttpEdge } from '../support/http-edge.ts';

export interface Row {
  readonly id: string;
  readonly what: string;
  /** Alerts that are to get in by it; 0 unless said. */
  readonly incidents?: number;
  /** Sends it and judges the answer. */
  readonly act: (edge: HttpEdge) => Promise<void>;
}

export const right = bearer(SECRETS.AM_TOKEN);
export const HOOK = '/webhooks/alertmanager';
export const TEXT = JSON.stringify(base());

/** What senders reported; what Tocsin says of itself is left out. */
export const fromSenders = ({ reported }: HttpEdge): readonly RoutedAlerts[] =>
  reported.filter(({ source }) => source !== 'tocsin');

/** Alive, ready, unpolluted, silent about secrets, and an honest alert still opens exactly one incident. */
export async function survives(edge: HttpEdge): Promise<void> {
  edge.reported.length = 0;
  const ready = await fetch(`${edge.url}/readyz`, { signal: AbortSignal.timeout(2000) });
  expect(ready.status).toBe(200);
  const answer = await edge.post(HOOK, base(), right);
  expect([answer.status, fromSenders(edge).length]).toEqual([202, 1]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  const logged = inspect(edge.logged, { depth: 10, maxStringLength: null, maxArrayLength: null });
  for (const secret of [...Object.values(SECRETS), ...Object.values(edge.tokens), 'link-secret'])
    expect(logged.includes(secret)).toBe(false);
  edge.reported.length = 0;
  edge.logged.length = 0;
}

/** The status codes of all answers in what came back over a socket. */
export const statuses = (answer: string): readonly number[] =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));

/** A POST to Alertmanager's route, with `lines` beside the headers that make it right. */
export const head = (lines: string, start = `POST ${HOOK} HTTP/1.1`): string =>
  `${start}\r\nHost: a\r\nAuthorization: Bearer ${SECRETS.AM_TOKEN}\r\nContent-Type: application/json\r\n${lines}\r\n\r\n`;

/** A request that is right in everything but what `extra` adds. */
export const whole = (extra = ''): string => head(`Content-Length: ${TEXT.length}${extra}`) + TEXT;
