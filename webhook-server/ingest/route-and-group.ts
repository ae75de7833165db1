/**
 * The route and group stages. Every alert is routed on its own; alerts that share a team and a correlation key go
 * together. Pure apart from the incident's ULID.
 */
import type { Config } from '../../config/config.ts';
import type { SourceName } from '../../config/sections/sources.ts';
import {
  correlationKey,
  workflowIdFor,
  routeAlert,
  routeEnd,
  routingsWithoutLabels,
  type Routing,
} from '../../config/routing.ts';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import { groupTitle } from '../../domain/kernel/alert-titles.ts';
import { isWorse } from '../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { cachedPolicy, declarationOf, newUlid } from './declaration.ts';
import type { IngestContext } from './sources/index.ts';
import type { Dropped, RawAlert, SourceMessage, Staged } from './sources/message.ts';
import { titleLine } from './sources/alert-fields.ts';
import { sanitizeText, NAME_LIMIT, type Labels } from './sources/sanitize.ts';
import { selfMonitoringReason } from './sources/watchdog.ts';

/** One alert and its route. */
export interface RoutedAlert {
  readonly message: SourceMessage;
  readonly raw: RawAlert;
  readonly routing: Routing;
}

/** Drops alerts that open no incident: firing ones of severity `none`, and those that only serve monitoring itself. */
export function route(messages: readonly SourceMessage[], { config }: IngestContext): Staged<readonly RoutedAlert[]> {
  const kept: RoutedAlert[] = [];
  const dropped: Dropped[] = [];
  for (const message of messages) {
    for (const raw of message.alerts) {
      const routings = routingsOf(raw, message, config);
      if (typeof routings === 'string') dropped.push({ count: 1, reason: routings, alert: raw });
      else for (const routing of routings) kept.push({ message, raw, routing });
    }
  }
  return { kept, dropped };
}

/** An alert's route, or why it has none. */
function routingsOf(raw: RawAlert, message: SourceMessage, config: Config): readonly Routing[] | string {
  // Ends pass: there may be an incident from before the heartbeat was configured.
  const reason = raw.status === 'firing' ? selfMonitoringReason(raw, config) : null;
  if (reason !== null) return reason;
  const byLabels = raw.status === 'resolved' ? routeEnd(config, raw.labels) : routeAlert(config, raw.labels);
  if (byLabels === 'no-incident') return `severity "${raw.labels['severity'] ?? 'none'}"`;
  return message.resolvesWithoutLabels ? [byLabels, ...routingsWithoutLabels(config)] : [byLabels];
}

/** What alerts of one team must share to belong to one incident. */
export function correlationKeyOf({ message, raw, routing }: RoutedAlert, source: SourceName): string {
  const { groupKey, groupLabels } = message;
  const { correlateBy, restricted } = routing;
  return correlationKey({ source, groupKey, groupLabels, labels: raw.labels, correlateBy, restricted });
}

/** Alerts gathered for one incident, and the one that names it: the worst that fires, else the worst. */
interface GroupDraft {
  readonly workflowId: string;
  readonly alerts: AlertReport[];
  restricted: boolean;
  worst: { readonly alert: AlertReport; readonly from: RoutedAlert };
  truncated: number;
}

/** One for each incident, in the sequence of their first alerts. */
export function group(routed: readonly RoutedAlert[], context: IngestContext): Staged<readonly RoutedAlerts[]> {
  const drafts = new Map<string, GroupDraft>();
  for (const from of routed) {
    const { team } = from.routing;
    const key = correlationKeyOf(from, context.source);
    const alert = toReport(from, context.config);
    const draft = drafts.get(`${team}\n${key}`);
    if (draft) addToDraft(draft, alert, from);
    else drafts.set(`${team}\n${key}`, newDraft(workflowIdFor(team, key), alert, from));
  }
  return { kept: [...drafts.values()].map((draft) => toRouted(draft, drafts.size, context)), dropped: [] };
}

export function toRoutedAlerts(messages: readonly SourceMessage[], context: IngestContext): readonly RoutedAlerts[] {
  return group(route(messages, context).kept, context).kept;
}

function newDraft(workflowId: string, alert: AlertReport, from: RoutedAlert): GroupDraft {
  const { restricted } = from.routing;
  return { workflowId, alerts: [alert], restricted, worst: { alert, from }, truncated: from.message.truncated };
}

function addToDraft(draft: GroupDraft, alert: AlertReport, from: RoutedAlert): void {
  const { message, routing } = from;
  // An alert that resolves everywhere may reach one incident by several routes.
  const isNew = !message.resolvesWithoutLabels || !draft.alerts.some((a) => a.fingerprint === alert.fingerprint);
  if (isNew) draft.alerts.push(alert);
  draft.restricted ||= routing.restricted;
  draft.truncated = Math.max(draft.truncated, message.truncated);
  if (isWorseThan(alert, draft.worst.alert)) draft.worst = { alert, from };
}

/** Firing before resolved, then the worse; the first of equals stays. */
function isWorseThan(alert: AlertReport, worst: AlertReport): boolean {
  if (alert.status !== worst.status) return alert.status === 'firing';
  return isWorse(alert.severity, worst.severity);
}

function toReport({ raw, routing }: RoutedAlert, config: Config): AlertReport {
  const { severity, guessed, service, team } = routing;
  const configured = service === null ? undefined : config.services.get(service);
  const { runbook = configured?.runbook, dashboard = configured?.dashboard, ...links } = raw.links;
  return {
    ...raw,
    severity,
    ...(guessed ? { severityGuessed: true } : {}),
    team,
    ...(service === null || service === raw.labels['service'] ? {} : { service }),
    links: { ...links, ...(runbook ? { runbook } : {}), ...(dashboard ? { dashboard } : {}) },
  };
}

/** The title of an incident with these alerts: of those that fire, or of all if none does. */
function titleOf(alerts: readonly AlertReport[], config: Config): string | null {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const shown = firing.length > 0 ? firing : alerts;
  // A message may report one alert several times: the last report counts.
  const once = [...new Map(shown.map((alert) => [alert.fingerprint, alert])).values()];
  const title = groupTitle(
    once.map(({ severity, title, labels }) => {
      return { severity, title, name: labels['alertname'] ?? null, service: shownService(labels, config), labels };
    }),
  );
  return titleLine(title);
}

/** What people are told that the alert is about: the first of `serviceLabels` that it has. Routes and keys use `service`. */
function shownService(labels: Labels, { serviceLabels }: Pick<Config, 'serviceLabels'>): string | null {
  const value = serviceLabels
    .map((name) => (Object.hasOwn(labels, name) ? labels[name]?.trim() : undefined))
    .find((given) => given !== undefined && given !== '' && !EXPORTERS.has(given));
  return value === undefined ? null : sanitizeText(value, NAME_LIMIT);
}

/** Jobs that report on others: as the name of a service they would mislead. */
const EXPORTERS = new Set(['kube-state-metrics', 'node-exporter', 'node_exporter', 'node', 'blackbox', 'kubelet']);

/** An alert that misses this many repeats is stale. */
const STALE_REPEATS = 3;
/** For sources that do not configure theirs. */
const REPEAT_INTERVAL_MS = 4 * 3_600_000;

/** A message that spreads over many incidents would otherwise carry its list as many times. */
const LISTED_IN_ALL = 20_000;

/** What the message says about its group as a whole. `incidents`: how many it goes to. */
function wholeMessage(
  { messageGroup, listed }: SourceMessage,
  { incidents, source, config }: { readonly incidents: number } & Pick<IngestContext, 'source' | 'config'>,
): Pick<RoutedAlerts, 'lateCopyMs' | 'messageGroup' | 'listed'> {
  const lateCopyMs = config.sources.get(source)?.lateCopyMs ?? 0;
  return {
    ...(lateCopyMs > 0 ? { lateCopyMs } : {}),
    ...(messageGroup === undefined ? {} : { messageGroup }),
    ...(listed === undefined || listed.length * incidents > LISTED_IN_ALL ? {} : { listed }),
  };
}

/** Without alerts: what each message that is whole lists. Its declaration is never used to open anything. */
export function wholeMessages(messages: readonly SourceMessage[], context: IngestContext): readonly RoutedAlerts[] {
  const { config, source, receivedAt } = context;
  const team = config.routes.at(-1)?.team;
  return messages.flatMap((message): RoutedAlerts[] => {
    if (message.listed === undefined || message.messageGroup === undefined || team === undefined) return [];
    const declaration = declarationOf({
      workflowId: '',
      incidentId: '',
      title: '',
      summary: '',
      severity: 'SEV4',
      team,
      source,
      policy: cachedPolicy(config, team, null),
    });
    const whole = wholeMessage(message, { incidents: 1, source, config });
    return [
      { declaration, alerts: [], source, receivedAt, staleAfterMs: staleAfterMsOf(context), truncated: 0, ...whole },
    ];
  });
}

function staleAfterMsOf({ config, source }: IngestContext): number {
  return STALE_REPEATS * (config.sources.get(source)?.repeatIntervalMs ?? REPEAT_INTERVAL_MS);
}

function toRouted(
  { workflowId, alerts, restricted, worst, truncated }: GroupDraft,
  incidents: number,
  context: IngestContext,
): RoutedAlerts {
  const { config, source, receivedAt } = context;
  const { alert, from } = worst;
  const { message, routing } = from;
  const declaration = declarationOf({
    workflowId,
    incidentId: newUlid(receivedAt),
    title: titleOf(alerts, config) ?? alert.title,
    summary: message.summary ?? alert.annotations['description'] ?? alert.annotations['message'] ?? '',
    severity: alert.severity,
    severityGuessed: routing.guessed,
    team: routing.team,
    service: routing.service ?? shownService(alert.labels, config),
    component: routing.component,
    source,
    test: message.test,
    restricted,
    policy: cachedPolicy(config, routing.team, routing.service),
  });
  return {
    declaration,
    alerts,
    source,
    receivedAt,
    staleAfterMs: staleAfterMsOf(context),
    truncated,
    ...wholeMessage(message, { incidents, source, config }),
  };
}
