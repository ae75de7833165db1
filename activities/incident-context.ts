/** The incident as one call tells of it: what the request says, and what vendors and records have said since. */
import type { AssignedReference } from '../domain/kernel/projection.ts';
import type { Links, Refs, IncidentContext } from './ports.ts';
import type { DeliverNotificationsInput } from './types.ts';

export interface IncidentContextOfCall extends IncidentContext {
  /** The records have given it a number. */
  setReference(numbered: AssignedReference): void;
  /** What this call has learned, all attempts together. */
  keptRefs(): Refs;
}

/** `learned` is what an earlier attempt of the same call kept. */
export function createIncidentContext(
  request: DeliverNotificationsInput,
  links: Links,
  keptRefs: Refs,
): IncidentContextOfCall {
  const url = links.incident(request.incident.workflowId);
  let incident = { ...request.incident, url };
  let newRefs = keptRefs;
  return {
    get incident() {
      return incident;
    },
    projection: request.projection,
    wantsChannel: request.wantsChannel,
    responders: request.responders,
    refs: () => ({ ...request.refs, ...newRefs }),
    keepRefs: (refs) => {
      newRefs = { ...newRefs, ...refs };
    },
    setReference: ({ reference }) => {
      incident = { ...incident, reference: reference ?? incident.reference };
    },
    keptRefs: () => newRefs,
  };
}
