/**
 * Grafana's webhook: unified alerting's contact point (version 1), and the alerts of dashboards, which came to the same
 * address until Grafana 11 and are told apart by their shape.
 */
import { titleOfBroken } from './broken-monitoring.ts';
import { isDashboardAlert, parseDashboardAlert } from './grafana-legacy.ts';
import type { Parse } from './message.ts';
import { monitoringParser } from './monitoring.ts';

const parseUnified = monitoringParser({
  // The "Test" button sends one made-up alert by these names.
  isTest: ({ labels }) => labels['alertname'] === 'TestAlert' && labels['instance'] === 'Grafana',
  rename: ({ labels }) => titleOfBroken(labels),
});

export const parseGrafana: Parse = (body, receivedAt) =>
  isDashboardAlert(body) ? parseDashboardAlert(body, receivedAt) : parseUnified(body, receivedAt);
