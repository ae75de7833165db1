/**
 * The listening server: timeouts that keep slow senders from occupying connections, and a drain that loses no response.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ServerOptions {
  /** An Express application or another request listener. */
  readonly app: RequestListener;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxConnections?: number;
  /** Responses still in progress after this are cut off. */
  readonly drainMs?: number;
  /** An idle connection is cut off after this, whichever side is slow. */
  readonly stalledMs?: number;
  /** For a whole request, from its first byte to its last. */
  readonly requestMs?: number;
}

export interface RunningServer {
  /** `http://host:port`, with the actual port. */
  readonly url: string;
  readonly port: number;
  /** True once draining has begun. */
  draining(): boolean;
  /** Accepts no new connections, finishes requests in flight, then resolves. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 2000;
const DRAIN_MS = 10_000;
/** No handler takes a quarter of this, so a stalled connection has a reader that does not read. */
const STALLED_MS = 60_000;
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  // Above the usual 60 s of load balancers, so that we never close a connection that they are about to use.
  keepAliveTimeout: 65_000,
};

/** Rejects with a sentence for the operator when the server cannot listen on the address. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, host, port, maxConnections = MAX_CONNECTIONS, drainMs = DRAIN_MS } = options;
  const inFlight = new Set<ServerResponse>();
  let draining = false;
  const { requestMs = TIMEOUTS.requestTimeout } = options;
  const timeouts = { headersTimeout: Math.min(TIMEOUTS.headersTimeout, requestMs), requestTimeout: requestMs };
  const server = createServer({ ...TIMEOUTS, ...timeouts }, (req, res) => {
    inFlight.add(res);
    res.once('close', () => inFlight.delete(res));
    if (draining) res.setHeader('Connection', 'close');
    app(req, res);
  });
  server.timeout = options.stalledMs ?? STALLED_MS;
  server.maxConnections = maxConnections;
  limitConnections(server, maxConnections);
  server.maxRequestsPerSocket = 1000;
  await listen(server, host, port);
  const taken = (server.address() as AddressInfo).port;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    port: taken,
    draining: () => draining,
    close() {
      draining = true;
      // Without this, a keep-alive connection could keep sending new requests.
      for (const res of inFlight) if (!res.headersSent) res.setHeader('Connection', 'close');
      return (closed ??= drain(server, drainMs));
    },
  };
}

async function drain(server: Server, drainMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  server.closeIdleConnections();
  await ended;
  clearInterval(idle);
  clearTimeout(cut);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(explain(error, host, port), { cause: error })),
    );
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE') return `${host}:${port} is taken: stop what listens there, or choose another with PORT`;
  if (code === 'EACCES') return `${host}:${port} needs rights that this user has not: choose a PORT above 1023`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine: set HOST`;
  return `cannot listen on ${host}:${port}: ${message}`;
}

/** Connections kept free for newcomers; Node itself refuses those beyond the limit. */
const SPARE_CONNECTIONS = 50;

/** Call before `listen`. `limit`: the server's `maxConnections`. */
function limitConnections(server: Server, limit: number): void {
  const threshold = limit - Math.min(SPARE_CONNECTIONS, Math.floor(limit / 10));
  /** Requests under way, by connection. */
  const busy = new Map<Socket, number>();
  /** Oldest first: connections that never sent a request, and those that are idle now. */
  const neverUsed = new Set<Socket>();
  const idle = new Set<Socket>();
  let connections = 0;

  function closeLongestIdle(): void {
    const [longest] = [...firstOf(neverUsed), ...firstOf(idle)];
    if (longest === undefined) return;
    // It closes only later: the next newcomer must not choose it again.
    for (const sockets of [neverUsed, idle]) sockets.delete(longest);
    longest.destroy();
  }

  server.on('connection', (socket: Socket) => {
    connections += 1;
    if (connections > threshold) closeLongestIdle();
    neverUsed.add(socket);
    socket.once('close', () => {
      connections -= 1;
      for (const sockets of [busy, neverUsed, idle]) sockets.delete(socket);
    });
  });
  server.on('request', ({ socket }, res) => {
    neverUsed.delete(socket);
    idle.delete(socket);
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    res.once('close', () => {
      const left = (busy.get(socket) ?? 0) - 1;
      busy.set(socket, left);
      if (left > 0 || socket.destroyed) return;
      busy.delete(socket);
      idle.add(socket);
    });
  });
}

function firstOf(sockets: ReadonlySet<Socket>): readonly Socket[] {
  for (const socket of sockets) return [socket];
  return [];
}
