/** One case of hostile input, and what must hold after every one of them. */
import { inspect } from 'node:util';
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { base, bearer, HTTP_TEST_SECRETS, type TestHttpServer } from '../support/test-http-server.ts';

export interface HostileCase {
  readonly id: string;
  readonly what: string;
  /** Alerts that are to get in by it; 0 unless said. */
  readonly incidents?: number;
  /** Sends it and judges the answer. */
  readonly act: (edge: TestHttpServer) => Promise<void>;
}

export const validCredentials = bearer(HTTP_TEST_SECRETS.AM_TOKEN);
export const ALERTMANAGER_ROUTE = '/webhooks/alertmanager';
export const VALID_BODY = JSON.stringify(base());

/** What senders reported; what Tocsin says of itself is left out. */
export const reportedBySenders = ({ reportedAlerts }: TestHttpServer): readonly RoutedAlerts[] =>
  reportedAlerts.filter(({ source }) => source !== 'tocsin');

/** Alive, ready, unpolluted, silent about secrets, and an honest alert still opens exactly one incident. */
export async function expectHealthy(edge: TestHttpServer): Promise<void> {
  edge.reportedAlerts.length = 0;
  const ready = await fetch(`${edge.url}/readyz`, { signal: AbortSignal.timeout(2000) });
  expect(ready.status).toBe(200);
  const answer = await edge.post(ALERTMANAGER_ROUTE, base(), validCredentials);
  expect([answer.status, reportedBySenders(edge).length]).toEqual([202, 1]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  const logged = inspect(edge.logged, { depth: 10, maxStringLength: null, maxArrayLength: null });
  for (const secret of [...Object.values(HTTP_TEST_SECRETS), ...Object.values(edge.tokens), 'link-secret'])
    expect(logged.includes(secret)).toBe(false);
  edge.reportedAlerts.length = 0;
  edge.logged.length = 0;
}

/** The status codes of all answers in what came back over a socket. */
export const statusCodes = (answer: string): readonly number[] =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));

/** A POST to Alertmanager's route, with `lines` beside the headers that make it right. */
export const requestHead = (lines: string, start = `POST ${ALERTMANAGER_ROUTE} HTTP/1.1`): string =>
  `${start}\r\nHost: a\r\nAuthorization: Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}\r\nContent-Type: application/json\r\n${lines}\r\n\r\n`;

/** A request that is right in everything but what `extra` adds. */
export const validRequest = (extra = ''): string =>
  requestHead(`Content-Length: ${VALID_BODY.length}${extra}`) + VALID_BODY;
