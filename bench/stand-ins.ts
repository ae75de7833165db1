/**
 * Where pages arrive: an HTTP server on 127.0.0.1 that answers 200 and notes when each alert was first paged. A page
 * is one idempotency key: the same key again is a repeat (allowed), another key for the same alert a second page.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a peer's page says: the alerts it is about, and its idempotency key if the peer has such a thing. */
export interface ReceivedPage {
  readonly alerts: readonly string[];
  readonly key: string | null;
}

export type ReadPage = (body: string, headers: http.IncomingHttpHeaders) => ReceivedPage;

export interface Sink {
  readonly port: number;
  /** Alert → when its first page had arrived whole, `performance.now()` ms. */
  readonly firstPageAt: ReadonlyMap<string, number>;
  /** Alert → pages under different keys. */
  readonly pagesOf: ReadonlyMap<string, number>;
  /** Requests that repeated a known key. */
  repeats(): number;
  /** Keys. */
  pages(): number;
  close(): void;
}

export async function startSink(read: ReadPage): Promise<Sink> {
  const firstPageAt = new Map<string, number>();
  const pagesOf = new Map<string, number>();
  const keys = new Set<string>();
  let repeats = 0;

  const note = (page: ReceivedPage, at: number): void => {
    if (page.key !== null && keys.has(page.key)) {
      repeats += 1;
      return;
    }
    if (page.key !== null) keys.add(page.key);
    for (const alert of page.alerts) {
      if (!firstPageAt.has(alert)) firstPageAt.set(alert, at);
      pagesOf.set(alert, (pagesOf.get(alert) ?? 0) + 1);
    }
  };

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const at = performance.now();
      response.writeHead(200).end();
      note(read(Buffer.concat(chunks).toString(), request.headers), at);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  return {
    port: (server.address() as AddressInfo).port,
    firstPageAt,
    pagesOf,
    repeats: () => repeats,
    pages: () => keys.size,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface BenchSlack {
  readonly port: number;
  /** Calls answered so far. */
  answered(): number;
  /** From now on no method that writes is answered; those that read still are. */
  hang(): void;
  hung(): Hung;
  close(): void;
}

export interface Hung {
  /** Different requests that were left without an answer; one tried again counts once. */
  readonly posts: number;
  /** How many of them waited at the same time, at most. */
  readonly atOnce: number;
}

/**
 * The benchmark's Slack, in the sink's process: answers every method at once with `ok`, or takes the posts and never
 * answers. It judges and remembers nothing; what Tocsin may send to Slack is the tests' business.
 */
export async function startSlack(): Promise<BenchSlack> {
  const unanswered = new Set<string>();
  let [answered, waiting, atOnce] = [0, 0, 0];
  let hangs = false;
  const answer = answers();

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = (request.url ?? '').replace('/api/', '');
      const body = Buffer.concat(chunks).toString();
      if (!hangs || READS.has(method)) {
        answered += 1;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer(method, body)));
        return;
      }
      unanswered.add(`${method} ${body}`);
      waiting += 1;
      atOnce = Math.max(atOnce, waiting);
      response.on('close', () => (waiting -= 1));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  return {
    port: (server.address() as AddressInfo).port,
    answered: () => answered,
    hang: () => {
      hangs = true;
    },
    hung: () => ({ posts: unanswered.size, atOnce }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const READS: ReadonlySet<string> = new Set(['users.conversations', 'conversations.history', 'conversations.replies']);

/** What Tocsin reads of an answer: a channel's id and name, a message's channel and time; lists are empty. */
function answers(): (method: string, body: string) => object {
  const ids = new Map<string, string>();
  let messages = 0;
  const idOf = (place: string): string => {
    const name = place.replace(/^#/, '');
    if (/^[CDU][A-Z0-9]{6,}$/.test(name)) return name;
    const id = ids.get(name) ?? `C${String(ids.size + 1).padStart(8, '0')}`;
    ids.set(name, id);
    return id;
  };
  return (method, body) => {
    if (READS.has(method)) return { ok: true, channels: [], messages: [], response_metadata: { next_cursor: '' } };
    const { name = '', channel = '' } = JSON.parse(body) as { readonly name?: string; readonly channel?: string };
    if (method === 'conversations.create') return { ok: true, channel: { id: idOf(name), name } };
    messages += 1;
    const ts = `${Math.floor(Date.now() / 1000)}.${String(messages).padStart(6, '0')}`;
    return { ok: true, channel: idOf(channel), ts };
  };
}
