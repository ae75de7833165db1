/** A report as text for a terminal, or to be pasted into a mail. */
import { headline, timeline } from '../incident-text.ts';
import { moment, section } from '../moments.ts';
import { lengthOf, safe } from '../text.ts';
import type { Durations, Involved, Report } from './report.ts';

/** `now` is the server's clock. */
export function reportText(report: Report, now: number): string {
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
    ...(incident.declaredAt ? [`  declared ${moment(incident.declaredAt, now)}`] : []),
    ...(resolution ? [`  resolution: ${safe(resolution)}`] : []),
    ...section('how long', lengths(durations, incident.resolvedAt == null)),
    ...section('people', people.map(personLine)),
    ...section('in numbers', numbers(counts)),
    ...section('what happened', timeline(milestones, now)),
    `${report.lines} lines in all: tocsin show ${safe(incident.reference ?? incident.workflowId)} --timeline`,
  ].join('\n');
}

function lengths({ detectMs, acknowledgeMs, mitigateMs, resolveMs, totalMs }: Durations, goesOn: boolean): string[] {
  const rows: readonly (readonly [string, number | null])[] = [
    ['to detect', detectMs],
    ['to acknowledge', acknowledgeMs],
    ['to mitigate', mitigateMs],
    ['to resolve', resolveMs],
    [goesOn ? 'so far' : 'in all', totalMs],
  ];
  return rows.map(([what, ms]) => `${what.padEnd(15)} ${ms === null ? '–' : lengthOf(ms)}`);
}

function personLine({ name, roles, lines, paged }: Involved): string {
  const facts = [...roles, paged ? 'paged' : null, lines === 0 ? null : `${lines} ${lines === 1 ? 'line' : 'lines'}`];
  return safe(`${name}: ${facts.filter(Boolean).join(', ')}`);
}

function numbers(counts: Report['counts']): string[] {
  return [
    `${counts.alerts} alerts, ${counts.pagesAccepted} pages accepted, ${counts.pagesFailed} failed`,
    `${counts.updates} updates, ${counts.missedUpdates} missed; it came back ${counts.recurrences} times`,
  ];
}
