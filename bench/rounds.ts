/**
 * Interleaved rounds: in each, every peer runs once, alone, on fresh state, in an order that rotates, so that a slow
 * minute of the machine falls on all of them and no peer always goes first.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  measureIngest,
  measureLatency,
  measureStorm,
  warmUp,
  type IngestResult,
  type LatencyResult,
  type StormResult,
  type Target,
} from './load.ts';
import type { Options } from './options.ts';
import type { Peer, PeerPaths } from './peer.ts';
import type { Cpu } from './process-stats.ts';
import { freePorts, startPeer, untilSettled, type Running } from './start-peer.ts';
import { startSink, type Sink } from './sink.ts';
import { startSlack, type BenchSlack } from './slack.ts';
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
