/**
 * Hostile input over real sockets, one row a case: the answer, that no alert got in by it, and that the server lives on
 * as if nothing had been sent.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '../../support/until.ts';
import { startTestHttpServer, type TestHttpServer } from '../support/test-http-server.ts';
import { BODIES } from './bodies.ts';
import { CASES_TESTED_ELSEWHERE, SERVER_CASES } from './case-catalogue.ts';
import { FRAMING } from './framing.ts';
import { TRUST_BOUNDARIES } from './trust-boundaries.ts';
import { reportedBySenders, expectHealthy, type HostileCase } from './hostile-case.ts';
import { CREDENTIALS } from './credentials.ts';

const ROWS: readonly HostileCase[] = [...FRAMING, ...BODIES, ...CREDENTIALS, ...TRUST_BOUNDARIES];
const GROWTH_LIMIT = 50 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function memory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let edge: TestHttpServer;
let before: number;
const unhandled: unknown[] = [];
const hear = (error: unknown): void => void unhandled.push(error);
beforeAll(async () => {
  process.on('uncaughtException', hear).on('unhandledRejection', hear);
  edge = await startTestHttpServer();
  await expectHealthy(edge);
  before = memory();
});
afterAll(async () => {
  await edge.close();
  process.off('uncaughtException', hear).off('unhandledRejection', hear);
});

test.each(ROWS.map((row) => [row.id, row.what, row] as const))('%s: %s', async (_id, _what, { act, incidents = 0 }) => {
  await act(edge);
  expect(reportedBySenders(edge).length).toBe(incidents);
  await expectHealthy(edge);
  expect(unhandled).toEqual([]);
});

test('all of it together took no memory for good', async () => {
  // Buffers are given back a little after the sweep that finds them unused.
  await until(async () => Promise.resolve(memory() - before < GROWTH_LIMIT), 10_000).catch(() => undefined);
  expect(memory() - before).toBeLessThan(GROWTH_LIMIT);
});

test('every case that concerns the edge is a row here, or says where it is proved', () => {
  const here = new Set(ROWS.map(({ id }) => id));
  const missing = SERVER_CASES.filter((id) => !here.has(id) && CASES_TESTED_ELSEWHERE[id] === undefined);
  const twice = Object.keys(CASES_TESTED_ELSEWHERE).filter((id) => here.has(id) || !SERVER_CASES.includes(id));
  expect([missing, twice]).toEqual([[], []]);
  expect([...here].filter((id) => !SERVER_CASES.includes(id))).toEqual([]);
});
