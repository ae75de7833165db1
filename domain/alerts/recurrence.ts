/**
 * An alert that fires again after the end opens a new incident with the same workflow id, linked to the one before.
 * Pure.
 */
import type { AlertReport } from '../kernel/alert.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Declaration } from '../kernel/declaration.ts';
import { worstOf } from '../kernel/severity.ts';

export function recurrenceDeclaration(
  before: Incident,
  alerts: readonly AlertReport[],
  incidentId: string,
): Declaration {
  const severity = worstOf(alerts.map((alert) => alert.severity)) ?? before.severity;
  const worst = alerts.find((alert) => alert.severity === severity);
  const {
    workflowId,
    team,
    service,
    component,
    source,
    restricted,
    policy,
    alerts: { storm },
  } = before;
  return {
    workflowId,
    incidentId,
    ...(storm
      ? { title: before.title, summary: before.summary, storm: true }
      : { title: worst?.title ?? before.title, summary: worst?.annotations['description'] ?? before.summary }),
    severity,
    severityGuessed: worst?.severityGuessed === true,
    team,
    service,
    component,
    source,
    declaredBy: null,
    declarerIsOnCall: false,
    test: before.test,
    restricted,
    policy,
    spooledAt: null,
    recurrenceOf: before.incidentId,
  };
}
