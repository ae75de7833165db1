/** The server's check of itself over its own socket: what is said outside when the way is whole, and when it is not. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import type { Page } from '../../../activities/ports.ts';
import { webhookContact } from '../../../providers/webhook/webhook.ts';
import {
  createSelfCheck,
  dialable,
  type SelfCheck,
  type SelfCheckSettings,
} from '../../../webhook-server/health/self-check.ts';
import { failUrl } from '../../../providers/shared/http.ts';
import { startFakeApi, type FakeApi } from '../../support/fake-api.ts';
import { until } from '../../support/until.ts';
import { inMemoryTemporal } from '../ingest/heartbeats/in-memory-temporal.ts';
import { startTestHttpServer, type TestHttpServer } from '../support/test-http-server.ts';
import { silentLog } from '../support/routed-alerts.ts';

interface Checked {
  readonly edge: TestHttpServer;
  readonly check: SelfCheck;
  readonly temporal: ReturnType<typeof inMemoryTemporal>;
  readonly outside: FakeApi;
  readonly log: ReturnType<typeof silentLog>;
  readonly registry: Registry;
  /** As a reload does it. */
  readonly want: (selfCheck: NonNullable<Wanted['selfCheck']> | null) => void;
  /** Pings of the monitor outside, in order: `ok`, `fail`. */
  readonly pings: () => string[];
  /** So many pages are answered 500 from now on. */
  readonly refusePages: (count: number) => void;
  /** What the last resort got, refused or not, in order. */
  readonly pages: () => Page[];
}

let close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close) await one();
  close = [];
});

interface Wanted extends Partial<Pick<SelfCheckSettings, 'now'>> {
  readonly selfCheck?: ReturnType<SelfCheckSettings['config']>['selfCheck'];
  readonly contacts?: ReturnType<SelfCheckSettings['contacts']>;
}

async function checked(over: Wanted = {}): Promise<Checked> {
  let refused = 0;
  const outside = await startFakeApi(({ method, path }) => {
    if (method === 'GET' && path === '/ping/x') return { status: 200 };
    if (method === 'POST' && path === '/ping/x/fail') return { status: 200 };
    if (method === 'POST' && path === '/eve') return { status: (refused -= 1) < 0 ? 200 : 500 };
    return null;
  });
  const wanted: { selfCheck: NonNullable<Wanted['selfCheck']> | null; contacts: NonNullable<Wanted['contacts']> } = {
    selfCheck: { pingUrl: `${outside.url}/ping/x?k=1`, everyMs: 100 },
    contacts: [webhookContact(`${outside.url}/eve`, 'webhook')],
    ...over,
  };
  const temporal = inMemoryTemporal();
  const [log, registry] = [silentLog(), new Registry()];
  const check = createSelfCheck({
    ...{ client: temporal.client, circuitBreaker: temporal.circuitBreaker, log, registry },
    ...{ home: '/tmp/somewhere', withinMs: 300 },
    ...(over.now ? { now: over.now } : {}),
    config: () => ({ publicUrl: 'http://tocsin.example', selfCheck: wanted.selfCheck }),
    contacts: () => wanted.contacts,
  });
  const edge = await startTestHttpServer({ selfCheck: check.endpoint, registry });
  close.push(async () => {
    check.close();
    await edge.close();
    await outside.close();
    expect(outside.unexpected).toEqual([]);
  });
  return {
    ...{ edge, check, temporal, outside, log, registry },
    want: (selfCheck) => {
      wanted.selfCheck = selfCheck;
      check.configChanged();
    },
    refusePages: (count) => void (refused = count),
    pings: () =>
      outside.requests.flatMap(({ path }) => (path === '/ping/x' ? ['ok'] : path === '/eve' ? [] : ['fail'])),
    pages: () => outside.requests.filter(({ path }) => path === '/eve').map(({ body }) => body as Page),
  };
}

const stateOf = async ({ edge }: Checked): Promise<unknown> =>
  ((await (await fetch(`${edge.url}/readyz`)).json()) as { selfCheck: unknown }).selfCheck;

test('[SELF-1] the whole way works: the outside hears it, and metrics and /readyz tell', async () => {
  const run = await checked();
  expect(await stateOf(run)).toBe('unknown');
  run.check.start(run.edge.url);
  await until(async () => run.pings().length >= 2, 5_000);
  expect(run.temporal.sent.slice(0, 2)).toMatchObject([
    { workflow: 'selfCheckWorkflow', workflowId: expect.stringMatching(/^self-check-\w+$/), signal: 'syntheticAlert' },
    { signal: 'acknowledgeCheck' },
  ]);
  const [begun, acknowledged, next] = run.temporal.sent;
  expect(acknowledged?.payload['check']).toBe(begun?.payload['check']);
  expect(next?.payload['check']).not.toBe(begun?.payload['check']);
  expect(await stateOf(run)).toBe('ok');
  expect(run.outside.requests[0]).toMatchObject({ method: 'GET', path: '/ping/x' });
  expect(run.outside.requests[0]?.query.get('k')).toBe('1');
  expect([run.pings().includes('fail'), run.pages(), run.log.lines]).toEqual([false, [], []]);
  const metrics = await (await fetch(`${run.edge.url}/metrics`)).text();
  expect(metrics).toMatch(/^tocsin_self_check_ok 1$/m);
  expect(Number(/^tocsin_self_check_last_success_timestamp_seconds (\S+)$/m.exec(metrics)?.[1])).toBeCloseTo(
    Date.now() / 1000,
    -2,
  );
  expect(metrics).toMatch(/^tocsin_self_check_seconds_count [1-9]/m);
});

test('[SELF-2] the way is broken: /fail outside, one page past Temporal however long it lasts, a notice when it is over', async () => {
  const run = await checked();
  run.temporal.goAway();
  run.check.start(run.edge.url);
  await until(async () => run.pings().length >= 3, 10_000);
  expect(new Set(run.pings())).toEqual(new Set(['fail']));
  expect(await stateOf(run)).toBe('failing');
  expect(run.pages()).toMatchObject([
    {
      ...{ kind: 'page', reason: 'self-check', to: 'last resort' },
      text: 'SEV1 Tocsin cannot page: an alert was not taken',
      incident: { severity: 'SEV1', url: 'http://tocsin.example/readyz' },
    },
  ]);
  expect(run.log.lines.some((line) => line.startsWith('error') && line.includes('an alert was not taken'))).toBe(true);
  run.temporal.comeBack();
  await until(async () => run.pings().at(-1) === 'ok' && run.pages().length > 1, 10_000);
  expect(run.pages().slice(1)).toMatchObject([{ kind: 'notification', text: 'Tocsin can page again' }]);
  expect(await stateOf(run)).toBe('ok');
  expect(new Set(run.pages().map(({ key }) => key)).size).toBe(2);
});

test('[SELF-2] who is not reached is paged again, and again every hour', async () => {
  let now = Date.now();
  const run = await checked({ now: () => now });
  run.temporal.goAway();
  const tryOnce = async (): Promise<void> => {
    const before = run.pings().length;
    await until(async () => run.pings().length > before + 1, 10_000);
  };
  run.refusePages(1);
  run.check.start(run.edge.url);
  await tryOnce();
  const first = run.pages().length;
  expect(first).toBe(2);
  await tryOnce();
  expect(run.pages()).toHaveLength(first);
  now += 3_600_000;
  await tryOnce();
  expect(run.pages()).toHaveLength(first + 1);
});

test('[SELF-2] a page that cannot leave is a broken way, though the alert was taken', async () => {
  const run = await checked();
  const { workflow } = run.temporal.client as unknown as { workflow: { getHandle: (id: string) => object } };
  workflow.getHandle = () => ({ executeUpdate: () => Promise.reject(new Error('no worker')) });
  run.check.start(run.edge.url);
  await until(async () => run.pages().length > 0, 10_000);
  expect(run.pages()[0]?.text).toContain('the page of an alert did not leave, or could not be acknowledged');
});

test('[SELF-3] a monitor outside that hangs holds up no check, and no page', async () => {
  const hanging = createServer(() => undefined);
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  const pingUrl = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/ping`;
  const run = await checked({ selfCheck: { pingUrl, everyMs: 50 } });
  run.check.start(run.edge.url);
  await until(async () => run.temporal.sent.length > 10, 5_000);
  run.temporal.goAway();
  await until(async () => run.pages().length === 1, 5_000);
  run.temporal.comeBack();
  await until(async () => run.pages().length === 2, 5_000);
  hanging.closeAllConnections();
  hanging.close();
});

test('[SELF-3] lastResort: off asks nothing; without a monitor and contacts the check still runs inside', async () => {
  const off = await checked({ selfCheck: null });
  off.check.start(off.edge.url);
  const inside = await checked({ selfCheck: { pingUrl: null, everyMs: 50 }, contacts: [] });
  inside.check.start(inside.edge.url);
  await until(async () => inside.temporal.sent.length > 4, 5_000);
  expect([off.temporal.sent, off.outside.requests, inside.outside.requests]).toEqual([[], [], []]);
  expect([await stateOf(off), await stateOf(inside)]).toEqual(['off', 'ok']);
  inside.temporal.goAway();
  await until(async () => (await stateOf(inside)) === 'failing', 5_000);
});

test('[CMD-11] [SELF-3] a reload switches it off, on again, and makes it more frequent, one check at a time', async () => {
  const run = await checked({ selfCheck: null });
  run.check.start(run.edge.url);
  const pingUrl = `${run.outside.url}/ping/x`;
  run.want({ pingUrl, everyMs: 3_600_000 });
  expect(await stateOf(run)).toBe('unknown');
  run.want({ pingUrl, everyMs: 50 });
  await until(async () => run.pings().length >= 3, 5_000);
  expect(await stateOf(run)).toBe('ok');
  run.temporal.goAway();
  await until(async () => run.pages().length === 1, 5_000);
  run.want(null);
  expect(await stateOf(run)).toBe('off');
  await new Promise((resolve) => setTimeout(resolve, 400));
  const before = run.outside.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([run.outside.requests.length, await stateOf(run)]).toEqual([before, 'off']);
  run.temporal.comeBack();
  run.want({ pingUrl, everyMs: 50 });
  // Whoever was told that nobody is paged hears that it is over.
  await until(async () => run.pages().length === 2 && run.pings().at(-1) === 'ok', 5_000);
  expect(run.pages().map(({ kind }) => kind)).toEqual(['page', 'notification']);
});

test('nobody but the process itself begins or ends a check', async () => {
  const { edge, temporal } = await checked();
  for (const path of ['/webhooks/self-check', '/webhooks/self-check/acknowledge']) {
    for (const token of ['am-secret-token', edge.tokens.admin, 'undefined', '']) {
      const answer = await edge.post(path, { check: '0'.repeat(26) }, { authorization: `Bearer ${token}` });
      expect(answer.status).toBe(401);
    }
  }
  expect(temporal.sent).toEqual([]);
});

test('addresses', () => {
  expect(failUrl('https://hc.example/ping/uuid/?a=b')).toBe('https://hc.example/ping/uuid/fail?a=b');
  expect(failUrl('https://hc.example')).toBe('https://hc.example/fail');
  expect(dialable('http://0.0.0.0:8080')).toBe('http://127.0.0.1:8080');
  expect(dialable('http://[::]:8080')).toBe('http://[::1]:8080');
  expect(dialable('http://10.0.0.1:8080')).toBe('http://10.0.0.1:8080');
});
