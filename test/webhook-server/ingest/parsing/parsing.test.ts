/** Large messages through the thread, as it is compiled for running, beside the same messages read on the spot. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import fc from 'fast-check';
import type { Config } from '../../../../config/config.ts';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { HttpProblem } from '../../../../webhook-server/http/problem.ts';
import { LARGE_BODY_BYTES, Parsing, type ReceivedBody } from '../../../../webhook-server/ingest/parsing/parsing.ts';
import { configFromYaml } from '../../support/test-http-server.ts';
import { silentLog } from '../../support/routed-alerts.ts';

const home = mkdtempSync(join(import.meta.dirname, '../../../../node_modules/.cache-parsing-'));
const file = join(home, 'parse-thread.mjs');
const config = configFromYaml();
const log = silentLog();
let thread: Parsing;
const spot = new Parsing({ log, threadFile: null });

beforeAll(async () => {
  const entry = join(import.meta.dirname, '../../../../webhook-server/ingest/parsing/parse-thread.ts');
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  thread = new Parsing({ log, threadFile: file, largeBodyBytes: 0 });
});
afterAll(async () => {
  await thread.close();
  rmSync(home, { recursive: true, force: true });
});

const sent = (body: unknown): ReceivedBody => ({
  bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  source: 'alertmanager',
  receivedAt: 1_767_600_000_000,
});

async function read(parsing: Parsing, message: ReceivedBody, by: Config = config): Promise<readonly RoutedAlerts[][]> {
  const pieces: RoutedAlerts[][] = [];
  for await (const piece of parsing.parse(message, by)) pieces.push([...piece]);
  return pieces;
}

/** Each message mints its own incidents; what counts is which pieces share one. */
function withoutUlids(pieces: readonly RoutedAlerts[][]): unknown {
  const names = new Map<string, string>();
  return pieces.map((piece) =>
    piece.map(({ declaration, ...rest }) => {
      names.set(declaration.incidentId, names.get(declaration.incidentId) ?? `incident ${names.size}`);
      return { ...rest, opening: { ...declaration, incidentId: names.get(declaration.incidentId) } };
    }),
  );
}

const label = fc.constantFrom(
  'alertname',
  'severity',
  'service',
  'team',
  'site',
  'instance',
  '__proto__',
  'constructor',
);
const value = fc.oneof(
  fc.constantFrom('critical', 'none', 'data', 'payments', 'berlin', 'SEV1', 'Zürich 🚨'),
  fc.string(),
);
const sentAlert = fc.record(
  {
    status: fc.constantFrom('firing', 'resolved', 'odd'),
    labels: fc.dictionary(label, value),
    annotations: fc.dictionary(fc.constantFrom('summary', 'description', 'runbook_url'), value),
    startsAt: fc.constantFrom('2026-01-05T08:00:00Z', '2026-01-05T08:30:00.123+01:00', 'yesterday'),
    fingerprint: fc.stringMatching(/^[0-9a-f]{4}$/),
  },
  { requiredKeys: ['labels'] },
);
const message = fc.record({
  groupKey: fc.constantFrom('{}:{a="b"}', '', null),
  status: fc.constantFrom('firing', 'resolved'),
  truncatedAlerts: fc.nat(5),
  alerts: fc.array(sentAlert, { maxLength: 20 }),
});

test('the thread finds the same routed alerts as a reading on the spot, whatever was sent', async () => {
  await fc.assert(
    fc.asyncProperty(message, fc.integer({ min: 1, max: 60 }), async (body, times) => {
      const many = { ...body, alerts: Array.from({ length: times }, () => body.alerts).flat() };
      const [there, here] = [await read(thread, sent(many)), await read(spot, sent(many))];
      expect(withoutUlids(there)).toEqual(withoutUlids(here));
    }),
    { numRuns: 60 },
  );
});

test('what cannot be read is refused in the same words', async () => {
  const deep = '['.repeat(40);
  for (const body of ['', '{', deep, 'no UTF-8', '[]', '{"alerts": 5}', '{"alerts": [5]}', 'null']) {
    const bytes = body === 'no UTF-8' ? Buffer.from([0x22, 0xff, 0x22]) : Buffer.from(body);
    const why = async (parsing: Parsing): Promise<unknown> => {
      const error = await read(parsing, { ...sent(''), bytes }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(HttpProblem);
      const { status, message: detail, extras } = error as HttpProblem;
      return { status, detail, reason: extras.reason, problems: extras.problems };
    };
    expect(await why(thread)).toEqual(await why(spot));
  }
});

const alerts = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    status: n % 2 ? 'firing' : 'resolved',
    labels: { alertname: 'Down', instance: `host-${n}`, severity: 'critical' },
    startsAt: '2026-01-05T08:00:00Z',
    fingerprint: n.toString(16).padStart(16, '0'),
  }));

test('ten thousand alerts come in small pieces of one incident, what fires first', async () => {
  const pieces = await read(thread, sent({ groupKey: 'g', alerts: alerts(10_000) }));
  const routedAlerts = pieces.flat();
  expect(pieces.length).toBeGreaterThanOrEqual(40);
  expect(Math.max(...routedAlerts.map((routed) => routed.alerts.length))).toBeLessThanOrEqual(250);
  expect(new Set(routedAlerts.map(({ declaration }) => declaration.incidentId)).size).toBe(1);
  expect(new Set(routedAlerts.flatMap((routed) => routed.alerts.map(({ fingerprint }) => fingerprint))).size).toBe(
    10_000,
  );
  const states = routedAlerts.flatMap((routed) => routed.alerts.map(({ status }) => status));
  expect(states.lastIndexOf('firing')).toBeLessThan(states.indexOf('resolved'));
});

test('a new configuration holds from the next message on', async () => {
  const body = sent({ groupKey: 'g', alerts: alerts(1) });
  const moved: Config = {
    ...config,
    routes: [{ ...(config.routes.at(-1) as Config['routes'][number]), team: 'data' }],
  };
  const team = async (by: Config) => (await read(thread, body, by)).flat()[0]?.declaration.team;
  expect([await team(config), await team(moved), await team(config)]).toEqual(['platform', 'data', 'platform']);
});

test('small messages never wait for the thread', async () => {
  const parsing = new Parsing({ log, threadFile: '/nowhere/thread.mjs' });
  const body = sent({ groupKey: 'g', alerts: alerts(3) });
  expect(body.bytes.length).toBeLessThan(LARGE_BODY_BYTES);
  expect((await read(parsing, body)).flat()).toHaveLength(1);
  await parsing.close();
});

const broken = (script: string): Parsing => {
  const path = join(home, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(path, script);
  return new Parsing({ log: silentLog(), threadFile: path, largeBodyBytes: 0, withinMs: 1000 });
};
const refusal = (parsing: Parsing): Promise<number> =>
  read(parsing, sent('{}')).then(
    () => 200,
    (error: unknown) => (error instanceof HttpProblem ? error.status : -1),
  );

test.each([
  ['fails in a way nobody foresaw', `setImmediate(() => { throw new Error('out of memory, say'); }); await never;`],
  ['ends by itself', `process.exit(1);`],
])('a thread that %s costs that message a 503, and the next one gets a new thread', async (_, death) => {
  const marker = join(tmpdir(), `parsing-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const parsing = broken(`
    import { existsSync, writeFileSync } from 'node:fs';
    const never = new Promise(() => undefined);
    export default async () => {
      if (existsSync('${marker}')) return { dropped: [], beats: [] };
      writeFileSync('${marker}', '');
      ${death}
    };`);
  expect(await refusal(parsing)).toBe(503);
  expect(await refusal(parsing)).toBe(200);
  await parsing.close();
  rmSync(marker, { force: true });
});

test('a message that takes too long is refused in time, and those that wait behind it are, too', async () => {
  const parsing = broken(`export default () => { for (;;); };`);
  const begun = Date.now();
  const statuses = await Promise.all(Array.from({ length: 12 }, () => refusal(parsing)));
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(Date.now() - begun).toBeLessThan(4000);
  await parsing.close();
});

test('the thread is asked for each piece: a slow reader gets them one by one', async () => {
  const parsing = thread.parse(sent({ groupKey: 'g', alerts: alerts(1_000) }), config);
  const first = await parsing.next();
  await sleep(100);
  const sizes = [first.done ? 0 : first.value.flatMap((routed) => routed.alerts).length];
  for await (const piece of parsing) sizes.push(piece.flatMap((routed) => routed.alerts).length);
  expect(sizes).toEqual([250, 250, 250, 250]);
});

test('closing refuses what is being read, and what comes afterwards', async () => {
  const parsing = broken(`export default () => new Promise(() => undefined);`);
  const pending = refusal(parsing);
  await sleep(100);
  await parsing.close();
  expect([await pending, await refusal(parsing)]).toEqual([503, 503]);
});
