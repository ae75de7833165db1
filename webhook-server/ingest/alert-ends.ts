/** Ends of alerts: which of them the records are asked about, and who gets them besides the group's own run. Pure. */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { AlertOwnersQuery } from '../../records/records.ts';
import type { Delivered } from '../delivery/durable-delivery.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import type { AlertOwners } from './alert-owners.ts';

export const isReached = (delivered: Delivered | undefined): boolean =>
  delivered !== undefined && (delivered.isKept || delivered.workflowIds.length > 0);

export interface Told {
  readonly workflowIds: readonly string[];
  /** Fingerprints of the alerts that a run has, or that are kept. */
  readonly reached: ReadonlySet<string>;
}

/** Ends of alerts that this server has not delivered itself. */
export function endsToAskAbout(
  received: readonly RoutedAlerts[],
  owners: Pick<AlertOwners, 'isKnown'>,
): readonly AlertReport[] {
  const ends = received.flatMap(({ source, alerts, declaration }) =>
    declaration.test ? [] : alerts.filter((alert) => alert.status === 'resolved' && !owners.isKnown(source, alert)),
  );
  return [...new Map(ends.map((alert) => [alert.fingerprint, alert])).values()];
}

export const lookUpOf = ({ source, messageGroup }: RoutedAlerts, alerts: readonly AlertReport[]): AlertOwnersQuery => ({
  source,
  fingerprints: alerts.map(({ fingerprint }) => fingerprint),
  messageGroup: messageGroup ?? null,
});

/** Ends that were kept, for whoever has not heard of them. */
export function partsToRetry(
  ends: RoutedAlerts,
  { owners, heldBy }: { readonly owners: Pick<AlertOwners, 'own'>; readonly heldBy: readonly string[] },
): readonly RoutedAlerts[] {
  const { isToldToGroup, ...rest } = ends;
  const parts = owners.own(rest);
  // The runs of its groups have them already: again and again would only make their histories longer.
  if (isToldToGroup === true) return parts.filter((part) => part.heldBy !== undefined);
  return [...parts, ...(heldBy.length === 0 ? [] : [{ ...rest, heldBy }])];
}

/** Ends for runs that were found only now. */
export function heldElsewhere(
  routed: RoutedAlerts,
  {
    asked,
    told,
    owners,
  }: { readonly asked: readonly AlertReport[]; readonly told: Told } & { readonly owners: AlertOwners },
): readonly RoutedAlerts[] {
  const alerts = asked.filter((end) => routed.alerts.includes(end) && !owners.hasFiredSince(routed, end));
  const parts = alerts.length === 0 ? [] : owners.own({ ...routed, alerts });
  return parts.filter(({ heldBy = [] }) => heldBy.some((workflowId) => !told.workflowIds.includes(workflowId)));
}

export const sharesAlert = ({ alerts }: RoutedAlerts, others: readonly AlertReport[]): boolean =>
  alerts.some(({ fingerprint }) => others.some((other) => other.fingerprint === fingerprint));
