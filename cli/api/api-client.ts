/**
 * The HTTP API as the command line uses it. Success is what the server said in so many words: a page of a proxy, a
 * redirect or silence is never taken for one. All tries of a request together are bounded in time.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import axios, { type AxiosResponse } from 'axios';
import { ulid } from 'ulid';

import type { ServerAddress } from './server-address.ts';
import {
  jsonAnswer,
  documentTextOf,
  noAnswerError,
  wasNotSent,
  type CommandConsequence,
  type RequestOutcome,
} from './api-response.ts';

export interface ApiResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The server's clock when it answered, epoch ms, whole seconds; ours if it did not say. */
  readonly now: number;
}

export interface ApiClient {
  /** The same for all tries of this invocation; sent as `Idempotency-Key`. */
  readonly requestId: string;
  /** All throw `CliError` for everything but a 2xx answer in JSON. */
  get(path: string): Promise<ApiResponse>;
  /** Fields that are undefined are left out. */
  post(path: string, body: object): Promise<ApiResponse>;
  /** Sends `text` as a document of this media type. Throws the same. */
  put(path: string, text: string, type: string): Promise<ApiResponse>;
  /** A document of one of these media types, as it came. Throws the same for everything else. */
  document(path: string, types: readonly string[]): Promise<string>;
}

/** Before the second and the third try, ms. */
const PAUSES = [200, 800];
export const DEFAULT_TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 32 * 1024 * 1024;

interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: { readonly type: string; readonly text: string };
  /** Media types; JSON by default. */
  readonly accept?: readonly string[];
}

export interface ApiClientOptions {
  readonly timeoutMs?: number | undefined;
  /** Repeats an earlier invocation's request. */
  readonly requestId?: string | undefined;
  /** For a command that changes something: its effect, named in the error when it certainly has not happened. */
  readonly consequence?: CommandConsequence | undefined;
}

const DEFAULT_CONSEQUENCE: CommandConsequence = { undone: 'nothing was changed', uncertain: 'it was done' };

/** A client of the server at `address`. */
export function createApiClient(
  address: ServerAddress,
  { timeoutMs = DEFAULT_TIMEOUT_MS, requestId = ulid(), consequence }: ApiClientOptions = {},
): ApiClient {
  /** A changing request has been answered: later failures do not affect it. */
  let isDone = false;
  const send = async (request: ClientRequest): Promise<[AxiosResponse<string>, RequestOutcome]> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const isChange = request.method !== 'GET';
    const undone = isDone ? null : ((consequence ?? (isChange ? DEFAULT_CONSEQUENCE : null))?.undone ?? null);
    const { base, loopback } = address;
    let where: RequestOutcome = { base, loopback, timeoutMs, requestId, sent: null, undone };
    for (let tries = 0; ; tries += 1) {
      const response = await tryRequest(address, { ...request, requestId }, signal);
      const mayBeTaken = response instanceof Error ? !wasNotSent(response) : response.status >= 500;
      if (isChange && mayBeTaken) where = { ...where, sent: consequence ?? DEFAULT_CONSEQUENCE };
      const again = response instanceof Error || response.status === 503;
      const pause = PAUSES[tries];
      if (!again || pause === undefined || signal.aborted) {
        if (response instanceof Error) throw noAnswerError(response, where);
        isDone ||= isChange && response.status < 300;
        return [response, where];
      }
      // A pause that the deadline cuts short ends in the last try's own failure: aborted before it is sent.
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  };
  const ask = async (request: ClientRequest): Promise<ApiResponse> => jsonAnswer(...(await send(request)));
  return {
    requestId,
    get: (path) => ask({ method: 'GET', path }),
    post: (path, body) => ask({ method: 'POST', path, body: { type: 'application/json', text: JSON.stringify(body) } }),
    put: (path, text, type) => ask({ method: 'PUT', path, body: { type, text } }),
    document: async (path, accept) => {
      const [response, where] = await send({ method: 'GET', path, accept });
      return documentTextOf(response, accept, where);
    },
  };
}

/** `path` with those of `parameters` that are given. */
export function pathWith(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

async function tryRequest(
  address: ServerAddress,
  { method, path, body, accept = [], requestId }: ClientRequest & { requestId: string },
  signal: AbortSignal,
): Promise<AxiosResponse<string> | Error> {
  try {
    return await axios.request<string>({
      method,
      url: `${address.base}${path}`,
      ...(body === undefined ? {} : { data: body.text }),
      headers: {
        Accept: [...accept, 'application/json'].join(', '),
        // Nothing we read is worth decoding bytes of an unknown server for.
        'Accept-Encoding': 'identity',
        // What the audit knows the command line by.
        'User-Agent': 'tocsin-cli',
        ...(address.token === null ? {} : { Authorization: `Bearer ${address.token}` }),
        ...(body === undefined ? {} : { 'Content-Type': body.type, 'Idempotency-Key': requestId }),
      },
      signal,
      decompress: false,
      maxRedirects: 0,
      maxContentLength: ANSWER_LIMIT,
      ...(address.loopback ? { proxy: false as const } : {}),
      responseType: 'text',
      transformResponse: (text: string) => text,
      validateStatus: () => true,
    });
  } catch (error) {
    // Only what happened on the wire: a mistake of ours must not look like the server's.
    if (axios.isAxiosError(error) || axios.isCancel(error)) return error as Error;
    throw error;
  }
}
