/**
 * Where the server's own check comes in: two addresses of the webhooks, for whoever knows this process's secret, which
 * is this process. They do what the webhooks and the acknowledge links of people do, with an alert that is none.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Client } from '@temporalio/client';
import {
  ACKNOWLEDGE_CHECK_UPDATE,
  SELF_CHECK_WORKFLOW,
  SYNTHETIC_ALERT_SIGNAL,
  TASK_QUEUES,
} from '../../workflows/contract.ts';
import type { SyntheticAlert } from '../../workflows/contract.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
import { authorizationOf, sameSecret } from '../security/credentials.ts';

/** `off`: the configuration does not want it. `unknown`: none has ended yet. */
export type SelfCheckState = 'ok' | 'failing' | 'unknown' | 'off';

export interface SelfCheckEndpoint {
  readonly state: () => SelfCheckState;
  /** True for this process alone. */
  readonly admits: (req: IncomingMessage) => boolean;
  /** Resolves once the alert is durable. Throws `TemporalAway`. */
  readonly begin: (check: string, at: number) => Promise<void>;
  /** Resolves once the page has left, it is acknowledged and the workflow has ended. Throws when that takes too long. */
  readonly acknowledge: (check: string) => Promise<void>;
}

export interface SelfCheckEndpointParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  /** Names the server in the id of its workflow. */
  readonly server: string;
  readonly secret: string;
  readonly state: () => SelfCheckState;
}

export const newSelfCheckSecret = (): string => randomBytes(32).toString('base64url');

/** Below what the outbound client waits for an answer; it asks again. */
const ANSWER_MS = 4_000;
/** Whatever goes wrong, no run is left behind. */
const RUN_MS = 10 * 60_000;

export function createSelfCheckEndpoint({
  client,
  circuitBreaker,
  server,
  secret,
  state,
}: SelfCheckEndpointParts): SelfCheckEndpoint {
  const workflowId = `self-check-${server}`;
  return {
    state,
    admits(req) {
      const given = authorizationOf(req);
      return given !== null && sameSecret(given.secret, secret);
    },
    async begin(check, at) {
      const alert: SyntheticAlert = { check, at };
      await circuitBreaker.callDurable(() =>
        client.workflow.signalWithStart(SELF_CHECK_WORKFLOW, {
          workflowId,
          taskQueue: TASK_QUEUES.incidents,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowExecutionTimeout: RUN_MS,
          staticSummary: 'self-check',
          ...{ args: [], signal: SYNTHETIC_ALERT_SIGNAL, signalArgs: [alert] },
        }),
      );
    },
    async acknowledge(check) {
      const handle = client.workflow.getHandle(workflowId);
      // The same id: asked again, it is the same update.
      await circuitBreaker.callWithin(ANSWER_MS, () =>
        handle.executeUpdate(ACKNOWLEDGE_CHECK_UPDATE, { args: [check], updateId: check }),
      );
      await circuitBreaker.callWithin(ANSWER_MS, () => handle.result());
    },
  };
}
