/**
 * Intake under load, on one process as shipped: repeats of open groups, messages of ten thousand alerts, a Temporal
 * that hangs, a storm with the settings as shipped, and the spool's appends; a no-op server's times beside them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config/load.ts';
import { openSpool } from '../webhook-server/delivery/spool/spool.ts';
import type { RoutedAlerts } from '../webhook-server/incidents/gateway.ts';
import { readBody } from '../webhook-server/ingest/parsing/parsing.ts';
import { type BenchRequest, createClient, forSeconds, generateLoad, type LoadResult } from './client.ts';
import { describeNamed, describeSpool, describeSteady } from './intake-table.ts';
import { measureStorm, type Target, warmUp } from './load.ts';
import type { Options } from './options.ts';
import { alertmanagerWebhook, benchLabels, type Peer, startPeer, untilSettled } from './peer.ts';
import { tocsin } from './peers.ts';
import { withPeerPaths } from './rounds.ts';
import type { Sink } from './stand-ins.ts';
import { round, summarize, type Summary } from './stats.ts';

export interface LargeResult {
  readonly what: string;
  readonly megabytes: number;
  readonly status: number;
  /** The message's own answer, ms. */
  readonly ackMs: number;
  /** What the server says of its event loop while the message was taken and for three seconds after, ms. */
  readonly loopMs: number;
  /** `GET /healthz` without a pause meanwhile. */
  readonly health: Summary;
  /** Small messages meanwhile. */
  readonly webhook: Summary;
}

export interface IntakeResult {
  readonly round: number;
  readonly repeats: LoadResult;
  readonly noop: LoadResult;
  readonly large: readonly LargeResult[];
  readonly frozen: LoadResult;
  readonly storm: NamedStorm;
  readonly spool: SpoolResult;
}

const GROUPS = 100;
const ALERTS = 10_000;
const SETTLE_MS = 3000;

/** Tells each part as soon as it is there. */
export async function runIntake(options: Options, say: (line: string) => void): Promise<IntakeResult[]> {
  const results: IntakeResult[] = [];
  for (let n = 1; n <= options.rounds; n += 1) {
    const tell = (text: string): void => say(`round ${n}  intake       ${text}`);
    const spool = await measureSpool();
    tell(describeSpool(spool));
    const steady = await measureSteady(tocsin(options), options);
    tell(describeSteady(steady));
    const storm = await measureNamed(tocsin({ ...options, storms: true }), options);
    tell(describeNamed(storm));
    results.push({ round: n, spool, ...steady, storm });
  }
  return results;
}

function measureSteady(
  peer: Peer,
  options: Options,
): Promise<Pick<IntakeResult, 'repeats' | 'noop' | 'large' | 'frozen'>> {
  return withPeerPaths(peer, async (place, sink) => {
    const running = await startPeer(peer, place);
    try {
      const target: Target = { port: place.port, sink, request: (alert) => peer.request(alert) };
      await untilSettled(peer, place);
      await warmUp(target, options.warm);
      await measureStorm(target, { prefix: 'kopen', n: GROUPS, connections: 8 });
      const request = repeatsOf(peer, 'kopen', GROUPS);
      const { connections, ingestSeconds } = options;
      const repeats = await generateLoad(
        { port: place.port, connections, request },
        { over: forSeconds(ingestSeconds) },
      );
      const noop = await withNoop((port) => generateLoad({ port, connections, request }, { over: forSeconds(5) }));
      const large: LargeResult[] = [];
      for (const sites of [0, GROUPS]) {
        large.push(await measureLarge(peer, place.port, { sites, request }));
        await sleep(SETTLE_MS);
      }
      const thaw = running.freezeTemporal();
      const distinct = (n: number): BenchRequest => peer.request(`kfrozen-${n}`);
      const load = { port: place.port, connections, request: distinct };
      const frozen = await generateLoad(load, { over: forSeconds(15), count: FROZEN }).finally(thaw);
      return { repeats, noop, large, frozen };
    } finally {
      await running.stop();
    }
  });
}

/** They become incidents afterwards, which the peer's end would otherwise wait for. */
const FROZEN = 640;

async function measureLarge(
  peer: Peer,
  port: number,
  { sites, request }: { readonly sites: number; readonly request: (n: number) => BenchRequest },
): Promise<LargeResult> {
  const message = largeMessage(peer, `klarge${sites}`, { alerts: ALERTS, sites });
  await loopDelayMs(port); // begins anew
  let over = false;
  const ended = (): boolean => over;
  const health = generateLoad({ port, connections: 1, request: () => ({ path: '/healthz' }) }, { over: ended });
  const webhook = generateLoad({ port, connections: 4, gapMs: 20, request }, { over: ended });
  await sleep(500);
  const client = createClient(port, 1);
  const answer = await client.send(message);
  client.close();
  await sleep(SETTLE_MS);
  over = true;
  return {
    what: sites === 0 ? 'one group' : `${sites} groups`,
    megabytes: round((message.body as Buffer).length / 1e6),
    status: answer.status,
    ackMs: round(answer.answeredAt - answer.sentAt),
    health: (await health).ack,
    webhook: (await webhook).ack,
    loopMs: await loopDelayMs(port),
  };
}

/** Since it was last asked. */
async function loopDelayMs(port: number): Promise<number> {
  const client = createClient(port, 1);
  const { text } = await client.send({ path: '/metrics' });
  client.close();
  const seconds = /^tocsin_event_loop_delay_seconds\{of="max"\} (\S+)$/m.exec(text)?.[1];
  return round(Number(seconds ?? NaN) * 1000);
}

function measureNamed(peer: Peer, options: Options): Promise<NamedStorm> {
  return withPeerPaths(peer, async (place, sink) => {
    const running = await startPeer(peer, place);
    try {
      await untilSettled(peer, place);
      const request = mixedSeverities(peer, 'knamed');
      return await measureNamedStorm({ port: place.port, sink, request }, options);
    } finally {
      await running.stop();
    }
  });
}

async function withNoop<T>(use: (port: number) => Promise<T>): Promise<T> {
  const file = path.join(process.env['BENCH_BUILD'] ?? '', 'noop.js');
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return await use(Number(line.toString()));
  } finally {
    child.kill('SIGKILL');
  }
}

/** Repeats of `groups` open groups in turn: byte for byte what opened them, as a sender's repeats are. */
function repeatsOf(peer: Peer, prefix: string, groups: number): (n: number) => BenchRequest {
  const requests = Array.from({ length: groups }, (_, n) => sealed(peer.request(`${prefix}-${n}`)));
  return (n) => requests[n % groups] as BenchRequest;
}

/** Every alert a group of its own, of SEV2, SEV3 and SEV4 in turn. */
function mixedSeverities(peer: Peer, prefix: string): (n: number) => BenchRequest {
  return (n) => {
    const alert = `${prefix}-${n}`;
    const labels = { ...benchLabels(alert), severity: `SEV${2 + (n % 3)}` };
    return { ...peer.request(alert), body: alertmanagerWebhook(alert, labels) };
  };
}

/** One message of `alerts` alerts of about 1 kB. `sites` > 0: spread over as many incidents by the label `site`. */
function largeMessage(peer: Peer, name: string, { alerts, sites }: { alerts: number; sites: number }): BenchRequest {
  const startsAt = new Date().toISOString();
  const labels = { alertname: name, severity: 'critical', job: 'bench' };
  const all = Array.from({ length: alerts }, (_, n) => ({
    status: 'firing',
    labels: {
      ...labels,
      instance: `host-${n}.example.net:9100`,
      pod: `${name}-${n}-abcdef`,
      cluster: `c${n % 7}`,
      ...(sites > 0 ? { site: `${name}-${n % sites}` } : {}),
    },
    annotations: {
      summary: `bench ${name} on host ${n}`,
      description: `${n} `.padEnd(500, 'the disk is nearly full; '),
    },
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: `http://127.0.0.1/g?n=${n}`,
    fingerprint: n.toString(16).padStart(16, '0'),
  }));
  const message = { ...(alertmanagerWebhook(name) as object), commonLabels: labels, alerts: all };
  return sealed({ ...peer.request(name), body: message });
}

/** Turned into bytes beforehand: the sender's own work is not measured. */
function sealed(request: BenchRequest): BenchRequest {
  return { ...request, body: Buffer.from(JSON.stringify(request.body)) };
}

export interface SpoolResult {
  readonly perSecond: number;
  readonly append: Summary;
  readonly bytesEach: number;
}

const SECONDS = 5;
/** As many as connections of a storm. */
const AT_ONCE = 64;

async function measureSpool(): Promise<SpoolResult> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tocsin-bench-spool-'));
  const say = (): void => undefined;
  const spool = await openSpool({ directory, log: { info: say, warn: say, error: say } });
  const [routed] = routedAlerts();
  if (routed === undefined) throw new Error('the benchmark’s own alert is none');
  const times: number[] = [];
  const begun = performance.now();
  const writer = async (): Promise<void> => {
    while (performance.now() - begun < SECONDS * 1000) {
      const from = performance.now();
      await spool.append(routed);
      times.push(performance.now() - from);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, writer));
    const perSecond = round(times.length / ((performance.now() - begun) / 1000));
    return { perSecond, append: summarize(times), bytesEach: JSON.stringify(routed).length };
  } finally {
    await spool.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** What one alert of the benchmark becomes: policy, labels and all. */
function routedAlerts(): readonly RoutedAlerts[] {
  const env = { ALERTMANAGER_TOKEN: 'bench', SLACK_BOT_TOKEN: 'bench' };
  const config = loadConfig({ path: path.resolve('bench/tocsin.bench.yaml'), env });
  const bytes = Buffer.from(JSON.stringify(alertmanagerWebhook('kspool-1')));
  return readBody({ bytes, source: 'alertmanager', receivedAt: Date.now() }, config).routedAlerts;
}

export interface NamedStorm {
  readonly alerts: number;
  readonly sent: LoadResult;
  /** From the last POST to the last 2xx, s. */
  readonly durableAfter: number;
  /** From the last POST until pages had named every alert, s; what was never named counts as the whole wait. */
  readonly namedAfter: number;
  /** Alerts that no page named. */
  readonly lost: number;
  /** Pages, by idempotency key. */
  readonly pages: number;
}

const NAMED_WITHIN_MS = 120_000;

async function measureNamedStorm(
  {
    port,
    sink,
    request,
  }: { readonly port: number; readonly sink: Sink; readonly request: (n: number) => BenchRequest },
  { intakeStorm: alerts, connections }: Pick<Options, 'intakeStorm' | 'connections'>,
): Promise<NamedStorm> {
  let lastSent = 0;
  const noting = (n: number): BenchRequest => {
    lastSent = performance.now();
    return request(n);
  };
  const sent = await generateLoad({ port, connections, request: noting }, { over: () => false, count: alerts });
  const durableAt = performance.now();
  const all = Array.from({ length: alerts }, (_, n) => `knamed-${n}`);
  const missing = (): string[] => all.filter((alert) => !sink.firstPageAt.has(alert));
  while (performance.now() - lastSent < NAMED_WITHIN_MS && missing().length > 0) await sleep(500);
  const lost = missing().length;
  const lastNamed = lost > 0 ? performance.now() : Math.max(lastSent, ...sink.firstPageAt.values());
  return {
    alerts,
    sent,
    durableAfter: round((durableAt - lastSent) / 1000),
    namedAfter: round((lastNamed - lastSent) / 1000),
    lost,
    pages: sink.pages(),
  };
}
