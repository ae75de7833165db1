/** Waiting for the records to have what somebody has already been told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportedIncidents } from './read-your-writes.ts';
import type { RecordsTimeLimit } from './records-time-limit.ts';
import type { IncidentRef } from './incident-ref.ts';

/** Which incident the records are to be asked for, and whether they had caught up in time. */
export interface ProjectedIncident {
  readonly incidentId: string;
  readonly isBehind: boolean;
}

const WAIT_MS = 1000;
const POLL_INTERVAL_MS = 50;

/**
 * Waits up to 1 s. Null: the records do not know it. Throws `RecordsDown`.
 * `minSeq`: what the request asks for; 0: nothing.
 */
export async function awaitProjection(
  incidentRef: IncidentRef,
  minSeq: number,
  { reported, timeLimit }: { readonly reported: ReportedIncidents; readonly timeLimit: RecordsTimeLimit },
): Promise<ProjectedIncident | null> {
  const found = await timeLimit.ask((records) =>
    records.findIncident(incidentRef.incidentId ?? incidentRef.workflowId),
  );
  if (found === null) return null;
  const lastReported = reported.of(incidentRef.workflowId);
  const isNewerIncident =
    incidentRef.incidentId === null && lastReported?.incidentId != null && lastReported.incidentId > found.incidentId;
  const incidentId = isNewerIncident ? (lastReported.incidentId ?? found.incidentId) : found.incidentId;
  const isSameIncident = lastReported !== null && (lastReported.incidentId ?? incidentId) === incidentId;
  const wanted = Math.max(minSeq, isSameIncident ? lastReported.seq : 0);

  const end = performance.now() + WAIT_MS;
  let seq = isNewerIncident ? 0 : found.seq;
  while (seq < wanted && performance.now() < end) {
    await sleep(POLL_INTERVAL_MS);
    seq = await timeLimit.ask((records) => records.seqOf(incidentId));
  }
  return { incidentId, isBehind: seq < wanted || (isNewerIncident && seq === 0) };
}
