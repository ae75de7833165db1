/**
 * Interleaved rounds: in each, every peer runs once, alone, on fresh state, in an order that rotates, so that a slow
 * minute of the machine falls on all of them and no peer always goes first.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type IngestResult,
  type LatencyResult,
  measureIngest,
  measureLatency,
  measureStorm,
  type StormResult,
  type Target,
  warmUp,
} from './load.ts';
import type { Options } from './options.ts';
import { freePorts, type Peer, type PeerPaths, type Running, startPeer, untilSettled, type Victims } from './peer.ts';
import type { Cpu } from './process-stats.ts';
import { type Sink, startSink, type BenchSlack, startSlack } from './stand-ins.ts';
import { round as rounded } from './stats.ts';

/** Processor time per alert, ms. */
export interface CpuPerAlert {
  readonly own: number;
  readonly temporal: number;
}

/** One peer in one round. Absent: not asked for by `--mode`. */
export interface Measured {
  readonly peer: string;
  readonly round: number;
  readonly readyMs: number;
  readonly latency?: LatencyResult;
  readonly latencyCpu?: CpuPerAlert;
  readonly storm?: StormResult;
  readonly stormCpu?: CpuPerAlert;
  readonly ingest?: IngestResult;
}

/** Reports each result as soon as it is there. A peer that fails ends the run: half a comparison is none. */
export async function runRounds(
  peers: readonly Peer[],
  options: Options,
  report: (measured: Measured) => void,
): Promise<Measured[]> {
  const results: Measured[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const first = (round - 1) % peers.length;
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) {
      const measured = await measurePeer(peer, round, options);
      results.push(measured);
      report(measured);
    }
  }
  return results;
}

/** A fresh directory, free ports, a sink and a Slack for `use`; all gone afterwards. */
export async function withPeerPaths<T>(
  peer: Peer,
  use: (place: PeerPaths, sink: Sink, slack: BenchSlack) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(path.join(tmpdir(), `tocsin-bench-${peer.name}-`));
  const sink = await startSink(peer.readPage);
  const slack = await startSlack();
  const [port = 0, temporalPort = 0, temporalUiPort = 0] = await freePorts(3);
  try {
    const ports = { port, temporalPort, temporalUiPort, sinkPort: sink.port, slackPort: slack.port };
    return await use({ home, ...ports }, sink, slack);
  } finally {
    slack.close();
    sink.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function measurePeer(peer: Peer, round: number, options: Options): Promise<Measured> {
  return withPeerPaths(peer, async (place, sink) => {
    const running = await startPeer(peer, place);
    try {
      const target: Target = { port: place.port, sink, request: (alert) => peer.request(alert) };
      await untilSettled(peer, place);
      await warmUp(target, options.warm);
      return { peer: peer.name, round, readyMs: running.readyMs, ...(await measure(running, target, options)) };
    } finally {
      await running.stop();
    }
  });
}

type Results = Omit<Measured, 'peer' | 'round' | 'readyMs'>;

async function measure(running: Running, target: Target, options: Options): Promise<Results> {
  const { mode, n, storm, connections } = options;
  const wants = (...modes: string[]) => modes.includes(mode) || mode === 'all';
  let results: Results = {};
  if (wants('rates', 'latency')) {
    const before = running.cpu();
    const latency = await measureLatency(target, { prefix: 'klatency', n, gapMs: options.gapMs });
    results = { ...results, latency, latencyCpu: perAlert(before, running.cpu(), n) };
    await sleep(1000);
  }
  if (wants('rates', 'storm')) {
    const before = running.cpu();
    const result = await measureStorm(target, { prefix: 'kstorm', n: storm, connections });
    results = { ...results, storm: result, stormCpu: perAlert(before, running.cpu(), storm) };
  }
  if (wants('ingest')) {
    const load = { prefix: 'kingest', seconds: options.ingestSeconds, connections: 16 };
    results = { ...results, ingest: await measureIngest(target, load) };
  }
  return results;
}

function perAlert(before: Cpu, after: Cpu, alerts: number): CpuPerAlert {
  const ms = (from: number, to: number) => rounded(((to - from) * 1000) / alerts);
  return { own: ms(before.own, after.own), temporal: ms(before.temporal, after.temporal) };
}

export interface KillResult extends StormResult {
  readonly peer: string;
  readonly killed: Victims;
  readonly ackedAtKill: number;
  readonly pagedAtKill: number;
  /** From the second spawn to ready, ms. */
  readonly readyAgainMs: number;
  /** Every acknowledged alert was paged, none under two keys. */
  readonly kept: boolean;
}

const DOWN_MS = 200;
const SENDERS = 32;

/**
 * SIGKILL in mid-storm: when half of the alerts are acknowledged, the peer's process group, or everything below it
 * too, dies and starts again on the same state. Every acknowledged alert must be paged, and any repeat must carry its
 * first key.
 */
export function measureKill(peer: Peer, killed: Victims, { storm: n }: Options): Promise<KillResult> {
  return withPeerPaths(peer, async (place, sink) => {
    let running: Running = await startPeer(peer, place);
    let restarting: Promise<void> | null = null;
    let [ackedAtKill, pagedAtKill] = [0, 0];
    const restart = async (): Promise<void> => {
      await running.kill(killed);
      await sleep(DOWN_MS);
      running = await startPeer(peer, place);
    };
    const target: Target = { port: place.port, sink, request: (alert) => peer.request(alert) };
    const onAck = (count: number): void => {
      if (count < n / 2 || restarting !== null) return;
      [ackedAtKill, pagedAtKill] = [count, sink.firstPageAt.size];
      restarting = restart();
      restarting.catch(() => {}); // awaited below; until then not an unhandled rejection
    };
    try {
      const result = await measureStorm(target, { prefix: 'kkill', n, connections: SENDERS, onAck });
      await (restarting as Promise<void> | null);
      await sleep(4000); // late repeats
      const doubled = [...sink.pagesOf.values()].filter((pages) => pages > 1).length;
      const kept = result.acked === n && result.unpaged === 0 && doubled === 0;
      const repeats = sink.repeats();
      return {
        ...result,
        doubled,
        repeats,
        peer: peer.name,
        killed,
        ackedAtKill,
        pagedAtKill,
        readyAgainMs: running.readyMs,
        kept,
      };
    } finally {
      await running.stop();
    }
  });
}
