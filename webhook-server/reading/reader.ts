/**
 * Reading incidents: the records first, since they cost no workflow anything, and the incident itself where they are
 * down, behind or do not have it. Each call is bounded: 2 s of records, and a query's own time.
 */
import type { IncidentView, TimelineView } from '../../domain/view.ts';
import type { ListQuery, Records, WholeRecord } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { Unavailable, UnknownIncident } from '../gateway.ts';
import { joined } from '../timelines.ts';
import { caughtUp } from './catch-up.ts';
import { findInTemporal } from './from-temporal.ts';
import { listIncidents, recordsAreCurrent, type ListPage } from './list.ts';
import { createMemory, type Told } from './memory.ts';
import { withNumber } from './number.ts';
import { orNull, timeLimitOf, type TimeLimit } from './time-limit.ts';
import { subjectOf, type Sources, type Subject } from './subject.ts';

/** What to read: an id as it stands in an address, and the line that must be there already (0: any). */
export interface Wanted {
  readonly id: string;
  readonly minSeq: number;
}

export interface Reader {
  /** Throws `HttpProblem` (404, 503). */
  subject(id: string): Promise<Subject>;
  /** Throws `HttpProblem`, `UnknownIncident`, `Unavailable`; as do those below. */
  incident(wanted: Wanted): Promise<IncidentView>;
  timeline(wanted: Wanted): Promise<TimelineView>;
  /** Throws also `RecordsDown`: nobody else knows the messages. */
  whole(wanted: Wanted): Promise<WholeRecord>;
  /** Throws `HttpProblem` (503) or `BadCursor`. */
  list(query: ListQuery): Promise<ListPage>;
  /** The same incident, with its number if that comes within 1 s. Never throws. */
  numbered(incident: IncidentView): Promise<IncidentView>;
  /** Remembers what was told, for later reads. */
  readonly note: (told: Told) => void;
}

type ReaderDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** What the records said, and whether somebody has been told more than that. */
interface Copy<T> {
  readonly value: T;
  readonly incidentId: string;
  readonly isBehind: boolean;
}

export function createReader(deps: ReaderDeps): Reader {
  const { gateway } = deps;
  const memory = createMemory(deps.now);
  const sources = (timeLimit: TimeLimit): Sources => ({
    timeLimit,
    inTemporal: (id) => findInTemporal(gateway, id),
    isCaughtUp: () => recordsAreCurrent(deps),
  });

  async function copyOf<T>(
    about: { readonly subject: Subject; readonly minSeq: number; readonly timeLimit: TimeLimit },
    read: (records: Records, incidentId: string) => Promise<T | null>,
  ): Promise<Copy<T> | null> {
    const { subject, minSeq, timeLimit } = about;
    const found = await caughtUp(subject, minSeq, { memory, timeLimit });
    if (found === null) return null;
    const value = await timeLimit.ask((records) => read(records, found.incidentId));
    return value === null ? null : { value, ...found };
  }

  async function incident({ id, minSeq }: Wanted): Promise<IncidentView> {
    const timeLimit = timeLimitOf(deps);
    const subject = await subjectOf(id, sources(timeLimit));
    const copy = await orNull(
      copyOf({ subject, minSeq, timeLimit }, (records, incidentId) => records.incident(incidentId)),
    );
    return orOlder(copy, () => gateway.show(...named(subject)));
  }

  async function timeline({ id, minSeq }: Wanted): Promise<TimelineView> {
    const timeLimit = timeLimitOf(deps);
    const subject = await subjectOf(id, sources(timeLimit));
    const copy = await orNull(
      copyOf({ subject, minSeq, timeLimit }, (records, incidentId) => records.timeline(incidentId)),
    );
    return orOlder(copy, async () => {
      const told = await gateway.timeline(...named(subject));
      if (told.cut === 0 || copy === null) return told;
      const incidentId = subject.incidentId ?? (await gateway.show(subject.workflowId)).id;
      return incidentId === copy.incidentId ? joined(copy.value, told) : told;
    });
  }

  async function whole({ id, minSeq }: Wanted): Promise<WholeRecord> {
    const timeLimit = timeLimitOf(deps);
    const subject = await subjectOf(id, sources(timeLimit));
    const copy = await copyOf({ subject, minSeq, timeLimit }, (records, incidentId) => records.record(incidentId));
    if (copy === null) {
      await gateway.show(...named(subject)); // throws for one that nobody knows
      throw new Unavailable('the records do not have it yet');
    }
    return orOlder(copy, async () => {
      const { id: incidentId } = copy.value.incident;
      const [view, told] = await Promise.all([
        gateway.show(subject.workflowId, incidentId),
        gateway.timeline(subject.workflowId, incidentId),
      ]);
      return { ...copy.value, incident: view, ...joined(copy.value, told) };
    });
  }

  return {
    subject: (id) => subjectOf(id, sources(timeLimitOf(deps))),
    incident,
    timeline,
    whole,
    list: (query) => listIncidents(query, deps),
    numbered: (view) => withNumber(view, deps),
    note: memory.note,
  };
}

const named = ({ workflowId, incidentId }: Subject): readonly [string, string?] =>
  incidentId === null ? [workflowId] : [workflowId, incidentId];

/** The copy when it will do, else what `ask` says; and where nobody answers, a copy that is behind after all. */
async function orOlder<T>(copy: Copy<T> | null, ask: () => Promise<T>): Promise<T> {
  if (copy !== null && !copy.isBehind) return copy.value;
  try {
    return await ask();
  } catch (error) {
    if (copy !== null && (error instanceof Unavailable || error instanceof UnknownIncident)) return copy.value;
    throw error;
  }
}
