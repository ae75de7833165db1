/** Maintenance over HTTP: what people may say, and what is refused before anything is held back. */
import type { MaintenanceWindow } from '../../../../domain/kernel/maintenance.ts';
import type { MaintenanceCommands } from '../../../../webhook-server/ingest/maintenance/windows.ts';
import { bearer, startTestHttpServer, HTTP_TEST_YAML, type TestHttpServer } from '../../support/test-http-server.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 21, 12);

/** Windows in memory, and what was done to them. */
function fakeWindows() {
  const windows = new Map<string, MaintenanceWindow>();
  const done: string[] = [];
  const declared: MaintenanceCommands = {
    all: () => [...windows.values()],
    async declare(window) {
      windows.set(window.id, window);
      return window;
    },
    async end(id, by) {
      done.push(`end by ${by}`);
      return windows.delete(id);
    },
    async move(id, { by, until }) {
      done.push(`move to ${new Date(until).toISOString()} by ${by}`);
      return windows.has(id);
    },
  };
  return { windows, done, declared };
}

const fake = fakeWindows();
let edge: TestHttpServer;
beforeAll(async () => {
  const yaml = `${HTTP_TEST_YAML}
timeZone: Europe/Berlin
maintenance:
  - { name: backups, match: { alertname: "Disk*" }, every: "sun 02:00-04:00" }
  - { name: over, match: { service: payments }, from: "2020-01-01 00:00", until: "2020-01-02 00:00" }
  - { name: soon, match: { service: payments }, from: "2026-11-21 22:00", until: "2026-11-21 23:00" }
`;
  const maintenance = { declared: fake.declared };
  edge = await startTestHttpServer({ yaml, maintenance, now: () => NOW });
});
afterAll(() => edge.close());

const post = async (path: string, body: unknown, headers = {}) => {
  const answer = await fetch(`${edge.url}/api/v1/maintenance${path}`, {
    method: 'POST',
    headers: { ...bearer(edge.tokens.responder), 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const START = { match: { service: 'payments' }, for: '2h', reason: 'disk swap' };
const badly = async (body: unknown, path = '') => {
  const answer = await post(path, body);
  return [answer.status, ...(answer.body['problems'] as { at: string }[]).map(({ at }) => at)];
};

test('[ALERT-16] a responder starts, extends and ends a window; the list shows it beside those of the configuration', async () => {
  const started = await post('', START);
  expect(started).toMatchObject({
    status: 201,
    body: { name: 'disk swap', match: START.match, until: new Date(NOW + 2 * HOUR).toISOString(), active: true },
  });
  const id = String(started.body['id']);
  expect(id).toMatch(/^maintenance-[0-9A-Z]{26}$/);
  const list = await fetch(`${edge.url}/api/v1/maintenance`, { headers: bearer(edge.tokens.viewer) });
  expect(await list.json()).toEqual({
    maintenance: [
      expect.objectContaining({ id, active: true }),
      { id: null, name: 'backups', match: { alertname: 'Disk*' }, by: null, from: null, until: null, active: false },
      expect.objectContaining({ name: 'soon', from: '2026-11-21T21:00:00.000Z', active: false }),
    ],
  });
  expect(await post(`/${id}/extend`, { until: '2026-11-21 20:00' })).toMatchObject({
    status: 200,
    body: { id, until: '2026-11-21T19:00:00.000Z' },
  });
  expect(await post(`/${id}/end`, {})).toMatchObject({ status: 200, body: { id, ended: true } });
  expect(fake.done.map((line) => line.replace(/ by .*/, ''))).toEqual(['move to 2026-11-21T19:00:00.000Z', 'end']);
});

test('[ALERT-16] the same request again is the same window', async () => {
  const again = { 'idempotency-key': 'my-own-key' };
  const [first, second] = [await post('', START, again), await post('', START, again)];
  expect(second.body['id']).toBe(first.body['id']);
  expect(first.body['id']).toMatch(/^maintenance-\w+$/);
});

test('[ALERT-16] a window without an end, without a label or with an end that is past is refused', async () => {
  expect(await badly({ ...START, for: undefined })).toEqual([400, 'until']);
  expect(await badly({ ...START, until: '2026-11-22T00:00:00Z' })).toEqual([400, 'until']);
  expect(await badly({ ...START, match: {} })).toEqual([400, 'match']);
  expect(await badly({ ...START, reason: ' ' })).toEqual([400, 'reason']);
  expect(await badly({ ...START, for: '31d' })).toEqual([400, 'for']);
  expect(await badly({ ...START, for: undefined, until: '2026-11-21 12:59' })).toEqual([400, 'until']);
  expect(await badly({ ...START, for: undefined, until: '2027-11-21 12:59' })).toEqual([400, 'until']);
  expect(await badly({ ...START, for: undefined, until: 'tonight' })).toEqual([400, 'until']);
  const leaptOver = await post('', { ...START, for: undefined, until: '2027-03-28 02:30' });
  expect(leaptOver.body['problems']).toMatchObject([
    { at: 'until', message: expect.stringContaining('02:30 does not exist on that day in Europe/Berlin') as unknown },
  ]);
});

test('[ALERT-16] no other workflow can be ended by the id of a window', async () => {
  const before = fake.done.length;
  for (const id of ['inc-platform-1', 'maintenance-', 'maintenance-a%2Fb', 'post-incident-1']) {
    expect((await post(`/${id}/end`, {})).status).toBe(404);
    expect((await post(`/${id}/extend`, { for: '1h' })).status).toBe(404);
  }
  expect(fake.done).toHaveLength(before);
  expect((await post('/maintenance-unknown/end', {})).status).toBe(404);
});
