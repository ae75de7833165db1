/**
 * Intake under load, on one process as shipped: repeats of open groups, messages of ten thousand alerts, a Temporal
 * that hangs, a storm with the settings as shipped, and the spool's appends; a no-op server's times beside them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type BenchRequest } from './client.ts';
import { forSeconds, generateLoad, type LoadResult } from './load-generator.ts';
import { describeNamed, describeSpool, describeSteady } from './intake-table.ts';
import { largeMessage, mixedSeverities, repeatsOf } from './intake-messages.ts';
import { measureStorm, warmUp, type Target } from './load.ts';
import type { Options } from './options.ts';
import type { Peer } from './peer.ts';
import { tocsin } from './peers/tocsin.ts';
import { startPeer, untilSettled } from './start-peer.ts';
import { withPeerPaths } from './rounds.ts';
import { measureSpool, type SpoolResult } from './spool.ts';
import { round, type Summary } from './stats.ts';
import { measureNamedStorm, type NamedStorm } from './storm.ts';

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
