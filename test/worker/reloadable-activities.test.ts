/** Activities through a reload: real contacts over real sockets, called as Temporal calls them. */
import { ALL_SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import type { PageActivityResult, PageActivityInput } from '../../activities/types.ts';
import { openConfigSource, type ConfigSource } from '../../config/config-source.ts';
import { loadConfig } from '../../config/load.ts';
import { reloadableActivities, type ReloadableActivities } from '../../worker/reloadable-activities.ts';
import { unavailableRecords } from '../webhook-server/support/test-records.ts';
import { until } from '../support/until.ts';

const log = pino({ enabled: false });
let folder: string;
let source: ConfigSource;
let activities: ReloadableActivities;
/** Paths that were asked, in order; answered at once unless they are held. */
let asked: string[];
let held: Map<string, ServerResponse | null>;
const server = createServer((req, res) => {
  req.resume();
  const path = req.url ?? '';
  asked.push(path);
  if (held.has(path)) held.set(path, res);
  else res.end();
});

const yaml = (path: string): string => `
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${urlOf(path)}" }] }
teams:
  platform: { onCall: ana }
sources:
  alertmanager: { token: a-long-enough-token }
routes:
  - team: platform
`;
const urlOf = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  [asked, held] = [[], new Map()];
  folder = mkdtempSync(join(tmpdir(), 'tocsin-live-'));
  write(yaml('/old'));
  const load = () => loadConfig({ env: {}, cwd: folder });
  source = openConfigSource({ first: load(), load, log });
  const settings = {
    records: unavailableRecords(),
    secret: 'a secret',
    home: folder,
    log,
    searchAttributes: () => ({ searchable: true, searchAttributes: ALL_SEARCH_ATTRIBUTES }),
    pageMetrics: { tried: () => undefined },
  };
  activities = reloadableActivities({ source, ...settings });
});
afterEach(() => {
  activities.close();
  rmSync(folder, { recursive: true });
});
const write = (text: string): void => writeFileSync(join(folder, 'tocsin.yaml'), text);

let pages = 0;
function page(): Promise<PageActivityResult> {
  pages += 1;
  const incident = {
    ...{ reference: null, workflowId: 'inc-x', id: `E${pages}`, severity: 'SEV2', title: 'Down', summary: '' },
    ...{ phase: 'declared', team: 'platform', service: null, alerts: [], alertCount: 0 },
  };
  const order = {
    ...{ n: 1, cycle: 1, reason: 'level', method: 'all', dueAt: Date.now(), accepted: [], except: [] },
    targets: [{ level: 1, attempt: 1, names: ['onCall'] }],
  };
  const request = { incident, pageRequest: order, test: false } as unknown as PageActivityInput;
  return new MockActivityEnvironment().run((asked: PageActivityInput) => activities.pages.page(asked), request);
}

test('[CMD-11] the next page goes where the new file says', async () => {
  await page();
  write(yaml('/new'));
  expect(source.reload('x')).toMatchObject({ applied: true, changed: ['people'] });
  expect(await page()).toMatchObject({ deliveries: [{ to: 'ana', state: 'accepted' }] });
  expect(asked).toEqual(['/old', '/new']);
});

test('[CMD-11] a broken file changes nobody\u2019s number', async () => {
  write(yaml('/new').replace('onCall: ana', 'onCall: nobody'));
  expect(source.reload('x').applied).toBe(false);
  await page();
  expect(asked).toEqual(['/old']);
});

test('[CMD-11] a page under way is finished as it began', async () => {
  held.set('/old', null);
  const underWay = page();
  await until(async () => held.get('/old') != null, 5_000);
  write(yaml('/new'));
  source.reload('x');
  await page();
  held.get('/old')?.end();
  expect(await underWay).toMatchObject({ deliveries: [{ to: 'ana', state: 'accepted' }], mustRetry: false });
  expect(asked).toEqual(['/old', '/new']);
});

test('[CMD-11] today\u2019s policy is the new file\u2019s, for whoever moves an incident to it', async () => {
  const policy = () => activities.notifications.currentPolicy({ team: 'platform', service: null });
  const before = (await policy()).policy;
  write(`${yaml('/old')}severities: { SEV2: { acknowledgeWithin: 7m } }\n`);
  source.reload('x');
  const after = (await policy()).policy;
  expect(after?.severities.SEV2.acknowledgeWithinMs).toBe(420_000);
  expect(after?.digest).not.toBe(before?.digest);
});
