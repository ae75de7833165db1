/**
 * What this server has lately told people of incidents, so that nobody reads less than they were told: the records
 * come a moment later. Bounded in time and size; when it forgets, a read is only a little old.
 */
import type { IncidentRef } from './incident-ref.ts';

export interface ReportedIncident extends IncidentRef {
  /** The last line that was spoken of. */
  readonly seq: number;
}

export interface ReportedIncidents {
  readonly note: (reported: ReportedIncident) => void;
  /** Null when nothing was told of it lately. */
  readonly of: (workflowId: string) => ReportedIncident | null;
}

const KEPT_MS = 60_000;
const KEPT_AT_MOST = 10_000;

export function createReportedIncidents(now: () => number = Date.now): ReportedIncidents {
  // In the order of telling, so the first are the oldest.
  const kept = new Map<string, ReportedIncident & { readonly until: number }>();
  return {
    note(reported) {
      const before = kept.get(reported.workflowId);
      kept.delete(reported.workflowId);
      kept.set(reported.workflowId, { ...newest(reported, before), until: now() + KEPT_MS });
      for (const [workflowId, { until }] of kept) {
        if (until > now() && kept.size <= KEPT_AT_MOST) break;
        kept.delete(workflowId);
      }
    },
    of(workflowId) {
      const reported = kept.get(workflowId);
      return reported === undefined || reported.until <= now() ? null : reported;
    },
  };
}

/** Incidents are ULIDs: the later sorts behind. Of one incident the last line counts. */
function newest(reported: ReportedIncident, before: ReportedIncident | undefined): ReportedIncident {
  if (before === undefined || before.incidentId === null || reported.incidentId === null) return reported;
  if (before.incidentId !== reported.incidentId) return before.incidentId > reported.incidentId ? before : reported;
  return before.seq > reported.seq ? before : reported;
}
