/**
 * Explanations as text for a terminal. Every word that came from outside passes through `safe`; the server is believed
 * only as far as it is understood, so fields that it does not send are left out.
 */
import type { IncidentExplained } from '../../webhook-server/api/explain/explain-incident.ts';
import type { AlertExplained } from '../../webhook-server/api/explain/explain-alert.ts';
import type { PayloadExplained } from '../../webhook-server/api/explain/explain-payload.ts';
import type { PagingPlan, PlannedPage } from '../../webhook-server/api/explain/paging-plan.ts';
import type { RoutedAlertsExplained } from '../../webhook-server/api/explain/explain-routed-alerts.ts';
import { timelineLines } from './incident-text.ts';
import { safe, timeText } from './terminal-text.ts';

export type ExplainedIncident = IncidentExplained;
export type ExplainedPayload = PayloadExplained;

const NAME_WIDTH = 11;
const LONG = 300;

export function explainedPayload(explained: ExplainedPayload): string {
  const { source, alerts, alertCount, incidents, incidentCount, truncated, dropped } = explained;
  const left = [
    alertCount > alerts.length ? `${alertCount - alerts.length} more alerts are not shown` : null,
    incidentCount > incidents.length ? `${incidentCount - incidents.length} more incidents are not shown` : null,
    truncated > 0
      ? `${count(truncated, 'alert')} left out by the sender or malformed: such a message never clears an incident`
      : null,
    ...dropped.map((line) => safe(line)),
  ].filter((line) => line !== null);
  return [
    `${safe(source)}: ${count(alertCount, 'alert')}, ${count(incidentCount, 'incident')}. Nothing was opened, told or kept.`,
    ...left,
    ...alerts.flatMap((alert, index) => ['', ...alertLines(alert, index + 1)]),
    ...incidents.flatMap((incident) => ['', ...routedAlertsLines(incident)]),
  ].join('\n');
}

function alertLines(alert: AlertExplained, n: number): string[] {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`);
  return [
    safe(`ALERT ${n}  ${alert.title}`),
    ...row('status', `${alert.status} since ${alert.startsAt}${alert.startGuessed ? ' (guessed)' : ''}`),
    ...row('labels', labels.join(' ')),
    ...rows('repaired', alert.repaired),
    ...(alert.ignored === null ? [] : row('ignored', alert.ignored)),
    ...(alert.routing === null ? [] : routingLines(alert.routing)),
    ...(alert.identity === null ? [] : rows('identity', identityLines(alert.identity))),
  ];
}

function routingLines({
  route,
  match,
  team,
  skippedRoutes,
  severity,
}: NonNullable<AlertExplained['routing']>): string[] {
  const fits = Object.entries(match).map(([label, pattern]) => `${label}=${pattern}`);
  const taken = `routes[${route}] ${fits.length === 0 ? '(the default)' : `{ ${fits.join(', ')} }`} → team ${team}`;
  const passed = skippedRoutes.map(({ route: earlier, label, pattern, value }) => {
    const have = value === null ? 'it has none' : `it is "${value}"`;
    return `not routes[${earlier}]: ${label} should be "${pattern}", ${have}`;
  });
  return [...rows('route', [taken, ...passed]), ...row('severity', severityText(severity))];
}

function severityText(severityExplained: NonNullable<AlertExplained['routing']>['severity']): string {
  const label = severityExplained.label === null ? 'no label severity' : `label severity="${severityExplained.label}"`;
  const because = {
    map: `${label}, by the route's map`,
    label,
    lifted: `${label} pages, and the route lifts it`,
    route: `${label} that anybody knows, so the route's own`,
    guessed: `guessed: ${label} that anybody knows`,
    none: `${label}: no incident`,
  }[severityExplained.because];
  const cap =
    severityExplained.cappedFrom === null
      ? ''
      : `; the route's maxSeverity holds it down from ${severityExplained.cappedFrom}`;
  return `${severityExplained.severity ?? 'none'}: ${because}${cap}`;
}

const IDENTITY = {
  group: "the sender's own key of the group",
  'group-labels': 'the labels of the group',
  labels: "the route's correlateBy",
  'alert-labels': "the alert's own labels, since the sender named no group",
} as const;

function identityLines({ workflowId, by, key, team }: NonNullable<AlertExplained['identity']>): string[] {
  return [`${workflowId}, made of team ${team} and ${IDENTITY[by] ?? by}`, key];
}

function routedAlertsLines(incident: RoutedAlertsExplained): string[] {
  const { workflowId, title, severity, severityGuessed, team, service, test, restricted, now, effect, storm } =
    incident;
  const marks = [severityGuessed ? 'severity guessed' : null, test ? 'TEST' : null, restricted ? 'RESTRICTED' : null];
  const where = [`team ${team}`, service ? `service ${service}` : null, ...marks].filter(Boolean).join(' · ');
  return [
    safe(`INCIDENT  ${severity} ${title}`),
    ...row('identity', `${workflowId} · ${where}`),
    ...row('now', nowText(now)),
    ...row('effect', effect),
    ...rows('because', incident.reasons),
    ...(storm === null ? [] : row('storm', `while it lasts, pages come from ${storm} and name this group`)),
    ...(incident.paging === null ? [] : planLines(incident.paging)),
  ];
}

function nowText(now: RoutedAlertsExplained['now']): string {
  if (now.state === 'none') return 'no incident is there';
  if (now.state === 'unknown') return 'unknown: neither Temporal nor a worker answered in time';
  if (!('phase' in now)) return now.state;
  const who = now.ic === null ? 'nobody has it' : `${now.ic} has it`;
  return `${now.reference ?? 'an incident'} is ${now.phase}${now.outcome === null ? '' : ` (${now.outcome})`}, ${now.severity}, ${who}`;
}

function planLines({ pages, then, policy }: PagingPlan): string[] {
  const skipped = new Set(pages.flatMap(({ skipped: names }) => names.map(({ name, why }) => `${name}: ${why}`)));
  return [
    ...rows('paged', pages.filter(({ people, quietUntil }) => people.length > 0 || quietUntil !== null).map(pageText)),
    ...rows('not paged', [...skipped]),
    ...row('then', then),
    ...row('policy', `${policy}, frozen when it is declared`),
  ];
}

function pageText({ afterMs, level, reason, people, quietUntil }: PlannedPage): string {
  const who = people.map(({ person, name, methods, quiet }) => {
    const hours = quiet ? ', in quiet hours' : '';
    return `${name} (${person}) by ${methods.join(' and ')}${hours}`;
  });
  const where = level === 0 ? reason : `level ${level}, ${reason}`;
  const quietNote = quietUntil === null ? '' : ` (no noise before ${quietUntil})`;
  return `${offsetText(afterMs).padStart(7)}  ${where.padEnd(20)}  ${who.join('; ')}${quietNote}`;
}

/** `+5:00`; `+1:00:00` from an hour on. */
function offsetText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return hours > 0 ? `+${hours}:${two(minutes)}:${two(rest)}` : `+${minutes}:${two(rest)}`;
}

export function explainedIncident(explained: ExplainedIncident, now: number): string {
  const { id, reference, workflowId, title, phase, source, identity, severity, policy, paged, next, paging } =
    explained;
  const highest = severity.highest === severity.now ? '' : `, at its worst ${severity.highest}`;
  return [
    safe(`${reference ?? workflowId}  ${severity.now} ${title}: ${phase}`),
    ...rows('identity', [`${workflowId} · incident ${id} · source ${source}`, identity]),
    ...row('severity', `${severity.now}${highest}${severity.guessed ? ', guessed: nobody has said' : ''}`),
    ...rows('', timelineLines(severity.entries, now)),
    ...(policy === null ? [] : rows('policy', policyLines(policy))),
    ...rows(
      'paged',
      paged.map((one) => pagedText(one, now)),
    ),
    ...rows(
      'under way',
      (paging?.waiting ?? []).map(
        ({ reason, names, dueAt }) => `${reason}: ${names.join(', ')}, due ${timeText(dueAt, now)}`,
      ),
    ),
    ...rows(
      'next',
      next.map(({ at, text }) => `${timeText(at, now)}  ${text}`),
    ),
    ...row('nobody else', explained.nobodyElse),
  ].join('\n');
}

function policyLines({ digest, today, differs }: NonNullable<ExplainedIncident['policy']>): string[] {
  if (today === null) return [`${digest}; its team is no longer in the configuration`];
  if (today === digest) return [`${digest}, the same as today's configuration`];
  return [`${digest}, frozen at its declaration; today's is ${today}`, `they differ in ${differs.join(', ')}`];
}

function pagedText(one: ExplainedIncident['paged'][number], now: number): string {
  const result = one.state === 'accepted' ? 'accepted' : `FAILED (${one.reason ?? 'no reason given'})`;
  return `${timeText(one.at, now)}  ${one.name} by ${one.method}: ${result}. ${one.why} [${one.key}]`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

const row = (name: string, text: string): string[] => rows(name, [text]);

/** The name before the first line only. */
function rows(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(NAME_WIDTH)}  ${safe(line, LONG)}`);
}
