/**
 * An incident as a block of text for a terminal. Every word that came from outside passes through `safe`; times are
 * UTC with their distance by the server's clock, since a laptop's may be wrong.
 */
import type { Checklist, ChecklistItem } from '../../domain/engine/checklist.ts';
import type { ActionItemView, IncidentView, TimelineEntryView } from '../../domain/engine/view.ts';
import { impactText } from '../../domain/kernel/impact.ts';
import { roleTitle } from '../../domain/kernel/roles.ts';
import { plainText } from '../../domain/kernel/text.ts';
import { foldTimeline } from '../../domain/kernel/timeline.ts';
import { safe, textSection, timeText } from './terminal-text.ts';

/** The API's incident with what an answer to a command adds. Fields that a server does not send are absent. */
export type ApiIncident = Partial<IncidentView> &
  Pick<IncidentView, 'workflowId' | 'phase'> & {
    readonly url?: string;
    readonly checklist?: Checklist;
    readonly changed?: boolean;
    readonly text?: string;
  };

const ALERTS_SHOWN = 10;
const DELIVERIES_SHOWN = 10;
const ENTRIES_SHOWN = 10;

/** One line: number, severity, title, phase; the workflow id until there is a number. */
export function headline({ severity, title, phase, reference, workflowId, outcome, test }: ApiIncident): string {
  const marks = [test ? 'TEST' : null, outcome].filter(Boolean).join(', ');
  const state = marks === '' ? phase : `${phase} (${marks})`;
  const what = `${severity ?? ''} ${title ?? ''}`.trim();
  return safe(reference ? `${reference} ${what}: ${state}` : `${what}: ${state} [${workflowId}]`);
}

/** Everything worth knowing at 3 a.m., with the end of its timeline; `now` is the server's clock. */
export function incidentBlock(incident: ApiIncident, timeline: readonly TimelineEntryView[], now: number): string {
  return [
    headline(incident),
    ...identity(incident),
    ...history(incident, now),
    ...people(incident),
    ...assessmentLines(incident, now),
    ...workSections(incident),
    ...textSection('alerts', alerts(incident)),
    ...textSection(
      'next',
      (incident.deadlines ?? []).map(({ at, text }) => `${timeText(at, now)}  ${safe(text)}`),
    ),
    ...textSection('deliveries', deliveryLines(incident, now)),
    ...textSection('timeline', timelineLines(timeline, now).slice(-ENTRIES_SHOWN)),
  ].join('\n');
}

/** Runs of pages, and of alerts that come and go, are one line each. */
export function timelineLines(timeline: readonly TimelineEntryView[], now: number): string[] {
  const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 16)}Z`;
  return foldTimeline(timeline).map(({ entries: [first], text }) =>
    timelineLine({ ...first, text: plainText(text, clock) }, now),
  );
}

export function timelineLine({ at, kind, by, text }: TimelineEntryView, now: number): string {
  return `${timeText(at, now)}  ${safe(kind)}${by ? ` by ${safe(by)}` : ''}: ${safe(text)}`;
}

function deliveryLines(incident: ApiIncident, now: number): string[] {
  return (incident.deliveries ?? []).slice(-DELIVERIES_SHOWN).map((delivery) => deliveryLine(delivery, now));
}

export function deliveryLine(
  { at, to, method, state, reason }: IncidentView['deliveries'][number],
  now: number,
): string {
  return `${timeText(at, now)}  ${safe(`${to} by ${method}: ${state}${reason ? ` (${reason})` : ''}`)}`;
}

function identity({
  workflowId,
  id: incidentId,
  url,
  team,
  service,
  restricted,
  recurrenceOf,
  flapping,
  summary,
}: ApiIncident): string[] {
  const where = [
    `team ${team ?? '–'}`,
    service ? `service ${service}` : null,
    restricted ? 'RESTRICTED' : null,
    flapping ? 'FLAPPING' : null,
  ];
  return [
    `  ${safe(where.filter(Boolean).join(' · '))}`,
    `  ${safe(workflowId)} · incident ${safe(incidentId ?? '–')}`,
    ...(url ? [`  ${safe(url)}`] : []),
    ...(recurrenceOf ? [`  recurrence of ${safe(recurrenceOf)}`] : []),
    ...(summary ? [`  ${safe(summary)}`] : []),
  ];
}

function history(incident: ApiIncident, now: number): string[] {
  const times = [
    ['detected', incident.detectedAt],
    ['declared', incident.declaredAt],
    ['acknowledged', incident.acknowledgedAt],
    ['mitigated', incident.mitigatedAt],
    ['resolved', incident.resolvedAt],
    ['closed', incident.closedAt],
  ] as const;
  return times.flatMap(([what, at]) => (at ? [`  ${what.padEnd(13)} ${timeText(at, now)}`] : []));
}

function people({ roles }: ApiIncident): string[] {
  const held = Object.entries(roles ?? {}).flatMap(([role, person]) => (person ? [`${role} ${person}`] : []));
  return [`  ${'who'.padEnd(13)} ${held.length === 0 ? 'nobody yet' : safe(held.join(' · '))}`];
}

function alerts({
  alerts: shown = [],
  alertCount = shown.length,
  firingCount,
  truncatedAlerts = 0,
}: ApiIncident): string[] {
  const lines = shown.slice(0, ALERTS_SHOWN).map(({ status, stale, labels, fingerprint }) => {
    const { alertname, ...rest } = labels;
    const details = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
    return safe(
      `${(stale === undefined ? status : 'stale').padEnd(8)}  ${alertname ?? fingerprint}  ${details.join(' ')}`,
      200,
    );
  });
  if (alertCount > lines.length)
    lines.push(`and ${alertCount - lines.length} more, ${firingCount ?? '?'} firing in all`);
  if (truncatedAlerts > 0) lines.push(`${truncatedAlerts} more were not sent by monitoring`);
  return lines;
}

/** Lines of the head: only what is known. */
function assessmentLines(
  { impact, cause, decision, rolesWanted = [], resolution, postmortem }: ApiIncident,
  now: number,
): string[] {
  return [
    field('wanted', rolesWanted.map(roleTitle).join(', ')),
    field('impact', impact ? impactText(impact) : ''),
    field('cause', cause ? cause.text : ''),
    field('decision', decision ?? ''),
    field('resolution', resolution ?? ''),
    ...(postmortem ? [`  ${'post-mortem'.padEnd(13)} ${postmortemText(postmortem, now)}`] : []),
  ].filter((text) => text !== '');
}

function field(name: string, text: string): string {
  return text === '' ? '' : `  ${name.padEnd(13)} ${safe(text, 1_000)}`;
}

function postmortemText({ dueAt, doneAt, doneBy, url }: NonNullable<IncidentView['postmortem']>, now: number): string {
  if (doneAt === null) return dueAt === null ? 'not yet' : `due ${timeText(dueAt, now)}`;
  return `done ${timeText(doneAt, now)}${doneBy === null ? '' : ` by ${safe(doneBy)}`}${url === null ? '' : `: ${safe(url)}`}`;
}

function workSections({ checklist, actionItems = [] }: ApiIncident): string[] {
  const ticks = checklist === undefined ? [] : [...checklist.during, ...checklist.resolution];
  return [...textSection('checklist', ticks.map(tick)), ...textSection('action items', actionItems.map(itemLine))];
}

/** `[x]` done, `[ ]` not yet, `[?]` only people can know. */
function tick({ item, done }: ChecklistItem): string {
  return `[${done === null ? '?' : done ? 'x' : ' '}] ${safe(item)}`;
}

/** `[ ] A1  Watch the pool  (bo, due 2026-12-24)`. */
export function itemLine({ id, text, owner, due, doneBy, doneAt }: ActionItemView): string {
  const about = [owner ?? 'nobody', due === null ? null : `due ${due}`, doneBy === null ? null : `done by ${doneBy}`];
  const details = about.filter((word) => word !== null).join(', ');
  return `[${doneAt === null ? ' ' : 'x'}] ${safe(id)}  ${safe(text)}  (${safe(details)})`;
}
