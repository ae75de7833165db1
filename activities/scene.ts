/** The incident as one call tells of it: what the request says, and what vendors and records have said since. */
import type { Numbered } from '../domain/record.ts';
import type { Links, Refs, Scene } from './ports.ts';
import type { TellRequest } from './types.ts';

export interface CallScene extends Scene {
  /** The records have given it a number. */
  number(numbered: Numbered): void;
  /** What this call has learned, all attempts together. */
  learned(): Refs;
}

/** `learned` is what an earlier attempt of the same call kept. */
export function createScene(request: TellRequest, links: Links, learned: Refs): CallScene {
  const url = links.incident(request.incident.workflowId);
  let incident = { ...request.incident, url };
  let news = learned;
  return {
    get incident() {
      return incident;
    },
    head: request.head,
    wantsChannel: request.wantsChannel,
    responders: request.responders,
    refs: () => ({ ...request.refs, ...news }),
    learn: (refs) => {
      news = { ...news, ...refs };
    },
    number: ({ reference }) => {
      incident = { ...incident, reference: reference ?? incident.reference };
    },
    learned: () => news,
  };
}
