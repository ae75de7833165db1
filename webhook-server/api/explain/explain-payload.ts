/**
 * What would become of a message, alert by alert and incident by incident. Nothing is opened, told or kept: the gateway
 * is only asked what is there, for a bounded time.
 */
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import type { IncidentsGateway, RoutedAlerts } from '../../incidents/gateway.ts';
import { HttpProblem, invalidRequest } from '../../http/problem.ts';
import { toRoutedAlerts } from '../../ingest/route-and-group.ts';
import { parserFor } from '../../ingest/sources/index.ts';
import type { SourceMessage } from '../../ingest/sources/message.ts';
import { explainAlert, type AlertExplained } from './explain-alert.ts';
import { explainRoutedAlerts, type RoutedAlertsExplained } from './explain-routed-alerts.ts';

export interface PayloadExplained {
  readonly source: SourceName;
  /** The first of them. */
  readonly alerts: readonly AlertExplained[];
  readonly alertCount: number;
  /** What would be opened or told; the first of them. */
  readonly incidents: readonly RoutedAlertsExplained[];
  readonly incidentCount: number;
  /** Alerts that the sender says it left out, or that cannot be read: such a message never clears an incident. */
  readonly truncated: number;
  /** Of which nothing follows by the sender's own word, such as a rule that is paused. */
  readonly ignored: number;
  /** Entries among the alerts that are none. */
  readonly unreadable: number;
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
/** Each costs a question to Temporal. */
const INCIDENTS_SHOWN = 20;

type ExplainGateway = Pick<IncidentsGateway, 'show' | 'expectedWorkflowId'> & {
  /** What maintenance would write on the alerts of one message for one incident; nothing unless given. */
  readonly mark?: (routed: RoutedAlerts) => RoutedAlerts;
};

/** Throws `HttpProblem`: 404 for a source that is not configured, 400 for what its parser refuses. */
export async function explainPayload(
  { body, source: name, receivedAt }: ReceivedPayload,
  config: Config,
  gateway: ExplainGateway,
): Promise<PayloadExplained> {
  const source = [...config.sources.keys()].find((known) => known === name);
  const setting = source && config.sources.get(source);
  if (!source || !setting) {
    const known = [...config.sources.keys()].join(', ') || 'none';
    throw new HttpProblem(404, `the source ${name} is not configured; configured: ${known}`);
  }
  if (entriesOf(body).length > ALERTS_READ) {
    throw new HttpProblem(413, `more than ${ALERTS_READ} alerts: explain a part of the message`);
  }
  const parsed = parserFor(source, setting)(body, receivedAt);
  if ('problems' in parsed) throw invalidRequest(parsed.problems, `this is no message of ${source} that can be read`);
  const { messages, ignored = 0, unreadable = 0 } = parsed;
  const routedAlerts = toRoutedAlerts(messages, { config, source, receivedAt });
  const shown = routedAlerts.slice(0, INCIDENTS_SHOWN);
  const context = { config, gateway, receivedAt, ...(gateway.mark === undefined ? {} : { mark: gateway.mark }) };
  return {
    source,
    alerts: alertsOf(messages, body, { config, source }),
    alertCount: messages.reduce((sum, { alerts }) => sum + alerts.length, 0),
    incidents: await Promise.all(shown.map((routed) => explainRoutedAlerts(routed, context))),
    incidentCount: routedAlerts.length,
    truncated: messages.reduce((sum, { truncated }) => sum + truncated, 0),
    ...{ ignored, unreadable },
  };
}

function alertsOf(
  messages: readonly SourceMessage[],
  body: unknown,
  about: { readonly config: Config; readonly source: SourceName },
): readonly AlertExplained[] {
  const alerts = messages.flatMap((message) => message.alerts.map((alert) => ({ alert, message })));
  const sent = sentAlerts(body);
  // Only where each has its entry in the body is it known which is whose.
  const paired = sent.length === alerts.length;
  return alerts
    .slice(0, ALERTS_SHOWN)
    .map(({ alert, message }, index) => explainAlert(alert, paired ? sent[index] : undefined, { ...about, message }));
}

/** The list that monitoring systems send, or nothing: other shapes have names of their own for everything. */
function sentAlerts(body: unknown): readonly unknown[] {
  if (typeof body !== 'object' || body === null || !('alerts' in body)) return [];
  return Array.isArray(body.alerts) ? body.alerts : [];
}

/** Whatever there is a list of in it: alerts, or messages of the generic source. */
const entriesOf = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : sentAlerts(body));
