/** Starting an incident at a person's word. Never spooled: a person is there to be told that it did not work. */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { blankIncident } from '../../domain/begin.ts';
import type { Opening } from '../../domain/opening.ts';
import { toView } from '../../domain/to-view.ts';
import type { IncidentView } from '../../domain/view.ts';
import { INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import { Unavailable } from '../gateway.ts';
import { judge, mayBeDone } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Reads } from './reads.ts';
import { startOptions } from './start.ts';

/** How long a new incident may take to speak for itself before we speak for it. */
const FIRST_VIEW_MS = 1500;

/** Temporal may have started it, and then somebody is paged. */
const UNCERTAIN = 'it is not known whether the incident was declared';

export interface DeclareParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly reads: Reads;
  readonly now: () => number;
}

export function createDeclare({ client, gate, reads, now }: DeclareParts): (opening: Opening) => Promise<IncidentView> {
  return async (opening) => {
    const at = now();
    try {
      await gate.call(() =>
        client.workflow.start(INCIDENT_WORKFLOW, {
          ...startOptions(opening),
          // The same declaration again, even after its end, is the incident that it began.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      );
    } catch (err) {
      if (!(err instanceof WorkflowExecutionAlreadyStartedError)) {
        const isUncertain = mayBeDone(err);
        const what = isUncertain ? UNCERTAIN : 'the incident was not declared and nobody was paged';
        throw new Unavailable(`${what}: ${judge(err).message}`, { isUncertain });
      }
    }
    try {
      return await reads.show(opening.workflowId, { withinMs: FIRST_VIEW_MS });
    } catch (err) {
      if (err instanceof Unavailable) return provisionalView(opening, at);
      throw err;
    }
  };
}

/** What is known of an incident that is durable but that no worker has taken yet. */
export function provisionalView(opening: Opening, at: number): IncidentView {
  // What will be due when is for the incident to say.
  return { ...toView(blankIncident(opening, at)), deadlines: [] };
}
