/** `tocsin explain`, against the real server: of a message, and of an incident. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pagingAccount } from '../../domain/engine/explain.ts';
import { toTimeline, toView } from '../../domain/engine/to-view.ts';
import { UnknownIncident } from '../../webhook-server/incidents/incident-queries.ts';
import { firingIncident } from '../support/pure-incident.ts';
import { base, startTestHttpServer, type TestHttpServer } from '../webhook-server/support/test-http-server.ts';
import { callCli, type CliResult } from './run-cli.ts';

const incident = { ...firingIncident({ title: 'Checkout \u001b[31mfails' }), reference: 'INC-2026-007' };
const isOurs = (id: string): boolean => id === incident.workflowId;
const unknown = (id: string): Promise<never> => Promise.reject(new UnknownIncident(id));

let edge: TestHttpServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-explain-'));
  edge = await startTestHttpServer({
    gateway: {
      show: (id) => (isOurs(id) ? Promise.resolve(toView(incident)) : unknown(id)),
      timeline: (id) => (isOurs(id) ? Promise.resolve(toTimeline(incident)) : unknown(id)),
      explain: (id) => (isOurs(id) ? Promise.resolve(pagingAccount(incident)) : unknown(id)),
    },
  });
});
afterAll(async () => {
  await edge.close();
  rmSync(folder, { recursive: true });
});

const explain = (...args: readonly string[]): Promise<CliResult> =>
  callCli(['explain', ...args], {
    cwd: folder,
    env: { TOCSIN_URL: edge.url, TOCSIN_TOKEN: edge.tokens.viewer },
  });

function file(text: string): string {
  writeFileSync(join(folder, 'payload.json'), text);
  return 'payload.json';
}

test('a message: route, severity, identity, and who would be paged when', async () => {
  const { code, out, err } = await explain('--source', 'alertmanager', file(JSON.stringify(base())));
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^alertmanager: 1 alert, 1 incident\. Nothing was opened, told or kept\./);
  expect(out).toContain('routes[3] (the default) → team platform');
  expect(out).toContain('not routes[0]: service should be "secrets", it has none');
  expect(out).toContain('SEV2: label severity="critical"');
  expect(out).toMatch(/inc-platform-[0-9a-f]{20}, made of team platform and the sender's own key of the group/);
  expect(out).toContain('opens an incident');
  expect(out).toMatch(/\+0:00 {2}level 1, on-call +Ana Ruiz \(ana\) by webhook/);
  expect(out).toMatch(/\+15:00 {2}level 2, escalation +Bo Lind \(bo\) by webhook/);
  expect(edge.reportedAlerts).toEqual([]);
});

test('an incident: who is next, and why nobody else is paged; nothing from outside drives the terminal', async () => {
  const { code, out } = await explain(incident.workflowId);
  expect(code).toBe(0);
  expect(out).toMatch(/^INC-2026-007 {2}SEV2 Checkout \\x1b\[31mfails: declared/);
  expect(out).toContain('source alertmanager');
  expect(out).toMatch(/policy +test, frozen at its declaration; today's is [0-9a-f]{16}/);
  expect(out).toMatch(/nobody else +nobody has acknowledged: onCall is next/);
  expect(out).not.toContain('\u001b');
});

test('for programs it is the JSON of the server', async () => {
  const message = await explain('--json', '--source', 'alertmanager', file(JSON.stringify(base())));
  expect(JSON.parse(message.out)).toMatchObject({ source: 'alertmanager', alertCount: 1, incidentCount: 1 });
  expect(JSON.parse((await explain('--json', incident.workflowId)).out)).toMatchObject({ paging: { state: 'due' } });
});

test('what cannot be explained says why, by its exit code too', async () => {
  expect((await explain('--source', 'nagios', file(JSON.stringify(base())))).code).toBe(2);
  expect(await explain('--source', 'alertmanager', file('{"alerts": 7}'))).toMatchObject({ code: 64 });
  expect(await explain('--source', 'alertmanager', file('not JSON'))).toMatchObject({
    code: 64,
    err: expect.stringContaining('is not a JSON message'),
  });
  expect(await explain('--source', 'alertmanager', 'missing.json')).toMatchObject({
    code: 64,
    err: expect.stringContaining('ENOENT'),
  });
  expect((await explain('inc-platform-00000000000000000000')).code).toBe(2);
  expect((await explain()).code).toBe(64);
});
