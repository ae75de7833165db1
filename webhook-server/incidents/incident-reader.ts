/**
 * Reading incidents: the records first, since they cost no workflow anything, and the incident itself where they are
 * down, behind or do not have it. Each call is bounded: 2 s of records, and a query's own time.
 */
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import type { ListQuery, Records, WholeRecord } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable, UnknownIncident } from './gateway.ts';
import { mergeTimelines } from './incident-queries.ts';
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

/** What to read: an id as it stands in an address, and the line that must be there already (0: any). */
export interface IncidentReadRequest {
  readonly id: string;
  readonly minSeq: number;
}

export interface IncidentReader {
  /** Throws `HttpProblem` (404, 503). */
  resolve(id: string): Promise<IncidentRef>;
  /** Throws `HttpProblem`, `UnknownIncident`, `Unavailable`; as do those below. */
  incident(wanted: IncidentReadRequest): Promise<IncidentView>;
  timeline(wanted: IncidentReadRequest): Promise<TimelineView>;
  /** Throws also `RecordsDown`: nobody else knows the messages. */
  wholeRecord(wanted: IncidentReadRequest): Promise<WholeRecord>;
  /** Throws `HttpProblem` (503) or `BadCursor`. */
  list(query: ListQuery): Promise<ListPage>;
  /** The same incident, with its number if that comes within 1 s. Never throws. */
  withReference(incident: IncidentView): Promise<IncidentView>;
  /** Remembers what was told, for later reads. */
  readonly noteReported: (reported: ReportedIncident) => void;
}

type IncidentReaderDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** What the records said, and whether somebody has been told more than that. */
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
      await gateway.show(...gatewayArguments(incidentRef)); // throws for one that nobody knows
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

/** The copy when it will do, else what `ask` says; and where nobody answers, a copy that is behind after all. */
async function orStaleCopy<T>(copy: RecordsCopy<T> | null, ask: () => Promise<T>): Promise<T> {
  if (copy !== null && !copy.isBehind) return copy.value;
  try {
    return await ask();
  } catch (error) {
    if (copy !== null && (error instanceof IncidentsUnavailable || error instanceof UnknownIncident)) return copy.value;
    throw error;
  }
}
