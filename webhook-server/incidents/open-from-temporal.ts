/** What Temporal alone can say of many incidents: the list of open ones, and which incident a reference or id means. */
import { isOpen } from '../../domain/kernel/phase.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { ListQuery } from '../../records/open-records.ts';
import { postIncidentWorkflowId } from '../../workflows/contract.ts';
import { UnknownIncident, type IncidentsGateway } from './gateway.ts';
import type { IncidentRef } from './incident-ref.ts';

type Gateway = Pick<IncidentsGateway, 'running' | 'show'>;

export interface OpenIncidents {
  /** Newest declaration first. */
  readonly incidents: readonly IncidentView[];
  /** False: there are more. */
  readonly complete: boolean;
}

const LIMIT = 200;

/** The open incidents that `query` asks for. Throws `Unavailable`. */
export async function listOpenInTemporal(gateway: Gateway, query: ListQuery): Promise<OpenIncidents> {
  const { incidents, isComplete } = await gateway.running();
  const found = incidents.filter((view) => isOpen(view.phase) && matches(view, query)).sort(newestFirst);
  const page = found.slice(0, query.limit ?? LIMIT);
  return { incidents: page, complete: isComplete && page.length === found.length };
}

function matches(
  { title, reference, service, ...view }: IncidentView,
  { severity, team, restricted, test, q }: ListQuery,
) {
  const text = [title, reference, service].join('\n').toLowerCase();
  return (
    (severity === undefined || view.severity === severity) &&
    (team === undefined || view.team === team) &&
    (restricted === undefined || view.restricted === restricted) &&
    (test === undefined || view.test === test) &&
    (q === undefined || text.includes(q.toLowerCase()))
  );
}

/** Both are fixed-width texts whose order is the order of time. */
function newestFirst(a: IncidentView, b: IncidentView): number {
  const [one, other] = [a, b].map(({ declaredAt, id: incidentId }) => `${declaredAt} ${incidentId}`) as [
    string,
    string,
  ];
  return one < other ? 1 : one > other ? -1 : 0;
}

const REFERENCE = /^INC-(?:(\d{4})-)?(\d{1,9})$/;

/** The incident of a reference or an id, in capitals; null when none that runs has it. Throws `Unavailable`. */
export async function findInTemporal(gateway: Gateway, id: string): Promise<IncidentRef | null> {
  const { incidents, isComplete } = await gateway.running();
  const isReference = REFERENCE.test(id);
  const found = isReference ? byReference(incidents, id, isComplete) : incidents.find((view) => isIncidentId(view, id));
  if (found !== undefined) return { workflowId: found.workflowId, incidentId: found.id };
  return isReference ? null : findInPostIncident(gateway, id);
}

/** `INC-007` is the newest open one with that number, so it takes a whole list to say which. */
function byReference(incidents: readonly IncidentView[], id: string, isComplete: boolean): IncidentView | undefined {
  const [, year, n] = REFERENCE.exec(id) ?? [];
  const found = incidents.filter((view) => {
    const [, itsYear, itsN] = REFERENCE.exec(view.reference ?? '') ?? [];
    return itsN !== undefined && Number(itsN) === Number(n) && (year === undefined || itsYear === year);
  });
  if (year !== undefined) return found[0];
  return isComplete ? found.filter(({ phase }) => isOpen(phase)).sort(newestFirst)[0] : undefined;
}

const isIncidentId = ({ id: incidentId, aliases = [] }: IncidentView, id: string): boolean =>
  incidentId === id || aliases.includes(id);

async function findInPostIncident(gateway: Gateway, incidentId: string): Promise<IncidentRef | null> {
  try {
    const { workflowId } = await gateway.show(postIncidentWorkflowId(incidentId));
    return { workflowId, incidentId };
  } catch (error) {
    if (error instanceof UnknownIncident) return null;
    throw error;
  }
}
