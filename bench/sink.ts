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
