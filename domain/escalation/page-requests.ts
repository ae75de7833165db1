/** How long a page request stays valid, how late it is, and what it says of the incident. Pure. */
import { TIMER_DRIFT_MS } from './escalation.ts';
import type { Incident } from '../kernel/incident.ts';
import type { PageRequest } from '../kernel/outbox.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import type { AlertDetails, AlertLinks } from '../kernel/alert.ts';
import { alertTitle, groupTitle, worstFirst, type TitledAlert } from '../kernel/alert-titles.ts';
import type { Phase } from '../kernel/phase.ts';
import { alertCount, firingAlerts } from '../kernel/queries.ts';
import type { Severity } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';

/** An acknowledgement cancels the escalation's pages, but not those to leadership or those sent by hand. */
export function outlivesEscalation({ reason, targets, startsLevel }: PageRequest): boolean {
  if (reason === 'by-hand') return !startsLevel;
  return reason !== 'recurrence' && targets.every(({ level }) => level === OUTSIDE_ESCALATION);
}

/**
 * A page request that failed is sent again while an answer is needed and no newer request for its levels exists, in any
 * cycle: a vendor that recovers does not get every page it missed.
 */
export function shouldReissuePage({ escalation, outbox }: Incident, request: PageRequest): boolean {
  if (!outlivesEscalation(request) && !escalation.open) return false;
  const { n: own, call } = request;
  if (call !== undefined && outbox.pages.some((page) => page.call === call && page.n > own)) return false;
  const newer = outbox.pages
    .filter(({ n }) => n > request.n)
    .flatMap(({ targets }) => targets.map(({ level }) => level));
  return request.targets.some(({ level }) => level === OUTSIDE_ESCALATION || !newer.includes(level));
}

/** How late a page request sent at `at` is, ms; 0 within the drift of a timer. */
export function pageLatenessMs(request: PageRequest, at: number): number {
  return at - request.dueAt > TIMER_DRIFT_MS ? at - request.dueAt : 0;
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
/** Short enough for what follows it to be on a lock screen too. */
const COUNTED_TITLE_LENGTH = 110;

export function pagedIncident(incident: Incident): PagedIncident {
  const { workflowId, incidentId, severity, summary, phase, team, service } = incident;
  const known = worstFirst(knownAlerts(incident));
  return {
    reference: incident.reference,
    workflowId,
    id: incidentId,
    severity,
    title: withNeverSent(incident, pageTitle(incident, known)),
    summary: truncate(summary, 500),
    phase,
    team,
    service,
    alerts: known.slice(0, ALERTS_SHOWN).map(({ labels, links }) => ({ labels: firstLabels(labels), links })),
    alertCount: alertCount(incident),
  };
}

interface KnownAlert extends TitledAlert, Omit<AlertDetails, 'title'> {
  readonly firing: boolean;
}

/** The alerts whose labels are kept; those that fire when any does. */
function knownAlerts({ alerts, severity: incidentSeverity }: Incident): readonly KnownAlert[] {
  const known = Object.entries(alerts.details).map(([fingerprint, details]): KnownAlert => {
    const { status, severity = incidentSeverity } = alerts.states[fingerprint] ?? { status: 'resolved' };
    const { labels, annotations } = details;
    const { alertname = null, service = null } = labels;
    const title = details.title ?? alertTitle(labels, annotations['summary']) ?? '';
    return { ...details, severity, title, service, name: alertname, firing: status === 'firing' };
  });
  const firing = known.filter((alert) => alert.firing);
  return firing.length > 0 ? firing : known;
}

/** Its own title, unless monitoring opened it and more than one alert fires: then they are counted and named. */
function pageTitle(incident: Incident, known: readonly KnownAlert[]): string {
  const count = firingAlerts(incident).length;
  if (incident.declaredBy !== null || incident.alerts.storm !== undefined || count < 2) return incident.title;
  const named = known.filter(({ name, title }) => name !== null || title !== '');
  return (named.length === known.length ? groupTitle(named, count) : null) ?? incident.title;
}

/** The person who is woken must know that there is more than the page can name. */
function withNeverSent({ alerts: { truncated } }: Incident, title: string): string {
  if (truncated === 0) return title;
  const were = truncated === 1 ? '1 alert was' : `${truncated} alerts were`;
  return `${truncate(title, COUNTED_TITLE_LENGTH)} (${were} never sent)`;
}

export function firstLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .slice(0, LABELS_SHOWN)
      .map(([name, value]) => [name, truncate(value, LABEL_LENGTH)]),
  );
}
