/**
 * Whether Temporal answers. A call that is not answered in time closes the gate; while it is closed, calls fail at
 * once instead of making every request wait, and a probe in the background opens it again.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { within } from './deadline.ts';
import { grpcStatus, isAnswer, judge, TemporalAway } from './errors.ts';

export interface Gate {
  /** Open until found closed. */
  isOpen(): boolean;
  /** The first probe has come back, whatever it found. */
  readonly known: Promise<void>;
  /** A call that makes something durable. Throws `TemporalAway`, `Poison`, or an answer (`isAnswer`). */
  call<T>(act: () => Promise<T>): Promise<T>;
  /** A call that may also be late for want of a worker, so its lateness says nothing about Temporal. */
  ask<T>(ms: number, act: () => Promise<T>): Promise<T>;
  /** `listener` is called each time Temporal is found to be there after it was not, and once at the start. */
  onOpen(listener: () => void): void;
  /**
   * Waits for calls under way, the late ones too: the client crashes the process when its connection is closed while
   * it is about to try one again.
   */
  close(): Promise<void>;
}

export interface GateOptions {
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
const TRUSTED_FOR_MS = 1000;
/** gRPC: deadline exceeded, unavailable. */
const NO_ANSWER = [4, 14];
/** Nobody has this id: the answer "not found" comes from the store, so it proves more than a greeting would. */
const PROBE_ID = 'tocsin-probe';

export function createGate({ client, log, callMs = CALL_MS }: GateOptions): Gate {
  const listeners: (() => void)[] = [];
  let state: 'unknown' | 'open' | 'closed' = 'unknown';
  let answeredAt = -Infinity;
  let closedAt = 0;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  /** Calls, those that nobody waits for any more among them. */
  const underWay = new Set<Promise<unknown>>();

  const ask = <T>(ms: number, act: () => Promise<T>): Promise<T> => {
    const call = client.withDeadline(Date.now() + ms, act);
    const forget = (): void => {
      underWay.delete(call);
    };
    underWay.add(call);
    call.then(forget, forget);
    return within(ms, call);
  };

  function open(): void {
    answeredAt = Date.now();
    if (state === 'open') return;
    if (state === 'closed') log.info({ awayMs: Date.now() - closedAt }, 'Temporal answers again');
    state = 'open';
    retryMs = FIRST_RETRY_MS;
    for (const listener of listeners) listener();
  }

  function shut(reason: string): void {
    if (state === 'closed' || Date.now() - answeredAt < TRUSTED_FOR_MS) return;
    state = 'closed';
    closedAt = Date.now();
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
      await ask(PROBE_MS, () => client.workflow.getHandle(PROBE_ID).describe());
      open();
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) open();
      else shut(judge(err).message);
    }
    if (state === 'closed') retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    schedule(state === 'closed' ? retryMs : PROBE_EVERY_MS);
  }

  /** Nobody answered: a worker may be missing, or Temporal. The probe tells which, before the next call has to wait. */
  function doubt(err: unknown): void {
    const isLate = err instanceof TemporalAway || NO_ANSWER.includes(grpcStatus(err).code ?? -1);
    if (isLate && state === 'open') schedule(0);
  }

  const known = probe();
  return {
    known,
    isOpen: () => state !== 'closed',
    async ask(ms, act) {
      try {
        return await ask(ms, act);
      } catch (err) {
        doubt(err);
        throw err;
      }
    },
    async call(act) {
      if (state === 'closed') throw new TemporalAway('Temporal does not answer');
      try {
        const answer = await ask(callMs, act);
        answeredAt = Date.now();
        return answer;
      } catch (err) {
        if (isAnswer(err)) {
          answeredAt = Date.now();
          throw err;
        }
        const trouble = judge(err);
        if (trouble instanceof TemporalAway) shut(trouble.message);
        throw trouble;
      }
    },
    onOpen(listener) {
      listeners.push(listener);
      // Whoever comes after the first probe must hear of it all the same: what waits in the spool waits for this.
      if (state === 'open') queueMicrotask(listener);
    },
    async close() {
      ended = true;
      clearTimeout(timer);
      await within(LAST_CALLS_MS, Promise.allSettled(underWay)).catch(() => undefined); // still late: the process is ending anyway
    },
  };
}
