/**
 * The alerts that fire in Alertmanager now, from its API v2: used to check stale alerts.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
import { callVendor, listOf } from '../shared/http.ts';
import type { AlertApi, Vendor } from '../vendor.ts';

/** About 5,000 alerts. A larger response is refused: it would block everything else in the process. */
const ANSWER_LIMIT = 4 * 1024 * 1024;

/** Without silenced ones: somebody who knows of an alert has silenced it. An inhibited one is covered by another. */
const QUERY = 'active=true&silenced=false&inhibited=true&unprocessed=true';

export const alertmanager = {
  connect: () => ({
    alertSource: (api) => ({
      firing: (signal) => firingAt('alertmanager', { ...api, path: '/api/v2/alerts' }, signal),
    }),
  }),
} satisfies Vendor;

const GRAFANA_PATH = '/api/alertmanager/grafana/api/v2/alerts';

/**
 * Grafana's own Alertmanager answers in the same format. The token belongs to a service account that may read alert
 * instances. https://grafana.com/docs/grafana/latest/developers/http_api/alerting/
 */
export const grafana = {
  connect: () => ({
    alertSource: (api) => ({ firing: (signal) => firingAt('grafana', { ...api, path: GRAFANA_PATH }, signal) }),
  }),
} satisfies Vendor;

/** The alerts that an Alertmanager-style API lists as firing. Throws `DeliveryError`. */
async function firingAt(
  vendor: string,
  { url, path, token }: AlertApi & { readonly path: string },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const headers = { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const request = { method: 'GET', url: `${url}${path}?${QUERY}`, headers, answerLimit: ANSWER_LIMIT } as const;
  const alerts = listOf(vendor, await callVendor(vendor, request, signal));
  return new Set(alerts.flatMap(({ fingerprint }) => (typeof fingerprint === 'string' ? [fingerprint] : [])));
}
