/** The incident as a page shows it: small, whatever its alerts hold. Pure. */
import type { AlertLinks } from '../kernel/alert.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Phase } from '../kernel/phase.ts';
import type { Severity } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';

export interface PagedIncident {
  /** Its number, once it has one. */
  readonly reference: string | null;
  readonly workflowId: string;
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly summary: string;
  readonly phase: Phase;
  readonly team: string;
  readonly service: string | null;
  /** At most five. */
  readonly alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly links: AlertLinks }[];
  readonly alertCount: number;
}

const ALERTS_SHOWN = 5;
const LABELS_SHOWN = 20;
const LABEL_LENGTH = 200;

export function pagedIncident(incident: Incident): PagedIncident {
  const { workflowId, incidentId, severity, title, summary, phase, team, service } = incident;
  const shown = Object.values(incident.alerts.details).slice(0, ALERTS_SHOWN);
  return {
    reference: incident.reference,
    workflowId,
    id: incidentId,
    severity,
    title,
    summary: truncate(summary, 500),
    phase,
    team,
    service,
    alerts: shown.map(({ labels, links }) => ({ labels: firstLabels(labels), links })),
    alertCount: Object.keys(incident.alerts.states).length,
  };
}

export function firstLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .slice(0, LABELS_SHOWN)
      .map(([name, value]) => [name, truncate(value, LABEL_LENGTH)]),
  );
}
