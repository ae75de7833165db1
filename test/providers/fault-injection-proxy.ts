/**
 * Stands between a provider and the fake vendor it talks to, and makes the trouble that HTTP vendors make. Whatever it
 * says itself holds `VENDOR_WORDS`, so that a test can see where the vendor's text goes.
 */
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const VENDOR_TEXT = 'vendor-says-xyzzy';

export type ProxyFault =
  /** Answers with this status, and does not pass the request on. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection; the vendor has not seen the request. */
  | { readonly kind: 'reset' }
  /** The vendor does what it was asked to, and the connection closes before its answer. */
  | { readonly kind: 'accept-then-reset' }
  /** A web page with status 200; the vendor has not seen the request. */
  | { readonly kind: 'malformed' }
  /** The first half of an answer of status 200. */
  | { readonly kind: 'truncated' }
  /** An answer of 5 MiB. */
  | { readonly kind: 'huge' };

export interface FaultInjectionProxy {
  readonly url: string;
  /** Requests that were troubled. */
  readonly faultCount: number;
  /** From now on, for the requests that `act` names. Null: everything is passed on. */
  inject(trouble: ProxyFault | null): void;
  close(): Promise<void>;
}

/** `act`: which requests are troubled; the others always go through. */
export async function startFaultInjectionProxy(
  target: string,
  act: (method: string, path: string) => boolean,
): Promise<FaultInjectionProxy> {
  let trouble: ProxyFault | null = null;
  let troubled = 0;
  const server = createServer((req, res) => {
    const now = act(req.method ?? '', req.url ?? '') ? trouble : null;
    if (now !== null) troubled += 1;
    void read(req).then((body) => {
      if (now === null) return forward(target, req, body, (answer) => copy(answer, res));
      if (now.kind === 'accept-then-reset') return forward(target, req, body, () => req.socket.destroy());
      misbehave(now, req, res);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get faultCount() {
      return troubled;
    },
    inject: (next) => {
      trouble = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function misbehave(
  trouble: Exclude<ProxyFault, { kind: 'accept-then-reset' }>,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  switch (trouble.kind) {
    case 'status':
      res.writeHead(trouble.status, { 'content-type': 'application/json', ...trouble.headers });
      res.end(JSON.stringify({ message: VENDOR_TEXT, error: VENDOR_TEXT, errors: [VENDOR_TEXT] }));
      return;
    case 'hang':
      return;
    case 'reset':
      req.socket.destroy();
      return;
    case 'malformed':
      res.writeHead(200, { 'content-type': 'text/html' }).end(`<html>${VENDOR_TEXT}</html>`);
      return;
    case 'truncated':
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      res.write(`{"message":"${VENDOR_TEXT}`, () => req.socket.destroy());
      return;
    case 'huge':
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(`{"message":"${VENDOR_TEXT.repeat((5 * 1024 * 1024) / VENDOR_TEXT.length)}"}`);
  }
}

async function read(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Passes the request on as it came and reads the whole answer. */
function forward(
  target: string,
  req: IncomingMessage,
  body: Buffer,
  then: (answer: { status: number; headers: IncomingMessage['headers']; body: Buffer }) => void,
): void {
  const url = new URL(req.url ?? '', target);
  const passed = request(url, { method: req.method ?? 'GET', headers: req.headers, agent: false }, (answer) => {
    void read(answer).then((text) => then({ status: answer.statusCode ?? 502, headers: answer.headers, body: text }));
  });
  passed.on('error', () => req.socket.destroy());
  passed.end(body);
}

function copy(
  answer: { status: number; headers: IncomingMessage['headers']; body: Buffer },
  res: ServerResponse,
): void {
  const { 'transfer-encoding': _, connection: __, ...headers } = answer.headers;
  res.writeHead(answer.status, { ...headers, 'content-length': String(answer.body.length) }).end(answer.body);
}
