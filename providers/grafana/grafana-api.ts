/**
 * What fires in Grafana's own Alertmanager now: for alerts that nobody has heard of for too long. The token is one of a
 * service account that may read alert instances.
 * https://grafana.com/docs/grafana/latest/developers/http_api/alerting/
 */
import type { AlertSource } from '../../activities/ports.ts';
import { firingAt, type AlertApi } from '../alertmanager/alertmanager-api.ts';

export function grafanaApi(api: AlertApi): AlertSource {
  const path = '/api/alertmanager/grafana/api/v2/alerts';
  return { firing: (signal) => firingAt('grafana', { ...api, path }, signal) };
}
