/**
 * An incident as a block of text for a terminal. Every word that came from outside passes through `safe`; times are
 * UTC with their distance by the server's clock, since a laptop's may be wrong.
 */
import type { Checklist } from '../domain/checklist.ts';
import type { IncidentView, TimelineLine } from '../domain/view.ts';
import { judgement, sections } from './incident-work.ts';
import { moment, section } from './moments.ts';
import { safe } from './text.ts';

/** The API's incident with what an answer to a command adds. Fields that a server does not send are absent. */
export type ShownIncident = Partial<IncidentView> &
  Pick<IncidentView, 'workflowId' | 'phase'> & {
    readonly url?: string;
    readonly checklist?: Checklist;
    readonly changed?: boolean;
    readonly text?: string;
  };

const ALERTS_SHOWN = 10;
const DELIVERIES_SHOWN = 10;

/** One line: number, severity, title, phase; the workflow id until there is a number. */
export function headline({ severity, title, phase, reference, workflowId, outcome, test }: ShownIncident): string {
  const marks = [test ? 'TEST' : null, outcome].filter(Boolean).join(', ');
  const state = marks === '' ? phase : `${phase} (${marks})`;
  const what = `${severity ?? ''} ${title ?? ''}`.trim();
  return safe(reference ? `${reference} ${what}: ${state}` : `${what}: ${state} [${workflowId}]`);
}

/** Everything worth knowing at 3 a.m.; `now` is the server's clock. */
export function block(incident: ShownIncident, lines: readonly TimelineLine[], now: number): string {
  return [
    headline(incident),
    ...identity(incident),
    ...history(incident, now),
    ...people(incident),
    ...judgement(incident, now),
    ...sections(incident),
    ...section('alerts', alerts(incident)),
    ...section(
      'next',
      (incident.deadlines ?? []).map(({ at, text }) => `${moment(at, now)}  ${safe(text)}`),
    ),
    ...section('deliveries', deliveries(incident, now)),
    ...section('timeline', timeline(lines, now)),
  ].join('\n');
}

export function timeline(lines: readonly TimelineLine[], now: number): string[] {
  return lines.map(
    ({ at, kind, by, text }) => `${moment(at, now)}  ${safe(kind)}${by ? ` by ${safe(by)}` : ''}: ${safe(text)}`,
  );
}

export function deliveries(incident: ShownIncident, now: number): string[] {
  return (incident.deliveries ?? []).slice(-DELIVERIES_SHOWN).map(({ at, to, method, state, reason }) => {
    return `${moment(at, now)}  ${safe(`${to} by ${method}: ${state}${reason ? ` (${reason})` : ''}`)}`;
  });
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
}: ShownIncident): string[] {
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

function history(incident: ShownIncident, now: number): string[] {
  const moments = [
    ['detected', incident.detectedAt],
    ['declared', incident.declaredAt],
    ['acknowledged', incident.acknowledgedAt],
    ['mitigated', incident.mitigatedAt],
    ['resolved', incident.resolvedAt],
    ['closed', incident.closedAt],
  ] as const;
  return moments.flatMap(([what, at]) => (at ? [`  ${what.padEnd(13)} ${moment(at, now)}`] : []));
}

function people({ roles }: ShownIncident): string[] {
  const held = Object.entries(roles ?? {}).flatMap(([role, person]) => (person ? [`${role} ${person}`] : []));
  return [`  ${'who'.padEnd(13)} ${held.length === 0 ? 'nobody yet' : safe(held.join(' · '))}`];
}

function alerts({
  alerts: shown = [],
  alertCount = shown.length,
  firingCount,
  truncatedAlerts = 0,
}: ShownIncident): string[] {
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
