/**
 * From a parsed message to routed alerts: every alert is routed on its own, and alerts that share a team and a correlation
 * key go together. Alerts that only serve the monitoring itself are none. Pure but for the incident's ULID.
 */
import type { Config } from '../../config/config.ts';
import type { SourceName } from '../../config/sections/sources.ts';
import { correlationKey, workflowIdFor } from '../../config/correlation-key.ts';
import { routeAlert, routingsWithoutLabels, type Routing } from '../../config/routing.ts';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { isWorse } from '../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { newUlid } from './new-ulid.ts';
import { cachedPolicy } from './policy-cache.ts';
import { sanitizeText, NAME_LIMIT } from './sources/sanitize.ts';
import type { SourceMessage, RawAlert } from './sources/message.ts';
import { isMonitoringSelfAlert } from './sources/watchdog.ts';

export interface IngestContext {
  readonly config: Config;
  readonly source: SourceName;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** What sender and we agree on: an alert not repeated for this many repeat intervals is stale. */
const STALE_REPEATS = 3;
const REPEAT_INTERVAL_MS = 4 * 3_600_000;

/** Alerts gathered for one incident, and the one that names it: the worst that fires, else the worst. */
interface GroupDraft {
  readonly workflowId: string;
  readonly alerts: AlertReport[];
  restricted: boolean;
  worst: { readonly alert: AlertReport; readonly routing: Routing; readonly message: SourceMessage };
  truncated: number;
}

/** The routed alerts of one request, in the order of their first alerts. Alerts of severity `none` are left out too. */
export function toRoutedAlerts(messages: readonly SourceMessage[], context: IngestContext): readonly RoutedAlerts[] {
  const drafts = new Map<string, GroupDraft>();
  for (const message of messages) {
    for (const raw of message.alerts) routeAndGroup(drafts, { message, raw, context });
  }
  return [...drafts.values()].map((draft) => toRouted(draft, context));
}

interface UnroutedAlert {
  readonly message: SourceMessage;
  readonly raw: RawAlert;
  readonly context: IngestContext;
}

function routeAndGroup(drafts: Map<string, GroupDraft>, sorted: UnroutedAlert): void {
  const { message, raw, context } = sorted;
  if (isMonitoringSelfAlert(raw)) return;
  const routing = routeAlert(context.config, raw.labels);
  if (routing !== 'no-incident') addToDraft(drafts, sorted, routing);
  if (message.resolvesWithoutLabels === undefined) return;
  for (const possible of routingsWithoutLabels(context.config)) addToDraft(drafts, sorted, possible);
}

function addToDraft(drafts: Map<string, GroupDraft>, { message, raw, context }: UnroutedAlert, routing: Routing): void {
  const { config, source } = context;
  const { correlateBy, restricted, team } = routing;
  const { groupKey, groupLabels } = message;
  const key = correlationKey({ source, groupKey, groupLabels, labels: raw.labels, correlateBy, restricted });
  const alert = toReport(raw, routing, config);
  const draftKey = `${team}\n${key}`;
  const draft = drafts.get(draftKey);
  if (!draft) {
    const workflowId = workflowIdFor(team, key);
    const worst = { alert, routing, message };
    drafts.set(draftKey, { workflowId, alerts: [alert], restricted, worst, truncated: message.truncated });
    return;
  }
  // An end that is told everywhere comes by several routes to one place.
  if (
    message.resolvesWithoutLabels === undefined ||
    !draft.alerts.some(({ fingerprint }) => fingerprint === alert.fingerprint)
  )
    draft.alerts.push(alert);
  draft.restricted ||= restricted;
  draft.truncated = Math.max(draft.truncated, message.truncated);
  if (isWorseThan(alert, draft.worst.alert)) draft.worst = { alert, routing, message };
}

/** Firing before resolved, then the worse; of equals the first stays. */
function isWorseThan(alert: AlertReport, worst: AlertReport): boolean {
  if (alert.status !== worst.status) return alert.status === 'firing';
  return isWorse(alert.severity, worst.severity);
}

function toReport(raw: RawAlert, { severity, service }: Routing, config: Config): AlertReport {
  const configured = service === null ? undefined : config.services.get(service);
  const { runbook = configured?.runbook, dashboard = configured?.dashboard, ...links } = raw.links;
  return {
    ...raw,
    severity,
    links: { ...links, ...(runbook ? { runbook } : {}), ...(dashboard ? { dashboard } : {}) },
  };
}

function toRouted(
  { workflowId, alerts, restricted, worst, truncated }: GroupDraft,
  context: IngestContext,
): RoutedAlerts {
  const { config, source, receivedAt } = context;
  const { alert, routing, message } = worst;
  const service = routing.service ?? alert.labels['service'];
  const declaration: Declaration = {
    workflowId,
    incidentId: newUlid(receivedAt),
    title: message.title ?? alert.title,
    summary: message.summary ?? alert.annotations['description'] ?? alert.annotations['message'] ?? '',
    severity: alert.severity,
    severityGuessed: routing.guessed,
    team: routing.team,
    service: service ? sanitizeText(service, NAME_LIMIT) : null,
    component: routing.component,
    source,
    declaredBy: null,
    declarerIsOnCall: false,
    test: message.test,
    restricted,
    policy: cachedPolicy(config, routing.team, routing.service),
    spooledAt: null,
    recurrenceOf: null,
  };
  const repeatMs = config.sources.get(source)?.repeatIntervalMs ?? REPEAT_INTERVAL_MS;
  return { declaration, alerts, source, receivedAt, staleAfterMs: STALE_REPEATS * repeatMs, truncated };
}
