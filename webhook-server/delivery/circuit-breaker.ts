/**
 * Calls to Temporal: how long they may take, what a failure means, and whether Temporal answers at all. Closed: calls
 * go through. A durable call that is not answered in time opens the circuit; while it is open, calls fail at once
 * instead of making every request wait, and a background probe closes it again.
 */
import {
  NamespaceNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { Logger } from 'pino';

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

/** Temporal did not take it and may do so later. */
export class TemporalUnavailable extends Error {
  override name = 'TemporalUnavailable';
}

/** Temporal did not answer in time; it may have taken it. */
class TemporalTimeout extends TemporalUnavailable {
  override name = 'TemporalTimeout';
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** Temporal refused it, and would refuse it again. */
export class RejectedByTemporal extends Error {
  override name = 'RejectedByTemporal';
}

const INVALID_ARGUMENT = 3;
const INTERNAL = 13;
const DEADLINE_EXCEEDED = 4;

/** The call failed, but Temporal may have carried it out. */
export const mayHaveHappened = (err: unknown): boolean =>
  err instanceof TemporalTimeout || grpcStatus(err).code === DEADLINE_EXCEEDED;

/** The innermost gRPC status code and text of an error, from either connection. */
export function grpcStatus(err: unknown): { readonly code: number | null; readonly text: string } {
  let code: number | null = null;
  let text = '';
  for (let at: unknown = err; at instanceof Error; at = at.cause) {
    text = at.message;
    if ('code' in at && typeof at.code === 'number') code = at.code;
  }
  return { code, text };
}

/** True for answers that prove that Temporal is reachable; the caller handles them. */
function isWorkflowAnswer(err: unknown): boolean {
  return err instanceof WorkflowNotFoundError || err instanceof WorkflowExecutionAlreadyStartedError;
}

/**
 * Whether to try a failed call again; the only place that decides this. For errors that are no `isWorkflowAnswer`.
 */
export function classifyTemporalError(err: unknown): TemporalUnavailable | RejectedByTemporal {
  if (err instanceof TemporalUnavailable || err instanceof RejectedByTemporal) return err;
  const { code, text } = grpcStatus(err);
  if (err instanceof NamespaceNotFoundError) return new TemporalUnavailable(`no namespace: ${text}`, { cause: err });
  if (code === null && isEncodingError(err))
    return new RejectedByTemporal(`cannot be encoded: ${text}`, { cause: err });
  if (code === INVALID_ARGUMENT) return new RejectedByTemporal(text, { cause: err });
  // The server checks texts only after decoding, so a retry would fail forever.
  if (code === INTERNAL && /utf-?8/i.test(text)) return new RejectedByTemporal(text, { cause: err });
  return new TemporalUnavailable(text, { cause: err });
}

/** Raised by the client before anything was sent. */
function isEncodingError(err: unknown): boolean {
  return err instanceof TypeError || (err instanceof Error && /ValueError|PayloadConverterError/.test(err.name));
}

/**
 * Settles as `work` does, or rejects with `timeoutError` after `ms`. Late work is ignored, not stopped. Every wait needs
 * this: the Temporal client enforces its own deadlines seconds late.
 */
export async function withTimeout<T>(
  ms: number,
  work: Promise<T>,
  timeoutError: () => Error = () => new TemporalTimeout(ms),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError()), ms);
  });
  work.catch(() => undefined); // a failure after the timeout is ignored
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
