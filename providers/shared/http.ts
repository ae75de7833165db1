/**
 * All HTTP calls to vendors: bounded in time and size, no redirects, no proxies, nothing decoded, connections kept
 * alive, and only permitted addresses (address-guard.ts). Fails with one kind of error, which never holds the vendor's
 * text, an address or a secret.
 */
import type { LookupFunction } from 'node:net';
import axios from 'axios';
import { DeliveryError } from '../../runtime/failures.ts';
import { guardedAgents, NOT_ALLOWED } from './address-guard.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 1024 * 1024;
/** The longest `Retry-After` that we honour. */
const LONGEST_WAIT_MS = 3_600_000;

const http = axios.create({
  timeout: TIMEOUT_MS,
  maxRedirects: 0,
  maxContentLength: ANSWER_LIMIT,
  decompress: false,
  proxy: false,
  headers: { 'accept-encoding': 'identity', 'user-agent': 'Tocsin' },
  responseType: 'text',
  // Axios would parse JSON whatever its content type.
  transformResponse: [],
  validateStatus: () => true,
});

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly url: string;
  /** Sent as JSON; a `URLSearchParams` as a form. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The URL came from outside, not from the configuration: it must not point at this machine or network. */
  readonly untrusted?: boolean;
  /** Largest response in bytes, unless 1 MiB. */
  readonly answerLimit?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

type Ask = (vendor: string, request: Request, signal: AbortSignal) => Promise<Answer>;

/** `lookup`: resolves names; the system's unless a test brings its own. */
export function createSendRequest(lookup?: LookupFunction): Ask {
  const agents = { trusted: guardedAgents(false, lookup), untrusted: guardedAgents(true, lookup) };
  return async (vendor, { method, url, body, headers, untrusted = false, answerLimit = ANSWER_LIMIT }, signal) => {
    // Axios would also open `data:` and other schemes.
    if (!/^https?:\/\//i.test(url)) throw new DeliveryError(vendor, { code: NOT_ALLOWED, kind: 'misconfigured' });
    // axios' own timeout counts silence between bytes; the signal limits the total.
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await http.request<string>({
        ...(untrusted ? agents.untrusted : agents.trusted),
        method,
        url,
        maxContentLength: answerLimit,
        signal: bounded,
        ...(body === undefined ? {} : { data: body }),
        ...(headers === undefined ? {} : { headers }),
      });
      return { status: response.status, headers: response.headers, text: response.data };
    } catch (err) {
      throw unanswered(vendor, err);
    }
  };
}

/** Our own limits, whichever comes first, or our caller's. */
const LIMITS: readonly string[] = [axios.AxiosError.ERR_CANCELED, axios.AxiosError.ECONNABORTED];

function unanswered(vendor: string, err: unknown): DeliveryError {
  const known = axios.isAxiosError(err) ? err.code : undefined;
  const code = known === undefined || LIMITS.includes(known) ? 'no answer' : known;
  return new DeliveryError(vendor, code === NOT_ALLOWED ? { code, kind: 'misconfigured' } : { code });
}

/** The vendor's answer whatever its status. Throws `DeliveryError`: `retryable` when there was none, `misconfigured` for an address that may not be dialled. */
export const sendRequest: Ask = createSendRequest();

/** As `sendRequest`, and throws what `runtime/failures.ts` makes of any status but 2xx. */
export async function callVendor(vendor: string, request: Request, signal: AbortSignal): Promise<Answer> {
  const answer = await sendRequest(vendor, request, signal);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new DeliveryError(vendor, { status: answer.status, retryAfterMs: retryAfterOf(answer) });
}

/** `Retry-After` as seconds or as a date, in ms from now and at most an hour; null when it is not there or not readable. */
export function retryAfterOf({ headers }: Pick<Answer, 'headers'>): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : dateOf(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), LONGEST_WAIT_MS);
}

/** Only what begins with the name of a day: JavaScript takes `-5` for a date too. */
const dateOf = (text: string): number => (/^[a-z]{3,9},? /i.test(text) ? Date.parse(text) : NaN);

/** An answer's JSON object. Throws `DeliveryError` (`retryable`): a vendor that answers with a web page is not well. */
export function jsonOf(vendor: string, { text }: Pick<Answer, 'text'>): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw new DeliveryError(vendor, { code: 'malformed answer' });
}

export type Fields = Readonly<Record<string, unknown>>;

/** An answer's JSON list. Throws `DeliveryError` (`retryable`): a vendor that answers otherwise is not well. */
export function listOf(vendor: string, { text }: Pick<Answer, 'text'>): readonly Fields[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map(fieldsOf);
  } catch {
    // Reported below.
  }
  throw new DeliveryError(vendor, { code: 'malformed answer' });
}

/** `value` if it is an object, else an empty one. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The failure URL of a monitor such as healthchecks.io: `/fail` appended to its path, before the query. */
export function failUrl(pingUrl: string): string {
  const url = new URL(pingUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/fail`;
  return url.href;
}
