/**
 * Reads incidents: from the records first, since that costs no workflow anything, and from the incident itself where
 * the records are down, behind or lack it. Each call is bounded: 2 s for the records, plus a query's own timeout.
 */
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import type { ListQuery, Records, WholeRecord } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable, UnknownIncident, mergeTimelines } from './incident-queries.ts';
import {
  awaitProjection,
  createReportedIncidents,
  type ReportedIncident,
  awaitReference,
  orNullWithoutRecords,
  recordsTimeLimit,
  type RecordsTimeLimit,
} from './records-copy.ts';
import { findInTemporal, listIncidents, recordsAreCurrent, type ListPage } from './list-incidents.ts';
import { resolveIncidentRef, type IncidentRefSources, type IncidentRef } from './incident-ref.ts';

/** What to read: an id as it appears in an address, and the timeline entry that must be included (0: any). */
export interface IncidentReadRequest {
  readonly id: string;
  readonly minSeq: number;
}

export interface IncidentReader {
  /** Throws `HttpProblem` (404, 503). */
  resolve(id: string): Promise<IncidentRef>;
  /** Throws `HttpProblem`, `UnknownIncident`, `Unavailable`, as do the methods below. */
  incident(wanted: IncidentReadRequest): Promise<IncidentView>;
  timeline(wanted: IncidentReadRequest): Promise<TimelineView>;
  /** Also throws `RecordsDown`: only the records have the messages. */
  wholeRecord(wanted: IncidentReadRequest): Promise<WholeRecord>;
  /** Throws `HttpProblem` (503) or `BadCursor`. */
  list(query: ListQuery): Promise<ListPage>;
  /** The same incident, with its reference if that is known within 1 s. Never throws. */
  withReference(incident: IncidentView): Promise<IncidentView>;
  /** Remembers the state that was answered, for later reads. */
  readonly noteReported: (reported: ReportedIncident) => void;
}

type IncidentReaderDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** What the records returned, and whether somebody has already been shown newer state. */
interface RecordsCopy<T> {
  readonly value: T;
  readonly incidentId: string;
  readonly isBehind: boolean;
}

export function createIncidentReader(deps: IncidentReaderDeps): IncidentReader {
  const { gateway } = deps;
  const reported = createReportedIncidents(deps.now);
  const sources = (timeLimit: RecordsTimeLimit): IncidentRefSources => ({
    timeLimit,
    findInTemporal: (id) => findInTemporal(gateway, id),
    recordsAreCurrent: () => recordsAreCurrent(deps),
  });

  async function readCopy<T>(
    about: { readonly incidentRef: IncidentRef; readonly minSeq: number; readonly timeLimit: RecordsTimeLimit },
    read: (records: Records, incidentId: string) => Promise<T | null>,
  ): Promise<RecordsCopy<T> | null> {
    const { incidentRef, minSeq, timeLimit } = about;
    const found = await awaitProjection(incidentRef, minSeq, { reported, timeLimit });
    if (found === null) return null;
    const value = await timeLimit.ask((records) => read(records, found.incidentId));
    return value === null ? null : { value, ...found };
  }

  async function incident({ id, minSeq }: IncidentReadRequest): Promise<IncidentView> {
    const timeLimit = recordsTimeLimit(deps);
    const incidentRef = await resolveIncidentRef(id, sources(timeLimit));
    const copy = await orNullWithoutRecords(
      readCopy({ incidentRef, minSeq, timeLimit }, (records, incidentId) => records.incident(incidentId)),
    );
    return orStaleCopy(copy, () => gateway.show(...gatewayArguments(incidentRef)));
  }

  async function timeline({ id, minSeq }: IncidentReadRequest): Promise<TimelineView> {
    const timeLimit = recordsTimeLimit(deps);
    const incidentRef = await resolveIncidentRef(id, sources(timeLimit));
    const copy = await orNullWithoutRecords(
      readCopy({ incidentRef, minSeq, timeLimit }, (records, incidentId) => records.timeline(incidentId)),
    );
    return orStaleCopy(copy, async () => {
      const fromTemporal = await gateway.timeline(...gatewayArguments(incidentRef));
      if (fromTemporal.cut === 0 || copy === null) return fromTemporal;
      const incidentId = incidentRef.incidentId ?? (await gateway.show(incidentRef.workflowId)).id;
      return incidentId === copy.incidentId ? mergeTimelines(copy.value, fromTemporal) : fromTemporal;
    });
  }

  async function wholeRecord({ id, minSeq }: IncidentReadRequest): Promise<WholeRecord> {
    const timeLimit = recordsTimeLimit(deps);
    const incidentRef = await resolveIncidentRef(id, sources(timeLimit));
    const copy = await readCopy({ incidentRef, minSeq, timeLimit }, (records, incidentId) =>
      records.record(incidentId),
    );
    if (copy === null) {
      await gateway.show(...gatewayArguments(incidentRef)); // throws if it does not exist
      throw new IncidentsUnavailable('the records do not have it yet');
    }
    return orStaleCopy(copy, async () => {
      const { id: incidentId } = copy.value.incident;
      const [view, fromTemporal] = await Promise.all([
        gateway.show(incidentRef.workflowId, incidentId),
        gateway.timeline(incidentRef.workflowId, incidentId),
      ]);
      return { ...copy.value, incident: view, ...mergeTimelines(copy.value, fromTemporal) };
    });
  }

  return {
    resolve: (id) => resolveIncidentRef(id, sources(recordsTimeLimit(deps))),
    incident,
    timeline,
    wholeRecord,
    list: (query) => listIncidents(query, deps),
    withReference: (view) => awaitReference(view, deps),
    noteReported: reported.note,
  };
}

const gatewayArguments = ({ workflowId, incidentId }: IncidentRef): readonly [string, string?] =>
  incidentId === null ? [workflowId] : [workflowId, incidentId];

/** The records' copy when it is current, else the result of `ask`; if that fails, an outdated copy after all. */
async function orStaleCopy<T>(copy: RecordsCopy<T> | null, ask: () => Promise<T>): Promise<T> {
  if (copy !== null && !copy.isBehind) return copy.value;
  try {
    return await ask();
  } catch (error) {
    if (copy !== null && (error instanceof IncidentsUnavailable || error instanceof UnknownIncident)) return copy.value;
    throw error;
  }
}
