/** Starting an incident at a person's word. Never spooled: a person is there to be told that it did not work. */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { blankIncident } from '../../domain/engine/blank-incident.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { toView } from '../../domain/engine/to-view.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import { IncidentsUnavailable } from './gateway.ts';
import { classifyTemporalError, mayHaveHappened } from '../delivery/temporal-errors.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
import type { IncidentQueries } from './incident-queries.ts';
import { incidentStartOptions } from '../delivery/deliver-to-temporal.ts';

/** How long a new incident may take to speak for itself before we speak for it. */
const FIRST_VIEW_MS = 1500;

/** Temporal may have started it, and then somebody is paged. */
const UNCERTAIN = 'it is not known whether the incident was declared';

export interface DeclareIncidentParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly queries: IncidentQueries;
  readonly now: () => number;
}

export function createDeclareIncident({
  client,
  circuitBreaker,
  queries,
  now,
}: DeclareIncidentParts): (opening: Declaration) => Promise<IncidentView> {
  return async (opening) => {
    const at = now();
    try {
      await circuitBreaker.callDurable(() =>
        client.workflow.start(INCIDENT_WORKFLOW, {
          ...incidentStartOptions(opening),
          // The same declaration again, even after its end, is the incident that it began.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      );
    } catch (err) {
      if (!(err instanceof WorkflowExecutionAlreadyStartedError)) {
        const isUncertain = mayHaveHappened(err);
        const what = isUncertain ? UNCERTAIN : 'the incident was not declared and nobody was paged';
        throw new IncidentsUnavailable(`${what}: ${classifyTemporalError(err).message}`, { isUncertain });
      }
    }
    try {
      return await queries.show(opening.workflowId, { withinMs: FIRST_VIEW_MS });
    } catch (err) {
      if (err instanceof IncidentsUnavailable) return provisionalView(opening, at);
      throw err;
    }
  };
}

/** What is known of an incident that is durable but that no worker has taken yet. */
export function provisionalView(opening: Declaration, at: number): IncidentView {
  // What will be due when is for the incident to say.
  return { ...toView(blankIncident(opening, at)), deadlines: [] };
}
