/** One alert of a message: how it was read, which route takes it and why, and what its identity is made of. Pure. */
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { explainRouting, type RouteExplained } from '../../../config/explain-routing.ts';
import { correlationKey, workflowIdFor } from '../../../config/correlation-key.ts';
import { routeAlert } from '../../../config/routing.ts';
import type { SourceMessage, RawAlert } from '../../ingest/sources/message.ts';
import { isMonitoringSelfAlert, WATCHDOG } from '../../ingest/sources/watchdog.ts';
import { repairsOf } from './alert-repairs.ts';

export interface AlertExplained {
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: string;
  readonly startGuessed: boolean;
  readonly endsAt: string | null;
  /** What had to be repaired, guessed or left out. */
  readonly repaired: readonly string[];
  /** Why nothing comes of it; null: something does. */
  readonly ignored: string | null;
  /** Null where it is ignored before any route is asked. */
  readonly routing: RouteExplained | null;
  readonly identity: IdentityExplained | null;
}

export interface IdentityExplained {
  readonly workflowId: string;
  /** What alerts must have in common to be one incident: the group's key, labels of the group, of the route, of the alert. */
  readonly by: 'group' | 'group-labels' | 'labels' | 'alert-labels';
  /** The key itself; its hash is in the workflow id. */
  readonly key: string;
  readonly team: string;
}

export interface ExplainAlertContext {
  readonly config: Config;
  readonly source: SourceName;
  readonly message: SourceMessage;
}

/** `sent`: the alert as it stood in the body; undefined where that is not known. */
export function explainAlert(
  alert: RawAlert,
  sent: unknown,
  { config, source, message }: ExplainAlertContext,
): AlertExplained {
  const { title, labels, fingerprint, status, startsAt, startGuessed, endsAt } = alert;
  const read = {
    ...{ title, labels, fingerprint, status, startGuessed },
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
    repaired: sent === undefined ? [] : repairsOf(sent, alert),
  };
  if (isMonitoringSelfAlert(alert)) return { ...read, ignored: whyIgnored(alert), routing: null, identity: null };
  const routing = explainRouting(config, labels);
  const decided = routeAlert(config, labels);
  if (decided === 'no-incident') {
    const ignored = 'its severity says that nothing is to be opened';
    return { ...read, ignored, routing, identity: null };
  }
  const { correlateBy, restricted, team } = decided;
  const { groupKey, groupLabels } = message;
  const key = correlationKey({ source, groupKey, groupLabels, labels, correlateBy, restricted });
  const [by] = JSON.parse(key) as [IdentityExplained['by']];
  return { ...read, ignored: null, routing, identity: { workflowId: workflowIdFor(team, key), by, key, team } };
}

function whyIgnored({ labels }: RawAlert): string {
  return labels['alertname'] === WATCHDOG
    ? 'a watchdog always fires: it feeds the heartbeat of that name, and its silence is the alarm'
    : 'it exists to hold back others, and says nothing about a service';
}
