/**
 * What would become of a message, alert by alert and incident by incident, by the very stages of the pipeline. Nothing is
 * delivered: the gateway only previews, and says within a bounded time what is there now.
 */
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import type { IncidentsGateway } from '../../incidents/gateway.ts';
import { HttpProblem } from '../../http/problem.ts';
import { group, route, type RoutedAlert } from '../../ingest/route-and-group.ts';
import { parse } from '../../ingest/sources/index.ts';
import {
  dropsByReason,
  dropText,
  type Dropped,
  type RawAlert,
  type SourceMessage,
} from '../../ingest/sources/message.ts';
import { explainAlert, type AlertExplained, type StagedAlert } from './explain-alert.ts';
import { explainRoutedAlerts, type RoutedAlertsExplained } from './explain-routed-alerts.ts';

export interface PayloadExplained {
  readonly source: SourceName;
  /** The first of them. */
  readonly alerts: readonly AlertExplained[];
  readonly alertCount: number;
  /** What would be opened or updated; the first of them. */
  readonly incidents: readonly RoutedAlertsExplained[];
  readonly incidentCount: number;
  /** Alerts that the sender left out, or that are malformed: such a message never clears an incident. */
  readonly truncated: number;
  /** What the stages dropped and why: `3 alerts ignored (severity "none")`. */
  readonly dropped: readonly string[];
}

export interface ReceivedPayload {
  readonly body: unknown;
  readonly source: string;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** Explained one by one. */
const ALERTS_SHOWN = 100;
/** More would hold up everything else that this process does. */
const ALERTS_READ = 1_000;
/** Each costs a query to Temporal. */
const INCIDENTS_SHOWN = 20;

/** Throws `HttpProblem`: 404 for a source that is not configured, 400 for what its parser refuses. */
export async function explainPayload(
  { body, source: name, receivedAt }: ReceivedPayload,
  config: Config,
  gateway: Pick<IncidentsGateway, 'show' | 'preview'>,
): Promise<PayloadExplained> {
  const source = [...config.sources.keys()].find((known) => known === name);
  if (!source) {
    const known = [...config.sources.keys()].join(', ') || 'none';
    throw new HttpProblem(404, `the source ${name} is not configured; configured: ${known}`);
  }
  if (entriesOf(body).length > ALERTS_READ) {
    throw new HttpProblem(413, `more than ${ALERTS_READ} alerts: explain a part of the message`);
  }
  const context = { config, source, receivedAt };
  const parsed = parse(body, context);
  const routed = route(parsed.kept, context);
  const grouped = group(routed.kept, context);
  const staged = stagedAlerts(parsed.kept, { body, routed: routed.kept, dropped: routed.dropped });
  const shown = grouped.kept.slice(0, INCIDENTS_SHOWN);
  return {
    source,
    alerts: staged.slice(0, ALERTS_SHOWN).map((alert) => explainAlert(alert, context)),
    alertCount: staged.length,
    incidents: await Promise.all(shown.map((one) => explainRoutedAlerts(one, { config, gateway, receivedAt }))),
    incidentCount: grouped.kept.length,
    truncated: parsed.kept.reduce((sum, { truncated }) => sum + truncated, 0),
    dropped: dropsByReason([...parsed.dropped, ...routed.dropped, ...grouped.dropped]).map(dropText),
  };
}

interface Routed {
  readonly body: unknown;
  readonly routed: readonly RoutedAlert[];
  readonly dropped: readonly Dropped[];
}

function stagedAlerts(messages: readonly SourceMessage[], { body, routed, dropped }: Routed): readonly StagedAlert[] {
  const raws = messages.flatMap(({ alerts }) => alerts);
  const reasons = new Map(dropped.map(({ alert, reason }) => [alert, reason]));
  const firstRouted = new Map<RawAlert, RoutedAlert>();
  for (const one of routed) if (!firstRouted.has(one.raw)) firstRouted.set(one.raw, one);
  const sent = sentAlerts(body);
  // Only where each has its entry in the body is it known which is whose.
  const isPaired = sent.length === raws.length;
  return raws.map((raw, index) => ({
    raw,
    sent: isPaired ? sent[index] : undefined,
    routed: firstRouted.get(raw) ?? null,
    dropReason: reasons.get(raw) ?? null,
  }));
}

/** The list that Alertmanager and Grafana send, or nothing: other shapes have their own names for everything. */
function sentAlerts(body: unknown): readonly unknown[] {
  if (typeof body !== 'object' || body === null || !('alerts' in body)) return [];
  return Array.isArray(body.alerts) ? body.alerts : [];
}

/** Whatever there is a list of in it: alerts, or messages of the generic source. */
const entriesOf = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : sentAlerts(body));
