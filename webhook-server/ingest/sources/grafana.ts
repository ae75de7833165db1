/**
 * Grafana's webhook: unified alerting's contact point (version 1), and the alerts of dashboards, which used the same
 * address until Grafana 11 and are distinguished by their shape.
 */
import { alertmanagerFormatParser } from './alertmanager.ts';
import { brokenMonitoringTitle, isDashboardAlert, parseDashboardAlert } from './grafana-legacy.ts';
import type { ParseBody } from './message.ts';

const parseUnified = alertmanagerFormatParser({
  // The "Test" button sends one made-up alert with these names.
  isTest: ({ labels }) => labels['alertname'] === 'TestAlert' && labels['instance'] === 'Grafana',
  rename: ({ labels }) => brokenMonitoringTitle(labels),
});

export const parseGrafana: ParseBody = (body, receivedAt) =>
  isDashboardAlert(body) ? parseDashboardAlert(body, receivedAt) : parseUnified(body, receivedAt);
