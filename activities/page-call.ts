/**
 * One call of the page activity: every method of every person on its own, each retried under its own key. The call
 * returns as soon as there is something to report, at the latest a second after that; what is unsettled then is for the
 * next call. While no provider is being waited for, Temporal waits for the next try, so that nothing is lost with the
 * worker and no slot is taken.
 */
import { activityInfo, cancellationDetails, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { givenUp, TRYING_MS } from '../domain/escalation/unsettled-pages.ts';
import { isFinalFailure, pageRetryDelayMs } from '../runtime/failures.ts';
import { callClock, now } from './clock.ts';
import type { Method, MethodProgress, ProgressByKey } from './page-methods.ts';
import { deliveryOf, hasFailed, isUnsettled, reportedProgress, unsettledPage } from './page-methods.ts';
import { type PageablePerson, pageablePeople } from './page-recipients.ts';
import type { Page, Ports } from './ports.ts';
import type { Recipient } from './page-recipients.ts';
import type { SendsUnderWay } from './sends-under-way.ts';
import type { PageActivityInput, PageActivityResult } from './types.ts';

/** What there is to report waits this long for the providers that have not answered yet. */
const REPORT_WITHIN_MS = 1_000;

/** An attempt ends itself before Temporal would end it. */
const ATTEMPT_MS = 12_000;

/** Heartbeats also bring the word that the page is cancelled. */
const HEARTBEAT_MS = 500;

interface PersonMethods {
  readonly methods: readonly Method[];
  /** One after the other, each as soon as those before it have failed. */
  readonly inSequence: boolean;
  /** Methods that were not tried yet may be. */
  readonly mayBegin: boolean;
}

export interface PageCallParts {
  readonly ports: Ports;
  readonly request: PageActivityInput;
  readonly sends: SendsUnderWay;
  readonly keyOf: (recipient: Recipient, method: string) => string;
  /** Signs links: only for what is really sent. */
  readonly compose: (recipient: Recipient, method: string) => Page;
}

export class PageCall {
  private readonly parts: PageCallParts;
  private readonly clock = callClock();
  private readonly startedAt = performance.now();
  private readonly signal = cancellationSignal();
  private readonly calledAt = activityInfo().scheduledTimestampMs;
  private readonly people: readonly PersonMethods[];
  private readonly methods: readonly Method[];
  private readonly summary: Pick<PageActivityResult, 'methods' | 'unknownNames' | 'audibleAt'>;
  private hasNewsSince: number | null = null;
  private wake = (): void => undefined;

  constructor(parts: PageCallParts) {
    this.parts = parts;
    const { ports, request } = parts;
    // As of when the call was made, so that a retry pages the same people though a shift has ended meanwhile.
    const { people, ...summary } = pageablePeople(ports, request, this.calledAt);
    const earlier = (activityInfo().heartbeatDetails ?? {}) as ProgressByKey;
    this.summary = summary;
    this.people = people.map((person) => this.methodsOf(person, earlier));
    this.methods = this.people.flatMap(({ methods }) => methods);
  }

  private methodsOf({ recipient, contacts, inSequence }: PageablePerson, earlier: ProgressByKey): PersonMethods {
    const { accepted, unsettled } = this.parts.request.pageRequest;
    const methods = contacts.map((contact): Method => {
      const key = this.parts.keyOf(recipient, contact.method);
      return { key, recipient, contact, progress: earlier[key] ?? this.reported(key), send: null };
    });
    // Once somebody has been reached, later calls only go on with what was begun.
    const isBegun = methods.some(({ progress }) => progress !== null);
    const isReached = methods.some(({ progress }) => progress?.state === 'accepted');
    return {
      methods,
      inSequence,
      mayBegin: unsettled === undefined || accepted.length === 0 || (isBegun && !isReached),
    };
  }

  /** Throws a retryable failure when Temporal is to call again later. */
  async run(): Promise<PageActivityResult> {
    const onCancel = (): void => this.wake();
    this.signal.addEventListener('abort', onCancel);
    try {
      for (;;) {
        this.throwIfCancelled();
        this.takeOutcomes();
        this.sendWhatIsDue();
        if (this.mayReturn()) return this.result();
        this.throwIfLater();
        await this.untilSomethingHappens();
      }
    } finally {
      this.signal.removeEventListener('abort', onCancel);
      for (const { send, key } of this.methods) if (send !== null) this.parts.sends.leave(key);
    }
  }

  private throwIfCancelled(): void {
    if (!this.signal.aborted) return;
    for (const method of this.methods) {
      if (method.send !== null) this.parts.sends.abort(method.key);
      method.send = null;
    }
    // A worker that shuts down cancels too; another one goes on.
    if (cancellationDetails()?.cancelRequested !== true) throw this.later(0);
    throw new CancelledFailure('nobody wants this page any more');
  }

  private takeOutcomes(): void {
    for (const method of this.methods) {
      const outcome = method.send?.outcome ?? null;
      if (outcome === null) continue;
      this.parts.sends.remove(method.key);
      method.send = null;
      if ('error' in outcome) this.fail(method, outcome.error);
      else this.accept(method);
    }
    if (this.methods.some((method) => this.isNews(method))) this.hasNewsSince ??= performance.now();
  }

  private accept(method: Method): void {
    const at = now();
    method.progress = { state: 'accepted', at, reason: null };
    const { waitingSince } = this.parts.request;
    this.count(method, waitingSince === undefined ? null : Math.max(0, at - waitingSince));
  }

  private fail(method: Method, error: unknown): void {
    const { failures: before = 0, refusals: refusedBefore = 0 } = method.progress ?? {};
    const failures = before + 1;
    const refusals = isFinalFailure(error) ? refusedBefore + 1 : 0;
    const delayMs = pageRetryDelayMs(error, { failures, refusals });
    const reason = error instanceof Error ? error.message : 'failed';
    const state = delayMs === null ? 'failed' : 'retrying';
    method.progress = { state, at: now(), reason, failures, refusals, retryAt: this.clock.now() + (delayMs ?? 0) };
    if (failures === 1 || state === 'failed') log.warn('a page failed', { key: method.key, state, reason });
    this.count(method, null);
  }

  private count({ contact, progress }: Method, latencyMs: number | null): void {
    const { ports, request } = this.parts;
    if (request.test || progress === null || progress.state === 'sending') return;
    ports.pageMetrics.tried(contact.method, progress.state, latencyMs);
  }

  private sendWhatIsDue(): void {
    for (const { methods, inSequence, mayBegin } of this.people) {
      let begins = mayBegin;
      for (const method of methods) {
        if (method.progress === null && !begins) continue;
        method.progress ??= { state: 'sending', at: now(), reason: null };
        if (isUnsettled(method) && method.send === null && this.waitMs(method) <= 0) this.send(method);
        if (inSequence && !hasFailed(method)) begins = false;
      }
    }
  }

  private send(method: Method): void {
    const { sends, compose } = this.parts;
    const { key, recipient, contact } = method;
    method.send = sends.join(key) ?? sends.start(contact, compose(recipient, contact.method));
    method.send.onOutcome = () => this.wake();
  }

  /** Until its next try. */
  private waitMs({ progress }: Method): number {
    return (progress?.retryAt ?? 0) - this.clock.now();
  }

  private isNews({ key, progress }: Method): boolean {
    if (progress === null || progress.state === 'sending') return false;
    return progress.state !== this.reported(key)?.state;
  }

  private mayReturn(): boolean {
    if (!this.methods.some(isUnsettled)) return true;
    if (this.isTimeUp()) return true;
    if (this.hasNewsSince === null) return false;
    return !this.isSending() || performance.now() - this.hasNewsSince >= REPORT_WITHIN_MS;
  }

  private reported(key: string): MethodProgress | null {
    return reportedProgress(this.parts.request.pageRequest, key);
  }

  private isSending(): boolean {
    return this.methods.some(({ send }) => send !== null);
  }

  /** Ms until the next try, of any method; 0 while a provider is being waited for. */
  private untilNextTryMs(): number {
    if (this.isSending()) return 0;
    return Math.max(0, Math.min(...this.methods.filter(isUnsettled).map((method) => this.waitMs(method))));
  }

  /** No further try fits into the time for which a level's page is tried; later calls have that time each. */
  private isTimeUp(): boolean {
    const { triedSince = this.calledAt } = this.parts.request.pageRequest;
    const leftMs = triedSince + TRYING_MS - this.calledAt;
    return this.clock.triedForMs() + this.untilNextTryMs() > (leftMs > 0 ? leftMs : TRYING_MS);
  }

  private throwIfLater(): void {
    const elapsedMs = performance.now() - this.startedAt;
    const isLater = !this.isSending() || elapsedMs >= ATTEMPT_MS;
    if (isLater || elapsedMs >= HEARTBEAT_MS) heartbeat(this.details());
    if (!isLater) return;
    throw this.later(this.untilNextTryMs());
  }

  private later(ms: number): ApplicationFailure {
    const message = 'a provider has not taken the page yet';
    return ApplicationFailure.create({ message, type: 'PageNotTaken', nextRetryDelay: Math.max(1, ms) });
  }

  private async untilSomethingHappens(): Promise<void> {
    const waits = this.methods
      .filter((method) => isUnsettled(method) && method.send === null)
      .map((method) => this.waitMs(method));
    const reportMs =
      this.hasNewsSince === null ? HEARTBEAT_MS : this.hasNewsSince + REPORT_WITHIN_MS - performance.now();
    const ms = Math.max(1, Math.min(HEARTBEAT_MS, reportMs, ...waits));
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, ms);
      if (this.signal.aborted || this.methods.some(({ send }) => send?.outcome)) resolve();
    });
    clearTimeout(timer);
  }

  private details(): ProgressByKey {
    return Object.fromEntries(
      this.methods.flatMap(({ key, progress }) => (progress === null ? [] : [[key, progress]])),
    );
  }

  private result(): PageActivityResult {
    const unsettled = this.methods.filter(isUnsettled).map(unsettledPage);
    const deliveries = this.methods
      .filter(({ key, progress }) => progress !== null && progress.state !== this.reported(key)?.state)
      .map(deliveryOf);
    const known = new Set(this.methods.map(({ key }) => key));
    const { unsettled: before = [] } = this.parts.request.pageRequest;
    const gone = before.filter(({ key }) => !known.has(key));
    return {
      deliveries: [...deliveries, ...givenUp(gone, 'no longer needed', now())],
      unsettled,
      calledAt: this.calledAt,
      timeUp: unsettled.length > 0 && this.isTimeUp(),
      mustRetry: unsettled.length > 0,
      ...this.summary,
    };
  }
}
