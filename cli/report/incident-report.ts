/** What an incident comes to: lengths of time, people, counts. Pure. */
import { roughDuration } from '../../domain/kernel/duration.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import type { EventType } from '../../domain/kernel/events.ts';
import { isTurningPoint } from '../../domain/kernel/timeline.ts';
import type { TimelineEntryView } from '../../domain/engine/view.ts';
import { headline, timelineLines, type ApiIncident } from '../text/incident-text.ts';
import { safe, textSection, timeText } from '../text/terminal-text.ts';

export interface IncidentReport {
  readonly incident: ApiIncident;
  readonly durations: Durations;
  readonly people: readonly Involved[];
  readonly counts: {
    readonly alerts: number;
    readonly pagesAccepted: number;
    readonly pagesFailed: number;
    readonly updates: number;
    readonly missedUpdates: number;
    readonly recurrences: number;
  };
  /** The lines that turned it, in order. */
  readonly milestones: readonly TimelineEntryView[];
  /** Lines of the whole timeline, and how many of it the server no longer has. */
  readonly entries: number;
  readonly cut: number;
}

/** ms; null: has not happened, or is not known. All but `detectMs` and `totalMs` count from declaration. */
export interface Durations {
  /** From the start of the first alert to declaration. */
  readonly detectMs: number | null;
  readonly acknowledgeMs: number | null;
  readonly mitigateMs: number | null;
  readonly resolveMs: number | null;
  /** From the start of the trouble to its resolution, or until now. */
  readonly totalMs: number | null;
}

export interface Involved {
  readonly name: string;
  readonly roles: readonly string[];
  /** Lines they wrote. */
  readonly entries: number;
  /** A page to them was accepted. */
  readonly paged: boolean;
}

/** Told beside the turning points. */
const MILESTONES: ReadonlySet<string> = new Set<EventType>(['level-unreachable', 'update-posted', 'update-missed']);

interface IncidentReportInput {
  readonly incident: ApiIncident;
  readonly timeline: readonly TimelineEntryView[];
  readonly cut: number;
  /** The server's clock, epoch ms. */
  readonly now: number;
}

export function reportOf({ incident, timeline, cut, now }: IncidentReportInput): IncidentReport {
  const count = (kind: EventType): number => timeline.filter((line) => line.kind === kind).length;
  const pages = (incident.deliveries ?? []).filter(isPage);
  return {
    incident,
    durations: durationsOf(incident, now),
    people: peopleOf(incident, timeline),
    counts: {
      alerts: incident.alertCount ?? incident.alerts?.length ?? 0,
      pagesAccepted: pages.filter(({ state }) => state === 'accepted').length,
      pagesFailed: pages.filter(({ state }) => state === 'failed').length,
      updates: count('update-posted'),
      missedUpdates: count('update-missed'),
      recurrences: count('recurred'),
    },
    milestones: timeline.filter((entry) => isTurningPoint(entry) || MILESTONES.has(entry.kind)),
    entries: timeline.length + cut,
    cut,
  };
}

function durationsOf(incident: ApiIncident, now: number): Durations {
  const declared = epoch(incident.declaredAt);
  const detected = epoch(incident.detectedAt);
  const ended = epoch(incident.resolvedAt) ?? epoch(incident.closedAt);
  return {
    detectMs: between(detected, declared),
    acknowledgeMs: between(declared, epoch(incident.acknowledgedAt)),
    mitigateMs: between(declared, epoch(incident.mitigatedAt)),
    resolveMs: between(declared, epoch(incident.resolvedAt)),
    totalMs: between(detected ?? declared, ended ?? now),
  };
}

function peopleOf(incident: ApiIncident, timeline: readonly TimelineEntryView[]): readonly Involved[] {
  const roles = Object.entries(incident.roles ?? {});
  const pages = (incident.deliveries ?? []).filter(isPage);
  const paged = pages.flatMap(({ to, state }) => (state === 'accepted' ? [to] : []));
  const names = [...roles.map(([, person]) => person), ...timeline.map(({ by }) => by), ...paged];
  return [...new Set(names.filter((name) => name !== null))].map((name) => ({
    name,
    roles: roles.flatMap(([role, person]) => (person === name ? [role] : [])),
    entries: timeline.filter(({ by }) => by === name).length,
    paged: paged.includes(name),
  }));
}

function epoch(iso: string | null | undefined): number | null {
  const at = Date.parse(iso ?? '');
  return Number.isNaN(at) ? null : at;
}

/** Clocks of monitoring and of the server may disagree: never less than nothing. */
function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from);
}

/** `now` is the server's clock. */
export function reportText(report: IncidentReport, now: number): string {
  const { incident, durations, people, milestones, counts } = report;
  const { team, service, component, resolution, recurrenceOf, url } = incident;
  const about = [
    `team ${team ?? '–'}`,
    service ? `service ${service}` : null,
    component ? `component ${component}` : null,
    incident.highestSeverity && incident.highestSeverity !== incident.severity
      ? `was ${incident.highestSeverity}`
      : null,
    recurrenceOf ? `recurrence of ${recurrenceOf}` : null,
  ];
  return [
    headline(incident),
    `  ${safe(about.filter(Boolean).join(' · '))}`,
    ...(url ? [`  ${safe(url)}`] : []),
    ...(incident.declaredAt ? [`  declared ${timeText(incident.declaredAt, now)}`] : []),
    ...(resolution ? [`  resolution: ${safe(resolution)}`] : []),
    ...textSection('how long', lengths(durations, incident.resolvedAt == null)),
    ...textSection('people', people.map(personLine)),
    ...textSection('in numbers', numbers(counts)),
    ...textSection('what happened', timelineLines(milestones, now)),
    `${report.entries} lines in all: tocsin show ${safe(incident.reference ?? incident.workflowId)} --timeline`,
  ].join('\n');
}

function lengths({ detectMs, acknowledgeMs, mitigateMs, resolveMs, totalMs }: Durations, isOngoing: boolean): string[] {
  const rows: readonly (readonly [string, number | null])[] = [
    ['to detect', detectMs],
    ['to acknowledge', acknowledgeMs],
    ['to mitigate', mitigateMs],
    ['to resolve', resolveMs],
    [isOngoing ? 'so far' : 'in all', totalMs],
  ];
  return rows.map(([what, ms]) => `${what.padEnd(15)} ${ms === null ? '–' : roughDuration(ms)}`);
}

function personLine({ name, roles, entries, paged }: Involved): string {
  const facts = [
    ...roles,
    paged ? 'paged' : null,
    entries === 0 ? null : `${entries} ${entries === 1 ? 'line' : 'lines'}`,
  ];
  return safe(`${name}: ${facts.filter(Boolean).join(', ')}`);
}

function numbers(counts: IncidentReport['counts']): string[] {
  return [
    `${counts.alerts} alerts, ${counts.pagesAccepted} pages accepted, ${counts.pagesFailed} failed`,
    `${counts.updates} updates, ${counts.missedUpdates} missed; it came back ${counts.recurrences} times`,
  ];
}
