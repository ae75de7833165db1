/** Prometheus Alertmanager's webhook, version 4; older and hand-made ones as far as they can be read. */
import { alertmanagerFormatParser } from './alertmanager-format.ts';

export const parseAlertmanager = alertmanagerFormatParser({ isTest: () => false, rename: () => null });
