/** The next batch for the records. Pure. */
import type { Incident } from '../kernel/incident.ts';
import type { ProjectionBatch } from './projection.ts';
import type { OutboundMessage } from '../kernel/projection.ts';
import { projectionOf, shownAlert, shownDelivery } from './to-view.ts';
import { sizeOf } from './pending-projection.ts';

/** A batch stays well below what Temporal takes as one argument; the rest is for the next. */
const BATCH_BYTES = 128 * 1024;

/** True while something has happened that people look for in the records. Deliveries of notices ride with the next. */
export function hasChangesForRecords({ projection }: Incident): boolean {
  return projection.changedAlerts.length > 0 || projection.pending.some((item) => !('delivery' in item));
}

/** True until the records have everything. */
export function hasPendingProjection({ projection }: Incident): boolean {
  return projection.pending.length + projection.changedAlerts.length > 0;
}

/** As much as fits, oldest first, and of each revision all or nothing; null when the records have everything. */
export function nextProjectionBatch(incident: Incident): ProjectionBatch<OutboundMessage> | null {
  if (!hasPendingProjection(incident)) return null;
  const stateVersion = lastThatFits(incident);
  const items = incident.projection.pending.filter((item) => item.stateVersion <= stateVersion);
  const alerts = incident.projection.changedAlerts.filter((changed) => changed.stateVersion <= stateVersion);
  const removedAlerts = alerts
    .map(({ fingerprint }) => fingerprint)
    .filter((one) => !Object.hasOwn(incident.alerts.details, one));
  return {
    workflowId: incident.workflowId,
    incidentId: incident.incidentId,
    stateVersion,
    // Once it has gone to its post-incident flow, what it is is said there.
    projection: incident.postIncident.handedOver ? null : projectionOf(incident),
    entries: items.flatMap((item) => ('entry' in item ? [item.entry] : [])),
    deliveries: items.flatMap((item) => ('delivery' in item ? [shownDelivery(item.delivery)] : [])),
    messages: items.flatMap((item) => ('message' in item ? [item.message] : [])),
    alerts: alerts.flatMap(({ fingerprint }) => shownAlert(incident, fingerprint)),
    ...(removedAlerts.length === 0 ? {} : { removedAlerts }),
  };
}

/** The revision up to which everything fits: the present one, if all of it does; the oldest owed at the least. */
function lastThatFits(incident: Incident): number {
  const sizes = new Map<number, number>();
  const add = (revision: number, bytes: number): void => void sizes.set(revision, (sizes.get(revision) ?? 0) + bytes);
  for (const item of incident.projection.pending) add(item.stateVersion, sizeOf(item));
  for (const { fingerprint, stateVersion } of incident.projection.changedAlerts)
    add(stateVersion, sizeOfAlert(incident, fingerprint));
  let bytes = 0;
  let last: number | null = null;
  for (const revision of [...sizes.keys()].sort((a, b) => a - b)) {
    bytes += sizes.get(revision) ?? 0;
    if (last !== null && bytes > BATCH_BYTES) return last;
    last = revision;
  }
  return incident.stateVersion;
}

function sizeOfAlert(incident: Incident, fingerprint: string): number {
  return 3 * JSON.stringify(shownAlert(incident, fingerprint)).length;
}
