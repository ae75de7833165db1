/**
 * The one way out to vendors over HTTP: bounded in time and size, no redirects, no proxies, connections kept open. It
 * says what happened in one kind of error, which never holds the vendor's words, an address or a secret.
 */
import axios from 'axios';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DeliveryError } from '../activities/failures.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 1024 * 1024;

/** Kept open between calls: a page must not wait for a handshake. */
const http = axios.create({
  timeout: TIMEOUT_MS,
  maxRedirects: 0,
  maxContentLength: ANSWER_LIMIT,
  decompress: false,
  proxy: false,
  httpAgent: new HttpAgent({ keepAlive: true }),
  httpsAgent: new HttpsAgent({ keepAlive: true }),
  headers: { 'accept-encoding': 'identity', 'user-agent': 'Tocsin' },
  responseType: 'text',
  // Axios would parse JSON that is not said to be JSON.
  transformResponse: [],
  validateStatus: () => true,
});

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly url: string;
  /** Sent as JSON; a `URLSearchParams` as a form. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The vendor's answer whatever its status. Throws `DeliveryError` (`later`) when there was none. */
export async function ask(
  vendor: string,
  { method, url, body, headers }: Request,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    // axios' own time-out counts silence between bytes; the signal counts all of it.
    const response = await http.request<string>({
      method,
      url,
      signal: bounded,
      ...(body === undefined ? {} : { data: body }),
      ...(headers === undefined ? {} : { headers }),
    });
    return { status: response.status, headers: response.headers, text: response.data };
  } catch (err) {
    throw new DeliveryError(vendor, { code: axios.isAxiosError(err) ? (err.code ?? 'no answer') : 'no answer' });
  }
}

/** As `ask`, and throws what `activities/failures.ts` makes of any status but 2xx. */
export async function call(vendor: string, request: Request, signal: AbortSignal): Promise<Answer> {
  const answer = await ask(vendor, request, signal);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new DeliveryError(vendor, { status: answer.status, retryAfterMs: retryAfterOf(answer) });
}

/** `Retry-After` as seconds or as a date, in ms from now; null when it is not there or not readable. */
export function retryAfterOf({ headers }: Pick<Answer, 'headers'>): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** An answer's JSON object. Throws `DeliveryError` (`later`): a vendor that answers with a web page is not well. */
export function jsonOf(vendor: string, { text }: Pick<Answer, 'text'>): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new DeliveryError(vendor, { code: 'malformed answer' });
}
