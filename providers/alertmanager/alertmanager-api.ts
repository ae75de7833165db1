/**
 * What fires in Alertmanager now, by its API v2: for alerts that nobody has heard of for too long.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
import type { AlertSource } from '../../activities/ports.ts';
import { callVendor } from '../shared/http.ts';
import { listOf } from '../shared/json-list.ts';

export interface AlertApi {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
}

/** About 5,000 alerts. More is no answer: it would hold up everything else in the process. */
const ANSWER_LIMIT = 4 * 1024 * 1024;

/** Silenced and inhibited alerts fire as well: nobody has said that they are over. */
const QUERY = 'active=true&silenced=true&inhibited=true&unprocessed=true';

export function alertmanagerApi(api: AlertApi): AlertSource {
  return { firing: (signal) => firingAt('alertmanager', { ...api, path: '/api/v2/alerts' }, signal) };
}

/** What an API in Alertmanager's form says fires. Throws `DeliveryError`. */
export async function firingAt(
  vendor: string,
  { url, path, token }: AlertApi & { readonly path: string },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const headers = { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const request = { method: 'GET', url: `${url}${path}?${QUERY}`, headers, answerLimit: ANSWER_LIMIT } as const;
  const alerts = listOf(vendor, await callVendor(vendor, request, signal));
  return new Set(alerts.flatMap(({ fingerprint }) => (typeof fingerprint === 'string' ? [fingerprint] : [])));
}
