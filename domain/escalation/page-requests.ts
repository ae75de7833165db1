/** How long an order to page stands, and how late it leaves. Pure. */
import { TIMER_DRIFT_MS } from './escalation.ts';
import type { Incident } from '../kernel/incident.ts';
import type { PageRequest } from '../kernel/outbox.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import type { AlertLinks } from '../kernel/alert.ts';
import type { Phase } from '../kernel/phase.ts';
import type { Severity } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';

/** An answer stops the chain on every medium; it does not unsay what leadership, or somebody by hand, must hear. */
export function outlivesEscalation({ reason, targets, startsLevel }: PageRequest): boolean {
  if (reason === 'by-hand') return !startsLevel;
  return reason !== 'recurrence' && targets.every(({ level }) => level === OUTSIDE_ESCALATION);
}

/**
 * An order that could not be delivered is issued again while somebody still has to answer and no newer one replaces
 * it, in whatever pass: a vendor that comes back is not met by every page it missed.
 */
export function shouldReissuePage({ escalation, outbox }: Incident, order: PageRequest): boolean {
  if (!outlivesEscalation(order) && !escalation.open) return false;
  const newer = outbox.pages.filter(({ n }) => n > order.n).flatMap(({ targets }) => targets.map(({ level }) => level));
  return order.targets.some(({ level }) => level === OUTSIDE_ESCALATION || !newer.includes(level));
}

/** How late an order leaves at `at`, ms; 0 within the drift of a timer. */
export function pageLatenessMs(order: PageRequest, at: number): number {
  return at - order.dueAt > TIMER_DRIFT_MS ? at - order.dueAt : 0;
}

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
