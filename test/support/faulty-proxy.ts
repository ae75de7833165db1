/** Stands between a sender and Tocsin, counts what passes, and is Tocsin in trouble when told to. */
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `unready`: answers 503, as Tocsin does that cannot make an alert durable. `hang`: never answers. */
export type FaultyProxyMode = 'pass' | 'unready' | 'hang';

export interface FaultyProxy {
  readonly url: string;
  setMode(mode: FaultyProxyMode): void;
  /** Messages that hold `words`, and what became of each: a status, or 0 while there is none. */
  statusesOf(text: string): readonly number[];
  close(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let mode: FaultyProxyMode = 'pass';
  const requests: { readonly body: string; status: number }[] = [];
  const server = createServer((req, res) => {
    const now = mode;
    void readStream(req).then((body) => {
      const one = { body: body.toString(), status: 0 };
      requests.push(one);
      if (now === 'hang') return;
      if (now === 'unready') {
        one.status = 503;
        res.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      forward(target, { req, res, body }, (status) => (one.status = status));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setMode: (next) => {
      mode = next;
    },
    statusesOf: (text) => requests.filter(({ body }) => body.includes(text)).map(({ status }) => status),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface ProxiedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly body: Buffer;
}

function forward(target: string, { req, res, body }: ProxiedRequest, done: (status: number) => void): void {
  const options = { method: req.method ?? 'POST', headers: req.headers, agent: false } as const;
  const passed = request(new URL(req.url ?? '/', target), options, (answer) => {
    void readStream(answer).then((text) => {
      done(answer.statusCode ?? 502);
      res.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? '' }).end(text);
    });
  });
  passed.on('error', () => req.socket.destroy());
  passed.end(body);
}

async function readStream(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
