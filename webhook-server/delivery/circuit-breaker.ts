/**
 * Whether Temporal answers. Closed: calls go through. A durable call that is not answered in time opens the circuit;
 * while it is open, calls fail at once instead of making every request wait, and a background probe closes it again.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { grpcStatus, isWorkflowAnswer, classifyTemporalError, TemporalUnavailable } from './temporal-errors.ts';
import { withTimeout } from './timeout.ts';

export interface CircuitBreakerOptions {
  readonly client: Client;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The timeout of one durable call. */
  readonly callMs?: number;
}

const CALL_MS = 2000;
const PROBE_MS = 1000;
const PROBE_EVERY_MS = 5000;
const LAST_CALLS_MS = 6000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 1000;
/** One late call among answered ones means a busy incident, not a dead server. */
const TRUST_LAST_ANSWER_MS = 1000;
/** gRPC: deadline exceeded, unavailable. */
const NO_ANSWER = [4, 14];
/** No workflow has this id. "Not found" comes from Temporal's store, so it proves more than a health check would. */
const PROBE_ID = 'tocsin-probe';

/** What callers need from it. */
export type Circuit = Omit<CircuitBreaker, 'close'>;

/** Starts probing at once. */
export class CircuitBreaker {
  /** The first probe has returned, with whatever result. Calls are allowed until then. */
  readonly firstProbe: Promise<void>;
  private readonly client: Client;
  private readonly log: CircuitBreakerOptions['log'];
  private readonly callMs: number;
  private readonly listeners: (() => void)[] = [];
  private state: 'unknown' | 'closed' | 'open' = 'unknown';
  private lastAnswerAt = -Infinity;
  private openedAt = 0;
  private retryMs = FIRST_RETRY_MS;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  /** Including calls whose caller no longer waits. */
  private readonly callsInFlight = new Set<Promise<unknown>>();

  constructor({ client, log, callMs = CALL_MS }: CircuitBreakerOptions) {
    this.client = client;
    this.log = log;
    this.callMs = callMs;
    this.firstProbe = this.probe();
  }

  allowsCalls(): boolean {
    return this.state !== 'open';
  }

  /** A call that makes something durable. Throws `TemporalUnavailable`, `RejectedByTemporal`, or an `isWorkflowAnswer`. */
  async callDurable<T>(call: () => Promise<T>): Promise<T> {
    if (!this.allowsCalls()) throw new TemporalUnavailable('Temporal does not answer');
    try {
      const answer = await this.boundedCall(this.callMs, call);
      this.lastAnswerAt = Date.now();
      return answer;
    } catch (err) {
      if (isWorkflowAnswer(err)) {
        this.lastAnswerAt = Date.now();
        throw err;
      }
      const error = classifyTemporalError(err);
      if (error instanceof TemporalUnavailable) this.openCircuit(error.message);
      throw error;
    }
  }

  /** A call that a worker has to answer: a late one says nothing about Temporal itself. */
  async callWithin<T>(ms: number, call: () => Promise<T>): Promise<T> {
    try {
      return await this.boundedCall(ms, call);
    } catch (err) {
      this.probeIfUnanswered(err);
      throw err;
    }
  }

  /** `listener` is called each time Temporal answers again, and once at the start. */
  onRecovered(listener: () => void): void {
    this.listeners.push(listener);
    // A listener added after the first probe must be called too: the spool's backlog waits for this.
    if (this.state === 'closed') queueMicrotask(listener);
  }

  /**
   * Waits for calls in flight, including late ones: the client crashes the process when its connection closes just
   * before a retry.
   */
  async close(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    const settled = Promise.allSettled(this.callsInFlight);
    await withTimeout(LAST_CALLS_MS, settled).catch(() => undefined); // still late: the process is ending anyway
  }

  private boundedCall<T>(ms: number, act: () => Promise<T>): Promise<T> {
    const call = this.client.withDeadline(Date.now() + ms, act);
    const removeFromInFlight = (): void => {
      this.callsInFlight.delete(call);
    };
    this.callsInFlight.add(call);
    call.then(removeFromInFlight, removeFromInFlight);
    return withTimeout(ms, call);
  }

  private closeCircuit(): void {
    this.lastAnswerAt = Date.now();
    if (this.state === 'closed') return;
    if (this.state === 'open') this.log.info({ awayMs: Date.now() - this.openedAt }, 'Temporal answers again');
    this.state = 'closed';
    this.retryMs = FIRST_RETRY_MS;
    for (const listener of this.listeners) listener();
  }

  private openCircuit(reason: string): void {
    if (this.state === 'open' || Date.now() - this.lastAnswerAt < TRUST_LAST_ANSWER_MS) return;
    this.state = 'open';
    this.openedAt = Date.now();
    this.log.warn({ reason }, 'Temporal does not answer: alerts go to the spool');
    this.scheduleProbe(this.retryMs);
  }

  private scheduleProbe(ms: number): void {
    clearTimeout(this.timer);
    if (this.ended) return;
    this.timer = setTimeout(() => void this.probe(), ms);
    this.timer.unref();
  }

  private async probe(): Promise<void> {
    try {
      await this.boundedCall(PROBE_MS, () => this.client.workflow.getHandle(PROBE_ID).describe());
      this.closeCircuit();
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) this.closeCircuit();
      else this.openCircuit(classifyTemporalError(err).message);
    }
    if (!this.allowsCalls()) this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    this.scheduleProbe(this.allowsCalls() ? PROBE_EVERY_MS : this.retryMs);
  }

  /** Either a worker is missing or Temporal is. The probe finds out before the next call has to wait. */
  private probeIfUnanswered(err: unknown): void {
    const isLate = err instanceof TemporalUnavailable || NO_ANSWER.includes(grpcStatus(err).code ?? -1);
    if (isLate && this.state === 'closed') this.scheduleProbe(0);
  }
}
