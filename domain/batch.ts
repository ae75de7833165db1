/** The next batch for the records. Pure. */
import type { Incident } from './incident.ts';
import type { Message, RecordBatch } from './record.ts';
import { headOf, shownAlert, shownDelivery } from './to-view.ts';
import { sizeOf } from './unrecorded.ts';

/** A batch stays well below what Temporal takes as one argument; the rest is for the next. */
const BATCH_BYTES = 128 * 1024;

/** True while something has happened that people look for in the records. Deliveries of notices ride with the next. */
export function hasNewsForRecords({ tail, changedAlerts }: Incident): boolean {
  return changedAlerts.length > 0 || tail.some((item) => !('delivery' in item));
}

/** True until the records have everything. */
export function owesTheRecords({ tail, changedAlerts }: Incident): boolean {
  return tail.length + changedAlerts.length > 0;
}

/** As much as fits, oldest first, and of each revision all or nothing; null when the records have everything. */
export function nextBatch(incident: Incident): RecordBatch<Message> | null {
  if (!owesTheRecords(incident)) return null;
  const revision = lastThatFits(incident);
  const items = incident.tail.filter((item) => item.revision <= revision);
  const alerts = incident.changedAlerts.filter((changed) => changed.revision <= revision);
  const gone = alerts.map(({ fingerprint }) => fingerprint).filter((one) => !Object.hasOwn(incident.details, one));
  return {
    workflowId: incident.workflowId,
    incidentId: incident.incidentId,
    revision,
    // Once it has gone to its post-incident flow, what it is is said there.
    head: incident.postIncident ? null : headOf(incident),
    lines: items.flatMap((item) => ('line' in item ? [item.line] : [])),
    deliveries: items.flatMap((item) => ('delivery' in item ? [shownDelivery(item.delivery)] : [])),
    messages: items.flatMap((item) => ('message' in item ? [item.message] : [])),
    alerts: alerts.flatMap(({ fingerprint }) => shownAlert(incident, fingerprint)),
    ...(gone.length === 0 ? {} : { gone }),
  };
}

/** The revision up to which everything fits: the present one, if all of it does; the oldest owed at the least. */
function lastThatFits(incident: Incident): number {
  const sizes = new Map<number, number>();
  const add = (revision: number, bytes: number): void => void sizes.set(revision, (sizes.get(revision) ?? 0) + bytes);
  for (const item of incident.tail) add(item.revision, sizeOf(item));
  for (const { fingerprint, revision } of incident.changedAlerts) add(revision, sizeOfAlert(incident, fingerprint));
  let bytes = 0;
  let last: number | null = null;
  for (const revision of [...sizes.keys()].sort((a, b) => a - b)) {
    bytes += sizes.get(revision) ?? 0;
    if (last !== null && bytes > BATCH_BYTES) return last;
    last = revision;
  }
  return incident.revision;
}

function sizeOfAlert(incident: Incident, fingerprint: string): number {
  return 3 * JSON.stringify(shownAlert(incident, fingerprint)).length;
}
