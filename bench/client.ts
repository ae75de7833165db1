/** The sender: HTTP with keep-alive over a bounded number of connections, to 127.0.0.1 only. Never throws. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { round, summarize, type Summary } from './stats.ts';

/** A POST of `body` as JSON (a Buffer as it is); without one, a GET. */
export interface BenchRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** `status` 0: no answer, and `error` says why. Times are `performance.now()` ms. */
export interface Answer {
  readonly status: number;
  readonly error: string | null;
  /** Of a GET; a POST's is not kept. */
  readonly text: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

export interface BenchClient {
  send(request: BenchRequest): Promise<Answer>;
  close(): void;
}

const TIMEOUT_MS = 30_000;

export function createClient(port: number, connections: number): BenchClient {
  // First in, first out: every connection is used in turn, as with independent senders.
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  return {
    send: (request) => exchange(agent, port, request),
    close: () => agent.destroy(),
  };
}

export const accepted = ({ status }: Answer): boolean => status >= 200 && status < 300;

function exchange(agent: http.Agent, port: number, { path, headers, body }: BenchRequest): Promise<Answer> {
  return new Promise((answer) => {
    const bytes = bytesOf(body);
    const sentAt = performance.now();
    const finish = (status: number, error: string | null, text = '') =>
      answer({ status, error, text, sentAt, answeredAt: performance.now() });
    const typed = bytes === null ? {} : { 'content-type': 'application/json', 'content-length': bytes.length };
    const method = bytes === null ? 'GET' : 'POST';
    const all = { ...typed, ...headers };
    const request = http.request(
      { host: '127.0.0.1', port, path, method, agent, timeout: TIMEOUT_MS, headers: all },
      (response) => {
        const chunks: Buffer[] = [];
        if (bytes === null) response.on('data', (chunk: Buffer) => chunks.push(chunk));
        else response.resume();
        response.on('end', () => finish(response.statusCode ?? 0, null, Buffer.concat(chunks).toString()));
        response.on('error', (error) => finish(0, error.message));
      },
    );
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error: NodeJS.ErrnoException) => finish(0, error.code ?? error.message));
    request.end(bytes ?? undefined);
  });
}

function bytesOf(body: unknown): Buffer | null {
  if (body === undefined) return null;
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

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
