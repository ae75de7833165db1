/** Prometheus Alertmanager's webhook, version 4; older and hand-made ones as far as they can be read. */
import { monitoringParser } from './monitoring.ts';

export const parseAlertmanager = monitoringParser({ isTest: () => false, rename: () => null });
