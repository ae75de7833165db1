/** Senders that never pause: what they sent, how long the answers took, what was refused. */
import { setTimeout as sleep } from 'node:timers/promises';
import { accepted, createClient, type BenchRequest } from './client.ts';
import { round, summarize, type Summary } from './stats.ts';

export interface LoadResult {
  readonly perSecond: number;
  /** Of what was accepted, ms. */
  readonly ack: Summary;
  /** The longest answer, whatever it was, ms. */
  readonly slowest: number;
  /** Answers other than 2xx by status or error. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Pause of each sender between two requests. */
  readonly gapMs?: number;
  /** The n-th request, from 0. */
  readonly request: (n: number) => BenchRequest;
}

/** Sends until `over` says so; `count` requests at most. */
export async function generateLoad(
  { port, connections, gapMs = 0, request }: Load,
  { over, count = Infinity }: { readonly over: () => boolean; readonly count?: number },
): Promise<LoadResult> {
  const client = createClient(port, connections);
  const acks: number[] = [];
  const errors: Record<string, number> = {};
  let [next, slowest] = [0, 0];
  const begun = performance.now();
  const sender = async (): Promise<void> => {
    while (next < count && !over()) {
      const answer = await client.send(request(next++));
      const took = answer.answeredAt - answer.sentAt;
      slowest = Math.max(slowest, took);
      const what = answer.error ?? String(answer.status);
      if (accepted(answer)) acks.push(took);
      else errors[what] = (errors[what] ?? 0) + 1;
      if (gapMs > 0) await sleep(gapMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
  client.close();
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: round(acks.length / seconds), ack: summarize(acks), slowest: round(slowest), errors };
}

export const forSeconds = (seconds: number): (() => boolean) => {
  const until = performance.now() + seconds * 1000;
  return () => performance.now() >= until;
};
