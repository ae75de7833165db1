/** What the fakes of JSON APIs share: a real HTTP server that writes down whatever it did not expect, and answers 418. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Undefined when there was none. */
  readonly body: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeApi {
  readonly url: string;
  /** Every request, in order. */
  readonly requests: readonly ApiRequest[];
  /** Requests that the API does not have; a test that ends with any has failed. */
  readonly unexpected: string[];
  /** The next request gets this instead of its answer. */
  answerOnce(said: ApiAnswer): void;
  close(): Promise<void>;
}

/** `answer`: null, or a throw, for what the API does not have. */
export async function startFakeApi(answer: (asked: ApiRequest) => ApiAnswer | null): Promise<FakeApi> {
  const requests: ApiRequest[] = [];
  const unexpected: string[] = [];
  const instead: ApiAnswer[] = [];
  const handle = (one: ApiRequest): ApiAnswer => {
    requests.push(one);
    const early = instead.shift();
    if (early) return early;
    try {
      const said = answer(one);
      if (said) return said;
      unexpected.push(`${one.method} ${one.path}?${one.query.toString()}`);
    } catch (err) {
      unexpected.push(`${one.method} ${one.path}: ${String(err)}`);
    }
    return { status: 418 };
  };
  const server = createServer((req, res) => {
    void readAll(req).then((text) => {
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://fake');
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const { method = '', headers } = req;
      const { status, json, headers: more } = handle({ method, path: pathname, query: searchParams, headers, body });
      res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...more });
      res.end(json === undefined ? '' : JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    unexpected,
    answerOnce: (said) => void instead.push(said),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Throws what is wrong, for `unexpected`. */
export function expectRequest(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
