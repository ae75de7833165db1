/**
 * Alerts that say nothing about the service but that nobody watches it: the query gave no data, or failed. Grafana
 * raises them under alert names of its own, with the labels of the rule; a dashboard's alert of older versions, which
 * has a state instead, is given the same names, so that one route serves both.
 */
import type { Labels } from './sanitize.ts';
import { titleLine } from './alert-text.ts';

export const NO_DATA = 'DatasourceNoData';
const QUERY_FAILED = 'DatasourceError';

/** What to call such an alert; null for all others. */
export function brokenMonitoringTitle(labels: Labels): string | null {
  const rule = labels['rulename'] || 'an alert rule';
  if (labels['alertname'] === NO_DATA) return titleLine(`Monitoring is broken: no data for ${rule}`);
  return labels['alertname'] === QUERY_FAILED ? titleLine(`Monitoring is broken: ${rule} cannot be evaluated`) : null;
}
