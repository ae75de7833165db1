/**
 * From a parsed message to routed alerts: every alert is routed on its own, and alerts that share a team and a correlation
 * key go together. Alerts that only serve the monitoring itself are none. Pure but for the incident's ULID.
 */
import type { Config, SourceName } from '../config/config.ts';
import { correlationKey, workflowIdFor } from '../config/identity.ts';
import { routeAlert, routingsWithoutLabels, type Routing } from '../config/routing.ts';
import type { AlertReport } from '../domain/alert.ts';
import type { Opening } from '../domain/opening.ts';
import { isWorse } from '../domain/severity.ts';
import type { RoutedAlerts } from './gateway.ts';
import { newUlid } from './new-ulid.ts';
import { policyOf } from './policy-cache.ts';
import { clean, NAME_LIMIT } from './sources/clean.ts';
import type { Message, RawAlert } from './sources/message.ts';
import { isForMonitoringItself } from './sources/self-watch.ts';

export interface Intake {
  readonly config: Config;
  readonly source: SourceName;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** What sender and we agree on: an alert not repeated for this many repeat intervals is stale. */
const STALE_REPEATS = 3;
const REPEAT_INTERVAL_MS = 4 * 3_600_000;

/** Alerts gathered for one incident, and the one that names it: the worst that fires, else the worst. */
interface Draft {
  readonly workflowId: string;
  readonly alerts: AlertReport[];
  restricted: boolean;
  lead: { readonly alert: AlertReport; readonly routing: Routing; readonly message: Message };
  truncated: number;
}

/** The routed alerts of one request, in the order of their first alerts. Alerts of severity `none` are left out too. */
export function toRoutedAlerts(messages: readonly Message[], intake: Intake): readonly RoutedAlerts[] {
  const drafts = new Map<string, Draft>();
  for (const message of messages) {
    for (const raw of message.alerts) gather(drafts, { message, raw, intake });
  }
  return [...drafts.values()].map((draft) => finish(draft, intake));
}

interface Sorted {
  readonly message: Message;
  readonly raw: RawAlert;
  readonly intake: Intake;
}

function gather(drafts: Map<string, Draft>, sorted: Sorted): void {
  const { message, raw, intake } = sorted;
  if (isForMonitoringItself(raw)) return;
  const routing = routeAlert(intake.config, raw.labels);
  if (routing !== 'no-incident') put(drafts, sorted, routing);
  if (message.everywhere === undefined) return;
  for (const possible of routingsWithoutLabels(intake.config)) put(drafts, sorted, possible);
}

function put(drafts: Map<string, Draft>, { message, raw, intake }: Sorted, routing: Routing): void {
  const { config, source } = intake;
  const { correlateBy, restricted, team } = routing;
  const { groupKey, groupLabels } = message;
  const key = correlationKey({ source, groupKey, groupLabels, labels: raw.labels, correlateBy, restricted });
  const alert = toReport(raw, routing, config);
  const place = `${team}\n${key}`;
  const draft = drafts.get(place);
  if (!draft) {
    const workflowId = workflowIdFor(team, key);
    const lead = { alert, routing, message };
    drafts.set(place, { workflowId, alerts: [alert], restricted, lead, truncated: message.truncated });
    return;
  }
  // An end that is told everywhere comes by several routes to one place.
  if (message.everywhere === undefined || !draft.alerts.some(({ fingerprint }) => fingerprint === alert.fingerprint))
    draft.alerts.push(alert);
  draft.restricted ||= restricted;
  draft.truncated = Math.max(draft.truncated, message.truncated);
  if (leads(alert, draft.lead.alert)) draft.lead = { alert, routing, message };
}

/** Firing before resolved, then the worse; of equals the first stays. */
function leads(alert: AlertReport, lead: AlertReport): boolean {
  if (alert.status !== lead.status) return alert.status === 'firing';
  return isWorse(alert.severity, lead.severity);
}

function toReport(raw: RawAlert, { severity, service }: Routing, config: Config): AlertReport {
  const known = service === null ? undefined : config.services.get(service);
  const { runbook = known?.runbook, dashboard = known?.dashboard, ...links } = raw.links;
  return {
    ...raw,
    severity,
    links: { ...links, ...(runbook ? { runbook } : {}), ...(dashboard ? { dashboard } : {}) },
  };
}

function finish({ workflowId, alerts, restricted, lead, truncated }: Draft, intake: Intake): RoutedAlerts {
  const { config, source, receivedAt } = intake;
  const { alert, routing, message } = lead;
  const service = routing.service ?? alert.labels['service'];
  const opening: Opening = {
    workflowId,
    incidentId: newUlid(receivedAt),
    title: message.title ?? alert.title,
    summary: message.summary ?? alert.annotations['description'] ?? alert.annotations['message'] ?? '',
    severity: alert.severity,
    severityGuessed: routing.guessed,
    team: routing.team,
    service: service ? clean(service, NAME_LIMIT) : null,
    component: routing.component,
    source,
    declaredBy: null,
    declarerIsOnCall: false,
    test: message.test,
    restricted,
    policy: policyOf(config, routing.team, routing.service),
    spooledAt: null,
    recurrenceOf: null,
  };
  const repeatMs = config.sources.get(source)?.repeatIntervalMs ?? REPEAT_INTERVAL_MS;
  return { opening, alerts, source, receivedAt, staleAfterMs: STALE_REPEATS * repeatMs, truncated };
}
