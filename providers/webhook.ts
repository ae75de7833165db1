/**
 * A person reached by webhook: the page as JSON, `Idempotency-Key` set to its key. 2xx accepts; what else means is
 * decided in activities/failures.ts. Redirects are not followed.
 */
import axios from 'axios';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DeliveryError } from '../activities/failures.ts';
import type { Contact, Page } from '../activities/ports.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 64 * 1024;

/** Kept open between pages: a page must not wait for a handshake. */
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
  validateStatus: () => true,
});

/** `method` names it in keys and deliveries: `webhook`, or `webhook-2` for a person's second. */
export function webhookContact(url: string, method: string): Contact {
  return {
    method,
    quiet: false,
    send: (page, signal) => post(url, page, signal),
  };
}

async function post(url: string, page: Page, signal: AbortSignal): Promise<void> {
  let status: number;
  try {
    const response = await http.post(url, page, { headers: { 'idempotency-key': page.key }, signal: bounded(signal) });
    status = response.status;
  } catch (err) {
    throw new DeliveryError('webhook', { code: axios.isAxiosError(err) ? (err.code ?? 'no answer') : 'no answer' });
  }
  if (status < 200 || status >= 300) throw new DeliveryError('webhook', { status });
}

/** axios' own time-out counts silence between bytes; this one counts all of it. */
function bounded(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}
