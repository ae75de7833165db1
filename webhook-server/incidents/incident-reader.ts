/**
 * Reads incidents: from the records first, since that costs no workflow anything, and from the incident itself where
 * the records are down, behind or lack it. Each call is bounded: 2 s for the records, plus a query's own timeout.
 */
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { RecordsDown, type ListQuery, type Records, type WholeRecord } from '../../records/open-records.ts';
import { HttpProblem } from '../http/problem.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable, UnknownIncident, mergeTimelines } from './incident-queries.ts';
import {
  awaitProjection,
  awaitReference,
  orNullWithoutRecords,
  recordsTimeLimit,
  ReportedIncidents,
  type ReportedIncident,
  type RecordsTimeLimit,
} from './records-copy.ts';
import { findInTemporal, listIncidents, recordsAreCurrent, type ListPage } from './list-incidents.ts';

export interface IncidentRef {
  readonly workflowId: string;
  /** Null: the newest. */
  readonly incidentId: string | null;
}

/** What to read: an id as it appears in an address, and the timeline entry that must be included (0: any). */
export interface IncidentReadRequest {
  readonly id: string;
  readonly minSeq: number;
}

type IncidentReaderDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** What the records returned, and whether somebody has already been shown newer state. */
interface RecordsCopy<T> {
  readonly value: T;
  readonly incidentId: string;
  readonly isBehind: boolean;
}

const REFERENCE = /^inc-(\d{4}-)?\d{1,9}$/i;
const WORKFLOW_ID = /^(?:inc|storm)-[a-z0-9-]{1,60}$/;
const INCIDENT_ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;

/** The records assign references when they first store an incident. */
const NOT_FOUND_YET = 'no such incident; the newest may have no number yet, their workflowId works';

export class IncidentReader {
  private readonly deps: IncidentReaderDeps;
  private readonly reported: ReportedIncidents;

  constructor(deps: IncidentReaderDeps) {
    this.deps = deps;
    this.reported = new ReportedIncidents(deps.now);
  }

  /**
   * A workflow id needs no lookup; references and incident ids are looked up in the records, or among the incidents
   * running in Temporal while the records are down. Throws `HttpProblem`: 404 if it does not exist, 503 if it cannot
   * be looked up.
   */
  async resolve(id: string, timeLimit?: RecordsTimeLimit): Promise<IncidentRef> {
    // First, since a reference in lower case also looks like a workflow id (which ends in a hash of twenty digits).
    const isLookedUp = REFERENCE.test(id) || INCIDENT_ID.test(id);
    if (!isLookedUp && WORKFLOW_ID.test(id)) return { workflowId: id, incidentId: null };
    const found = isLookedUp ? await this.lookUp(id.toUpperCase(), timeLimit ?? recordsTimeLimit(this.deps)) : null;
    if (found === null)
      throw new HttpProblem(404, isLookedUp && !recordsAreCurrent(this.deps) ? NOT_FOUND_YET : 'no such incident');
    return { workflowId: found.workflowId, incidentId: found.incidentId };
  }

  /** Throws `HttpProblem`, `UnknownIncident`, `IncidentsUnavailable`, as do the methods below. */
  async incident(wanted: IncidentReadRequest): Promise<IncidentView> {
    const { ref, timeLimit } = await this.begin(wanted);
    const copy = await orNullWithoutRecords(
      this.readCopy({ ref, timeLimit, minSeq: wanted.minSeq }, (records, incidentId) => records.incident(incidentId)),
    );
    return orStaleCopy(copy, () => this.deps.gateway.show(...gatewayArguments(ref)));
  }

  async timeline(wanted: IncidentReadRequest): Promise<TimelineView> {
    const { gateway } = this.deps;
    const { ref, timeLimit } = await this.begin(wanted);
    const copy = await orNullWithoutRecords(
      this.readCopy({ ref, timeLimit, minSeq: wanted.minSeq }, (records, incidentId) => records.timeline(incidentId)),
    );
    return orStaleCopy(copy, async () => {
      const fromTemporal = await gateway.timeline(...gatewayArguments(ref));
      if (fromTemporal.cut === 0 || copy === null) return fromTemporal;
      const incidentId = ref.incidentId ?? (await gateway.show(ref.workflowId)).id;
      return incidentId === copy.incidentId ? mergeTimelines(copy.value, fromTemporal) : fromTemporal;
    });
  }

  /** Also throws `RecordsDown`: only the records have the messages. */
  async wholeRecord(wanted: IncidentReadRequest): Promise<WholeRecord> {
    const { gateway } = this.deps;
    const { ref, timeLimit } = await this.begin(wanted);
    const copy = await this.readCopy({ ref, timeLimit, minSeq: wanted.minSeq }, (records, incidentId) =>
      records.record(incidentId),
    );
    if (copy === null) {
      await gateway.show(...gatewayArguments(ref)); // throws if it does not exist
      throw new IncidentsUnavailable('the records do not have it yet');
    }
    return orStaleCopy(copy, async () => {
      const { id: incidentId } = copy.value.incident;
      const [view, fromTemporal] = await Promise.all([
        gateway.show(ref.workflowId, incidentId),
        gateway.timeline(ref.workflowId, incidentId),
      ]);
      return { ...copy.value, incident: view, ...mergeTimelines(copy.value, fromTemporal) };
    });
  }

  /** Throws `HttpProblem` (503) or `BadCursor`. */
  list(query: ListQuery): Promise<ListPage> {
    return listIncidents(query, this.deps);
  }

  /** The same incident, with its reference if that is known within 1 s. Never throws. */
  withReference(incident: IncidentView): Promise<IncidentView> {
    return awaitReference(incident, this.deps);
  }

  /** Remembers the state that was answered, for later reads. */
  noteReported(reported: ReportedIncident): void {
    this.reported.note(reported);
  }

  private async begin({ id }: IncidentReadRequest): Promise<{ ref: IncidentRef; timeLimit: RecordsTimeLimit }> {
    const timeLimit = recordsTimeLimit(this.deps);
    return { ref: await this.resolve(id, timeLimit), timeLimit };
  }

  private async readCopy<T>(
    about: { readonly ref: IncidentRef; readonly minSeq: number; readonly timeLimit: RecordsTimeLimit },
    read: (records: Records, incidentId: string) => Promise<T | null>,
  ): Promise<RecordsCopy<T> | null> {
    const { ref, minSeq, timeLimit } = about;
    const found = await awaitProjection(ref, minSeq, { reported: this.reported, timeLimit });
    if (found === null) return null;
    const value = await timeLimit.ask((records) => read(records, found.incidentId));
    return value === null ? null : { value, ...found };
  }

  private async lookUp(id: string, timeLimit: RecordsTimeLimit): Promise<IncidentRef | null> {
    try {
      const found = await timeLimit.ask((records) => records.findIncident(id));
      if (found !== null || recordsAreCurrent(this.deps)) return found;
    } catch (error) {
      if (!(error instanceof RecordsDown)) throw error;
      return this.lookUpInTemporal(id);
    }
    // The records assigned every reference, so one that Temporal does not know does not exist either.
    return findInTemporal(this.deps.gateway, id).catch(nullWhenUnavailable);
  }

  /** The records are down, so an incident that Temporal does not know may still exist. */
  private async lookUpInTemporal(id: string): Promise<IncidentRef> {
    let why = 'among those that run in Temporal it is not';
    try {
      const found = await findInTemporal(this.deps.gateway, id);
      if (found !== null) return found;
    } catch (error) {
      if (!(error instanceof IncidentsUnavailable)) throw error;
      why = error.message;
    }
    const detail = `${id} cannot be looked up now: the records cannot be reached; ${why}. The workflowId works`;
    throw new HttpProblem(503, detail, { headers: { 'Retry-After': '5' }, reason: 'records' });
  }
}

function nullWhenUnavailable(error: unknown): null {
  if (error instanceof IncidentsUnavailable) return null;
  throw error;
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
