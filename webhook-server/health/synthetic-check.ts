/**
 * One end-to-end check, as a sender and a person would experience it: an alert to the server's own address, through
 * Temporal to the workers, a page on the paging task queue, and its acknowledgement back over HTTP. Both ends are here:
 * the endpoint, which admits this process alone, and the client.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { callVendor } from '../../providers/shared/http.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import {
  ACKNOWLEDGE_CHECK_UPDATE,
  SELF_CHECK_WORKFLOW,
  SYNTHETIC_ALERT_SIGNAL,
  TASK_QUEUES,
  type SyntheticAlert,
} from '../../workflows/contract.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
import { authorizationOf, sameSecret } from '../security/people-auth.ts';

/** `off`: disabled by the configuration. `unknown`: no check has ended yet. */
export type SelfCheckState = 'ok' | 'failing' | 'unknown' | 'off';

export interface SelfCheckEndpoint {
  readonly state: () => SelfCheckState;
  /** True for this process alone. */
  readonly admits: (req: IncomingMessage) => boolean;
  /** Resolves once the alert is durable. Throws `TemporalUnavailable`. */
  readonly begin: (check: string, at: number) => Promise<void>;
  /**
   * Resolves once the page has left, it is acknowledged and the workflow has ended. Throws when that takes too long.
   */
  readonly acknowledge: (check: string) => Promise<void>;
}

interface SelfCheckEndpointParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  /** Names the server in the workflow's id. */
  readonly server: string;
  readonly secret: string;
  readonly state: () => SelfCheckState;
}

export const newSelfCheckSecret = (): string => randomBytes(32).toString('base64url');

/** Shorter than the outbound client's timeout, which then asks again. */
const ANSWER_MS = 4_000;
/** Leaves no run behind, whatever goes wrong. */
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
          args: [],
          signal: SYNTHETIC_ALERT_SIGNAL,
          signalArgs: [alert],
        }),
      );
    },
    async acknowledge(check) {
      const handle = client.workflow.getHandle(workflowId);
      // Asking again with the same id is the same update.
      await circuitBreaker.callWithin(ANSWER_MS, () =>
        handle.executeUpdate(ACKNOWLEDGE_CHECK_UPDATE, { args: [check], updateId: check }),
      );
      await circuitBreaker.callWithin(ANSWER_MS, () => handle.result());
    },
  };
}

interface SyntheticCheckRequest {
  /** Where the server listens, as `http://host:port`. */
  readonly url: string;
  readonly secret: string;
  /** A ULID for this check. */
  readonly check: string;
  readonly signal: AbortSignal;
  /** The deadline, ms. */
  readonly withinMs: number;
}

const RETRY_AFTER_MS = 1_000;

/** The step that failed, in a few words for people. */
export class SyntheticCheckFailed extends Error {
  constructor(step: string, options: ErrorOptions) {
    super(step, options);
    this.name = 'SyntheticCheckFailed';
  }
}

/** Throws `WayBroken`. A fault that passes in time, such as a restart, does not count. */
export async function runSyntheticCheck({
  url,
  secret,
  check,
  signal,
  withinMs,
}: SyntheticCheckRequest): Promise<void> {
  const time = AbortSignal.timeout(withinMs);
  const bounded = AbortSignal.any([signal, time]);
  const post = (path: string, step: string): Promise<void> =>
    retryStep(step, bounded, async () => {
      const headers = { authorization: `Bearer ${secret}` };
      await callVendor('self-check', { method: 'POST', url: url + path, body: { check }, headers }, bounded);
    });
  await post('/webhooks/self-check', 'an alert was not taken');
  await post('/webhooks/self-check/acknowledge', 'the page of an alert did not leave, or could not be acknowledged');
}

async function retryStep(step: string, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await act();
    } catch (err) {
      const mayPass = err instanceof DeliveryError && err.kind === 'retryable';
      if (!mayPass || signal.aborted) throw new SyntheticCheckFailed(step, { cause: err });
    }
    await sleep(RETRY_AFTER_MS, undefined, { signal }).catch((err: unknown) => {
      throw new SyntheticCheckFailed(step, { cause: err });
    });
  }
}
