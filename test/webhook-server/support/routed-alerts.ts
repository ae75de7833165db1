/** Routed alerts for tests: complete, small, and different only where a test says so. */
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { Severity } from '../../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { aPolicy } from '../../support/builders.ts';

export const T0 = Date.UTC(2026, 0, 5, 9);

export function alert(fingerprint: string, changes: Partial<AlertReport> = {}): AlertReport {
  return {
    fingerprint,
    status: 'firing',
    startsAt: T0,
    startGuessed: false,
    endsAt: null,
    severity: 'SEV2',
    title: `${fingerprint} fires`,
    labels: { alertname: fingerprint },
    annotations: {},
    links: {},
    ...changes,
  };
}

export const resolved = (fingerprint: string, changes: Partial<AlertReport> = {}): AlertReport =>
  alert(fingerprint, { status: 'resolved', endsAt: T0 + 60_000, ...changes });

const policy = aPolicy();

export function opening(workflowId: string, changes: Partial<Declaration> = {}): Declaration {
  return {
    workflowId,
    incidentId: `01TEST${Math.random().toString(36).slice(2)}`,
    title: `${workflowId} is down`,
    summary: '',
    severity: 'SEV2',
    severityGuessed: false,
    team: 'platform',
    service: null,
    component: null,
    source: 'alertmanager',
    declaredBy: null,
    declarerIsOnCall: false,
    test: false,
    restricted: false,
    policy,
    spooledAt: null,
    recurrenceOf: null,
    ...changes,
  };
}

export function routed(workflowId: string, alerts: readonly AlertReport[], severity: Severity = 'SEV2'): RoutedAlerts {
  return {
    declaration: opening(workflowId, { severity }),
    alerts,
    source: 'alertmanager',
    receivedAt: T0,
    staleAfterMs: 12 * 3_600_000,
    truncated: 0,
  };
}

/** A log that remembers its lines instead of printing them. */
export function silentLog(): {
  readonly lines: string[];
  readonly info: (...args: unknown[]) => void;
  readonly warn: (...args: unknown[]) => void;
  readonly error: (...args: unknown[]) => void;
} {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (...args: unknown[]): void => {
      lines.push(`${level} ${args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ')}`);
    };
  return { lines, info: note('info'), warn: note('warn'), error: note('error') };
}
