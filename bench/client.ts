/** The sender: HTTP with keep-alive over a bounded number of connections, to 127.0.0.1 only. Never throws. */
import http from 'node:http';

export interface BenchRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `status` 0: no answer, and `error` says why. Times are `performance.now()` ms. */
export interface Answer {
  readonly status: number;
  readonly error: string | null;
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
    send: (request) => post(agent, port, request),
    close: () => agent.destroy(),
  };
}

export const accepted = ({ status }: Answer): boolean => status >= 200 && status < 300;

function post(agent: http.Agent, port: number, { path, headers, body }: BenchRequest): Promise<Answer> {
  return new Promise((answer) => {
    const sentAt = performance.now();
    const finish = (status: number, error: string | null) =>
      answer({ status, error, sentAt, answeredAt: performance.now() });
    const bytes = Buffer.from(JSON.stringify(body));
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        agent,
        timeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
      },
      (response) => {
        response.resume();
        response.on('end', () => finish(response.statusCode ?? 0, null));
        response.on('error', (error) => finish(0, error.message));
      },
    );
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error: NodeJS.ErrnoException) => finish(0, error.code ?? error.message));
    request.end(bytes);
  });
}
