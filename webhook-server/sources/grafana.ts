/** Grafana Alerting's webhook contact point, version 1 (unified alerting; dashboard alerts died with Grafana 11). */
import { monitoringParser } from './monitoring.ts';

/** Its "Test" button sends one made-up alert by these names. */
export const parseGrafana = monitoringParser({
  isTest: ({ labels }) => labels['alertname'] === 'TestAlert' && labels['instance'] === 'Grafana',
});
