/** A report as text for a terminal, or to be pasted into a mail. */
import { headline, timelineLines } from '../text/incident-text.ts';
import { timeText, textSection } from '../text/time-text.ts';
import { durationText, safe } from '../text/terminal-text.ts';
import type { Durations, Involved, IncidentReport } from './incident-report.ts';

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
  return rows.map(([what, ms]) => `${what.padEnd(15)} ${ms === null ? '–' : durationText(ms)}`);
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
