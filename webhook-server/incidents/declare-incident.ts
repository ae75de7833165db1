/** Lets a person declare an incident. A declaration is never spooled: the person is there to see that it failed. */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { blankIncident } from '../../domain/engine/evolve.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { toView } from '../../domain/engine/to-view.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import { IncidentsUnavailable, type IncidentQueries } from './incident-queries.ts';
import { classifyTemporalError, mayHaveHappened, type Circuit } from '../delivery/circuit-breaker.ts';
import { incidentStartOptions } from '../delivery/deliver-to-temporal.ts';

/** How long a new incident may take to answer before the server answers for it. */
const FIRST_VIEW_MS = 1500;

/** Temporal may have started it, in which case somebody is paged. */
const UNCERTAIN = 'it is not known whether the incident was declared';

export async function declareIncident(
  declaration: Declaration,
  { client, circuitBreaker, queries, at }: DeclareIncidentParts,
): Promise<IncidentView> {
  try {
    await circuitBreaker.callDurable(() =>
      client.workflow.start(INCIDENT_WORKFLOW, {
        ...incidentStartOptions(declaration),
        // Repeating a declaration returns the incident that it began, even after its end.
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
    return await queries.show(declaration.workflowId, { withinMs: FIRST_VIEW_MS });
  } catch (err) {
    if (err instanceof IncidentsUnavailable) return provisionalView(declaration, at);
    throw err;
  }
}

interface DeclareIncidentParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly queries: IncidentQueries;
  /** Epoch ms. */
  readonly at: number;
}

/** What is known about an incident that is durable but that no worker has processed yet. */
export function provisionalView(declaration: Declaration, at: number): IncidentView {
  // Only the incident itself knows its deadlines.
  return { ...toView(blankIncident(declaration, at)), deadlines: [] };
}
