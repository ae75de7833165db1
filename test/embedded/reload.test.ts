/** `tocsin up` takes a new file at SIGHUP and by command, in the middle of an incident. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../../runtime/process-identity.ts';
import { readServerRecord } from '../../embedded/server-process.ts';
import { callCli } from '../cli/run-cli.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, type RunningProcess } from '../support/tocsin-processes.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { until } from '../support/until.ts';

let home: string;
let env: Record<string, string>;
let url: string;
let running: RunningProcess | null = null;
let sinks: readonly [PageSink, PageSink];

const yaml = (sink: PageSink, acknowledgeWithin: string): string => `
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink.url}/ana" }] }
teams:
  platform: { onCall: ana }
sources:
  alertmanager: { token: a-long-enough-token }
routes:
  - team: platform
severities:
  SEV2: { acknowledgeWithin: ${acknowledgeWithin} }
lastResort: off
`;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-reload-'));
  sinks = [await startPageSink(['ana']), await startPageSink(['ana'])];
  const [port = 0] = await choosePorts(1);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, yaml(sinks[0], '1h'));
  env = {
    ...{ PORT: String(port), TOCSIN_TEMPORAL_PORT: '0', TOCSIN_TEMPORAL_UI_PORT: '0', TOCSIN_HOME: home },
    ...{ TOCSIN_CONFIG: config, TOCSIN_ADMIN_TOKEN: '', TOCSIN_SECRET: '', TEMPORAL_ADDRESS: '', TOCSIN_URL: url },
  };
  running = await startTocsin({ args: ['up', '--verbose'], env, ready: () => isOk(`${url}/readyz`) });
}, 120_000);
afterAll(async () => {
  await running?.kill();
  const left = readServerRecord(home);
  if (left !== null && identify(left.pid)?.startedAt === left.startedAt) process.kill(left.pid, 'SIGKILL');
  for (const sink of sinks) {
    expect(sink.unexpected).toEqual([]);
    await sink.close();
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}, 60_000);

interface Shown {
  readonly workflowId: string;
  readonly declaredAt: string;
  readonly deadlines: readonly { readonly kind: string; readonly at: string }[];
}

async function api(path: string, body?: object): Promise<Shown> {
  const token = readFileSync(join(home, 'admin-token'), 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return (await (await fetch(`${url}/api/v1/incidents${path}`, { headers, ...request })).json()) as Shown;
}

/** Minutes from the declaration to the first escalation, as the incident itself has it. */
async function escalatesAfter(workflowId: string): Promise<number> {
  const { declaredAt, deadlines } = await api(`/${workflowId}`);
  const escalation = deadlines.find(({ kind }) => kind === 'escalation');
  return Math.round((Date.parse(escalation?.at ?? '') - Date.parse(declaredAt)) / 60_000);
}

const declare = (title: string): Promise<Shown> => api('', { title, severity: 'SEV2' });
const said = (words: string): number => (running?.output() ?? '').split(words).length - 1;
async function hangUp(words: string): Promise<void> {
  const before = said(words);
  process.kill(running?.pid ?? 0, 'SIGHUP');
  await until(async () => said(words) > before, 10_000);
}

test('[CMD-11] the incident that runs keeps its policy; the next one has the new, and is paged at the new address', async () => {
  const running = await declare('before');
  await sinks[0].waitFor('page of the first', () => true, 20_000);
  const before = await escalatesAfter(running.workflowId);
  writeFileSync(env['TOCSIN_CONFIG'] ?? '', yaml(sinks[1], '2h'));
  await hangUp('new configuration applied');
  const next = await declare('after');
  await sinks[1].waitFor('page of the second', ({ page }) => page.incident.title === 'after', 20_000);
  expect([before, await escalatesAfter(running.workflowId), await escalatesAfter(next.workflowId)]).toEqual([
    60, 60, 120,
  ]);
}, 90_000);

test('[CMD-11] a broken file is refused at SIGHUP and by command, with 78, and everything goes on', async () => {
  writeFileSync(env['TOCSIN_CONFIG'] ?? '', 'peple: {}\n');
  await hangUp('new configuration refused; keeping the last good one');
  const refused = await callCli(['config', 'reload'], { env });
  expect(refused.code).toBe(78);
  expect(refused.err).toContain(`${env['TOCSIN_CONFIG']}:1: peple`);
  writeFileSync(env['TOCSIN_CONFIG'] ?? '', yaml(sinks[1], '2h'));
  const taken = await callCli(['config', 'reload'], { env });
  expect([taken.code, taken.out]).toEqual([0, expect.stringMatching(/nothing changed/)]);
}, 90_000);
