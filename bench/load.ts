/**
 * The loads: single alerts with random gaps (latency), many at once (storm), as many as are taken (ingest). Every
 * alert has a name of its own, so every alert is an incident. Times in ms.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { accepted, createClient, type BenchRequest } from './client.ts';
import type { Sink } from './stand-ins.ts';
import { round, summarize, type Summary } from './stats.ts';

export interface Target {
  readonly port: number;
  readonly sink: Sink;
  /** The POST that makes `alert` fire. */
  request(alert: string): BenchRequest;
}

export interface LatencyResult {
  /** POST begun → first page arrived. */
  readonly page: Summary;
  /** POST begun → answered. */
  readonly ack: Summary;
  readonly refused: number;
  readonly unpaged: number;
}

export interface StormResult {
  readonly acked: number;
  /** Alerts ÷ (last first page − first POST). */
  readonly pagesPerSecond: number;
  readonly acksPerSecond: number;
  readonly page: Summary;
  readonly unpaged: number;
  /** Alerts paged under more than one key. */
  readonly doubled: number;
  readonly repeats: number;
  /** Answers other than 2xx (each was sent again), by status or error. */
  readonly errors: Readonly<Record<string, number>>;
}

const DRAIN_MS = 120_000;
const RETRY_AFTER_MS = 200;

/** One alert after the other on one connection; gaps are random so as not to fall in step with a polling server. */
export async function measureLatency(
  target: Target,
  load: { readonly prefix: string; readonly n: number; readonly gapMs: readonly [number, number] },
): Promise<LatencyResult> {
  const client = createClient(target.port, 1);
  const sentAt = new Map<string, number>();
  const acks: number[] = [];
  const [shortest, longest] = load.gapMs;
  for (let i = 0; i < load.n; i += 1) {
    const alert = `${load.prefix}-${i}`;
    const answer = await client.send(target.request(alert));
    if (accepted(answer)) {
      sentAt.set(alert, answer.sentAt);
      acks.push(answer.answeredAt - answer.sentAt);
    }
    await sleep(shortest + Math.random() * (longest - shortest));
  }
  client.close();
  await allPaged(target.sink, [...sentAt.keys()]);
  const pages = delays(target.sink, sentAt);
  return {
    page: summarize(pages),
    ack: summarize(acks),
    refused: load.n - sentAt.size,
    unpaged: sentAt.size - pages.length,
  };
}

/** Compiles hot code, opens connections; then a pause for what it set off behind the pages. */
export async function warmUp(target: Target, n: number): Promise<void> {
  await measureStorm(target, { prefix: 'kwarm', n, connections: 4 });
  await sleep(1000);
}

/** `n` alerts as fast as `connections` senders can; what is not taken is sent again until it is. */
export async function measureStorm(
  target: Target,
  load: {
    readonly prefix: string;
    readonly n: number;
    readonly connections: number;
    readonly onAck?: (count: number) => void;
  },
): Promise<StormResult> {
  const sent = await flood(target, { ...load, until: Infinity });
  await allPaged(target.sink, [...sent.ackedAt.keys()]);
  await sleep(1000); // late repeats
  const { firstPageAt, pagesOf } = target.sink;
  const firstSent = Math.min(...sent.sentAt.values());
  const alerts = [...sent.ackedAt.keys()];
  const pages = delays(target.sink, sent.sentAt);
  const lastPage = Math.max(...alerts.map((alert) => firstPageAt.get(alert) ?? 0));
  const lastAck = Math.max(...sent.ackedAt.values());
  return {
    acked: alerts.length,
    pagesPerSecond: round(pages.length / ((lastPage - firstSent) / 1000)),
    acksPerSecond: round(alerts.length / ((lastAck - firstSent) / 1000)),
    page: summarize(pages),
    unpaged: alerts.filter((alert) => !firstPageAt.has(alert)).length,
    doubled: alerts.filter((alert) => (pagesOf.get(alert) ?? 0) > 1).length,
    repeats: target.sink.repeats(),
    errors: sent.errors,
  };
}

export interface IngestResult {
  readonly acked: number;
  readonly acksPerSecond: number;
  readonly ack: Summary;
  readonly errors: Readonly<Record<string, number>>;
}

/** How many alerts are made durable in a second, whatever becomes of their pages. */
export async function measureIngest(
  target: Target,
  load: { readonly prefix: string; readonly seconds: number; readonly connections: number },
): Promise<IngestResult> {
  const begun = performance.now();
  const sent = await flood(target, { ...load, n: Infinity, until: begun + load.seconds * 1000 });
  const elapsed = performance.now() - begun;
  return {
    acked: sent.ackedAt.size,
    acksPerSecond: round(sent.ackedAt.size / (elapsed / 1000)),
    ack: summarize(sent.ackMs),
    errors: sent.errors,
  };
}

interface Flood {
  readonly prefix: string;
  readonly n: number;
  readonly connections: number;
  /** No new alert after this, `performance.now()` ms. */
  readonly until: number;
  readonly onAck?: (count: number) => void;
}

/** Each sender takes the next alert and keeps at it until it is acknowledged. */
async function flood(target: Target, { prefix, n, connections, until, onAck }: Flood) {
  const client = createClient(target.port, connections);
  const sentAt = new Map<string, number>();
  const ackedAt = new Map<string, number>();
  const ackMs: number[] = [];
  const errors: Record<string, number> = {};
  let next = 0;

  const deliver = async (alert: string): Promise<void> => {
    const giveUpAt = performance.now() + DRAIN_MS;
    for (sentAt.set(alert, performance.now()); performance.now() < giveUpAt; await sleep(RETRY_AFTER_MS)) {
      const answer = await client.send(target.request(alert));
      if (accepted(answer)) {
        ackedAt.set(alert, answer.answeredAt);
        ackMs.push(answer.answeredAt - answer.sentAt);
        onAck?.(ackedAt.size);
        return;
      }
      const what = answer.error ?? String(answer.status);
      errors[what] = (errors[what] ?? 0) + 1;
    }
  };
  const sender = async (): Promise<void> => {
    while (next < n && performance.now() < until) await deliver(`${prefix}-${next++}`);
  };
  await Promise.all(Array.from({ length: connections }, sender));
  client.close();
  return { sentAt, ackedAt, ackMs, errors };
}

async function allPaged(sink: Sink, alerts: readonly string[]): Promise<void> {
  const giveUpAt = performance.now() + DRAIN_MS;
  while (performance.now() < giveUpAt && alerts.some((alert) => !sink.firstPageAt.has(alert))) await sleep(25);
}

function delays(sink: Sink, sentAt: ReadonlyMap<string, number>): number[] {
  return [...sentAt].flatMap(([alert, at]) => {
    const pagedAt = sink.firstPageAt.get(alert);
    return pagedAt === undefined ? [] : [pagedAt - at];
  });
}
