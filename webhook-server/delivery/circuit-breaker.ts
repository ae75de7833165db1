/**
 * Whether Temporal answers. A call that is not answered in time closes the gate; while it is closed, calls fail at
 * once instead of making every request wait, and a probe in the background opens it again.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { withTimeout } from './timeout.ts';
import { grpcStatus, isWorkflowAnswer, classifyTemporalError, TemporalUnavailable } from './temporal-errors.ts';

export interface CircuitBreaker {
  /** Open until found closed. */
  allowsCalls(): boolean;
  /** The first probe has come back, whatever it found. */
  readonly firstProbe: Promise<void>;
  /** A call that makes something durable. Throws `TemporalAway`, `Poison`, or an answer (`isAnswer`). */
  callDurable<T>(act: () => Promise<T>): Promise<T>;
  /** A call that may also be late for want of a worker, so its lateness says nothing about Temporal. */
  callWithin<T>(ms: number, act: () => Promise<T>): Promise<T>;
  /** `listener` is called each time Temporal is found to be there after it was not, and once at the start. */
  onRecovered(listener: () => void): void;
  /**
   * Waits for calls under way, the late ones too: the client crashes the process when its connection is closed while
   * it is about to try one again.
   */
  close(): Promise<void>;
}

export interface CircuitBreakerOptions {
  readonly client: Client;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** One durable call may take this long. */
  readonly callMs?: number;
}

const CALL_MS = 2000;
const PROBE_MS = 1000;
const PROBE_EVERY_MS = 5000;
const LAST_CALLS_MS = 6000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 1000;
/** One late call among answered ones is a busy incident, not a dead server. */
const TRUST_LAST_ANSWER_MS = 1000;
/** gRPC: deadline exceeded, unavailable. */
const NO_ANSWER = [4, 14];
/** Nobody has this id: the answer "not found" comes from the store, so it proves more than a greeting would. */
const PROBE_ID = 'tocsin-probe';

export function createCircuitBreaker({ client, log, callMs = CALL_MS }: CircuitBreakerOptions): CircuitBreaker {
  const listeners: (() => void)[] = [];
  let state: 'unknown' | 'closed' | 'open' = 'unknown';
  let lastAnswerAt = -Infinity;
  let openedAt = 0;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  /** Calls, those that nobody waits for any more among them. */
  const callsInFlight = new Set<Promise<unknown>>();

  const boundedCall = <T>(ms: number, act: () => Promise<T>): Promise<T> => {
    const call = client.withDeadline(Date.now() + ms, act);
    const removeFromInFlight = (): void => {
      callsInFlight.delete(call);
    };
    callsInFlight.add(call);
    call.then(removeFromInFlight, removeFromInFlight);
    return withTimeout(ms, call);
  };

  function closeCircuit(): void {
    lastAnswerAt = Date.now();
    if (state === 'closed') return;
    if (state === 'open') log.info({ awayMs: Date.now() - openedAt }, 'Temporal answers again');
    state = 'closed';
    retryMs = FIRST_RETRY_MS;
    for (const listener of listeners) listener();
  }

  function openCircuit(reason: string): void {
    if (state === 'open' || Date.now() - lastAnswerAt < TRUST_LAST_ANSWER_MS) return;
    state = 'open';
    openedAt = Date.now();
    log.warn({ reason }, 'Temporal does not answer; alerts go to the spool');
    schedule(retryMs);
  }

  function schedule(ms: number): void {
    clearTimeout(timer);
    if (ended) return;
    timer = setTimeout(() => void probe(), ms);
    timer.unref();
  }

  async function probe(): Promise<void> {
    try {
      await boundedCall(PROBE_MS, () => client.workflow.getHandle(PROBE_ID).describe());
      closeCircuit();
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) closeCircuit();
      else openCircuit(classifyTemporalError(err).message);
    }
    if (state === 'open') retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    schedule(state === 'open' ? retryMs : PROBE_EVERY_MS);
  }

  /** Nobody answered: a worker may be missing, or Temporal. The probe tells which, before the next call has to wait. */
  function probeIfUnanswered(err: unknown): void {
    const isLate = err instanceof TemporalUnavailable || NO_ANSWER.includes(grpcStatus(err).code ?? -1);
    if (isLate && state === 'closed') schedule(0);
  }

  const firstProbe = probe();
  return {
    firstProbe,
    allowsCalls: () => state !== 'open',
    async callWithin(ms, act) {
      try {
        return await boundedCall(ms, act);
      } catch (err) {
        probeIfUnanswered(err);
        throw err;
      }
    },
    async callDurable(act) {
      if (state === 'open') throw new TemporalUnavailable('Temporal does not answer');
      try {
        const answer = await boundedCall(callMs, act);
        lastAnswerAt = Date.now();
        return answer;
      } catch (err) {
        if (isWorkflowAnswer(err)) {
          lastAnswerAt = Date.now();
          throw err;
        }
        const error = classifyTemporalError(err);
        if (error instanceof TemporalUnavailable) openCircuit(error.message);
        throw error;
      }
    },
    onRecovered(listener) {
      listeners.push(listener);
      // Whoever comes after the first probe must hear of it all the same: what waits in the spool waits for this.
      if (state === 'closed') queueMicrotask(listener);
    },
    async close() {
      ended = true;
      clearTimeout(timer);
      await withTimeout(LAST_CALLS_MS, Promise.allSettled(callsInFlight)).catch(() => undefined); // still late: the process is ending anyway
    },
  };
}
