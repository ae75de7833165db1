/**
 * One run of an incident's workflow: its state, and the few ways to change it, to call activities, and to wait. The
 * tasks of the loop and the handlers share it. The only clock is `Date.now()`, which Temporal makes deterministic.
 */
import {
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { blankIncident, evolve, NEXT_DUE } from '../domain/engine/evolve.ts';
import type { IncidentEvent } from '../domain/kernel/events.ts';
import type { Incident } from '../domain/kernel/incident.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import type { SuppressedAlerts } from '../domain/alerts/suppressed-alerts.ts';
import { NOTHING_SUPPRESSED, withEnd } from '../domain/alerts/suppressed-alerts.ts';
import type { OutboxQueueName } from '../activities/types.ts';
import type { IncidentInput, SearchAttribute } from './contract.ts';
import { uiDetails } from './steps/temporal-ui.ts';

/** Something that will be due, and what the Temporal UI says beside its timer. */
export interface WakeUp {
  readonly at: number;
  readonly summary: string;
}

export class IncidentRun {
  incident: Incident;
  /** True in the post-incident workflow. */
  readonly isPostIncident: boolean;
  /** Nothing is left to do or to hand over. */
  over = false;
  /** Notifications wait until then: a second after the first page was requested, or until that call has returned. */
  notifyFrom: number;
  /** When the server received the first alert; null: none yet, or an earlier run knew. */
  receivedAt: number | null = null;
  /**
   * The search attributes that the server has, by the last notification call. Upserts write to Temporal's index, so
   * they go at the pace of notifications and leave a storm's first seconds to pages.
   */
  attributes: readonly SearchAttribute[] = [];
  /** That call was made by a worker of 0.2.0, whose runs keep no memo up to date. */
  attributesOf0_2 = true;
  /** Number of the last timeline entry that the archive has; 0: not archived yet. */
  recordKept = 0;
  /** The search attributes as last shown. */
  shownAttributes = '';
  /** The policy was frozen for an earlier incident. */
  policyIsOld = false;
  /** Alerts suppressed by maintenance. */
  suppressedAlerts: SuppressedAlerts;
  /** Maintenance windows that know this run. */
  readonly signaledWindows = new Set<string>();
  /** Queues whose last entry failed or may have been delivered: each gets calls of its own. */
  readonly failingQueues: Set<OutboxQueueName>;
  /** When failed calls are made again, by name. */
  readonly pausedUntil = new Map<string, number>();
  private readonly calls = new Map<string, CancellationScope>();
  private readonly cancelled = new Set<string>();
  private alarm: { readonly at: number; readonly scope: CancellationScope } | null = null;
  private wakeUps: WakeUp[] = [];
  private endsBy: number | null = null;
  private changes = 0;

  constructor(input: IncidentInput, { isPostIncident = false } = {}) {
    this.isPostIncident = isPostIncident;
    this.notifyFrom = 0;
    this.suppressedAlerts = input.suppressedAlerts ?? NOTHING_SUPPRESSED;
    this.failingQueues = new Set('incident' in input ? input.maybeDelivered : []);
    for (const queue of 'incident' in input ? input.outages : []) this.pausedUntil.set(queue, 0);
    if ('declaration' in input) {
      this.incident = blankIncident(input.declaration, input.declaredAt ?? declaredAt(input.declaration));
      this.declare(input.declaration);
    } else {
      this.policyIsOld = input.policyIsOld ?? false;
      this.incident = input.incident;
    }
  }

  /** Declares the incident; if the declarer is on call, that also acknowledges it. */
  private declare(declaration: Declaration): void {
    const at = this.incident.declaredAt;
    this.notifyFrom = Date.now() + PAGES_FIRST_MS;
    this.record({ type: 'declared', at, declaration });
    if (declaration.declarerIsOnCall && declaration.declaredBy !== null) {
      this.record({ type: 'acknowledged', at, by: declaration.declaredBy });
    }
  }

  /** A new firing after the end: the next incident begins in the same run. */
  startNewIncident(declaration: Declaration, at: number): void {
    const fresh = blankIncident(declaration, at);
    const { mergeMessages, splits, lastNumber } = this.incident.outbox;
    // Unsent merge messages and splits of the previous incident still have to go out.
    const outbox = {
      ...fresh.outbox,
      ...(mergeMessages === undefined ? {} : { mergeMessages: mergeMessages }),
      ...(splits === undefined ? {} : { splits, lastNumber: lastNumber }),
    };
    this.incident = { ...fresh, outbox, alerts: { ...fresh.alerts, states: this.rememberedAlerts() } };
    this.policyIsOld = true;
    this.receivedAt = null;
    this.declare(declaration);
  }

  /** Alerts of the previous incident stay known, but do not keep the new one open. */
  private rememberedAlerts(): Incident['alerts']['states'] {
    return Object.fromEntries(
      Object.entries(this.incident.alerts.states).map(([fingerprint, alert]) => [
        fingerprint,
        { ...alert, ignored: true },
      ]),
    );
  }

  /** The only way the incident changes. */
  record(...events: readonly IncidentEvent[]): void {
    this.incident = events.reduce(evolve, this.incident);
    this.changes += 1;
  }

  /** Records the events that are due by now, and asks to be woken for the next one. */
  recordWhatIsDue(): void {
    for (const next of NEXT_DUE) {
      let due = next(this.incident);
      for (; due !== null && due.at <= Date.now(); due = next(this.incident)) this.record(...due.events(Date.now()));
      if (due !== null) this.wakeAt(due.at, due.summary);
    }
  }

  /** Replaces the incident by one that its post-incident flow handed back. */
  replace(incident: Incident): void {
    this.incident = incident;
    this.changes += 1;
  }

  setSuppressedAlerts(suppressedAlerts: SuppressedAlerts): void {
    if (suppressedAlerts === this.suppressedAlerts) return;
    this.suppressedAlerts = suppressedAlerts;
    this.changes += 1;
  }

  /** `until`: when the maintenance window ends or has ended, epoch ms. */
  windowEnds(window: string, until: number): void {
    this.setSuppressedAlerts(withEnd(this.suppressedAlerts, window, until));
  }

  /** The first page has been sent, a second has passed, or there was nobody to page. */
  mayNotify(): boolean {
    return Date.now() >= this.notifyFrom || this.incident.outbox.pages.length === 0;
  }

  /** True while the call of that name is in progress. */
  isCalling(name: string): boolean {
    return this.calls.has(name);
  }

  /** Calls an activity unless the call of that name is in progress; `done` and `failed` handle its outcome. */
  call<T>(name: string, act: () => Promise<T>, done: (answer: T) => void, failed: (reason: string) => void): void {
    if (this.calls.has(name)) return;
    const scope = new CancellationScope();
    this.calls.set(name, scope);
    const settle = (apply: () => void): void => {
      this.calls.delete(name);
      this.changes += 1;
      apply();
    };
    scope.run(act).then(
      (answer) =>
        settle(() => {
          this.cancelled.delete(name);
          done(answer);
        }),
      (err: unknown) => settle(() => (isCancellation(err) ? this.cancelled.add(name) : failed(reasonOf(err)))),
    );
  }

  /** The call of that name is in progress or was cancelled: it may have done its work all the same. */
  isInDoubt(name: string): boolean {
    return this.calls.has(name) || this.cancelled.has(name);
  }

  /** Cancels the calls whose names `unwanted` picks. */
  cancelCalls(unwanted: (name: string) => boolean): void {
    for (const [name, scope] of this.calls) if (unwanted(name)) scope.cancel();
  }

  /** Asks to be woken at `at`. Each pass of the loop asks anew. */
  wakeAt(at: number, summary: string): void {
    this.wakeUps.push({ at, summary });
  }

  /**
   * Waits until the state changes or the next wake-up is due. There is one timer at a time, and it is replaced only
   * when the next wake-up changes. Until notifications may begin, the only timer is the one that allows them.
   */
  async untilSomethingHappens(): Promise<void> {
    const mayNotify = this.mayNotify();
    this.setAlarm(mayNotify ? soonest(this.wakeUps) : { at: this.notifyFrom, summary: 'the page goes first' });
    this.wakeUps = [];
    if (mayNotify) setCurrentDetails(uiDetails(this.incident));
    const seen = this.changes;
    await condition(() => this.changes !== seen);
  }

  private setAlarm(next: WakeUp | null): void {
    if (this.alarm?.at === next?.at) return;
    // A timer about to fire is left alone: cancelling it would race, and an unneeded pass is harmless.
    if (this.alarm !== null && this.alarm.at - Date.now() > ABOUT_TO_FIRE_MS) this.alarm.scope.cancel();
    this.alarm = null;
    if (next === null) return;
    const scope = new CancellationScope();
    const alarm = { at: next.at, scope };
    this.alarm = alarm;
    scope
      .run(() => sleep(Math.max(1, next.at - Date.now()), { summary: next.summary }))
      .then(
        () => {
          if (this.alarm === alarm) this.alarm = null;
          this.changes += 1;
        },
        (err: unknown) => {
          if (!isCancellation(err)) throw err;
        },
      );
  }

  /**
   * True when the incident is over or the history is long enough to continue as new: no notification starts any more,
   * and handlers that wait should answer.
   */
  get isEnding(): boolean {
    return this.over || mustHandOver();
  }

  /**
   * True when all calls have returned or timed out. Until then the loop goes on, so no page waits for a call that
   * hangs.
   */
  mayEnd(): boolean {
    if (!this.isEnding) return false;
    this.endsBy ??= Date.now() + CALLS_FINISH_MS;
    if (this.calls.size === 0 || this.endsBy <= Date.now()) return true;
    this.wakeAt(this.endsBy, 'a fresh run goes on');
    return false;
  }

  /**
   * Cancels calls that hang. Their entries stay in the outbox, so the next run sends them again under the same keys.
   */
  async endCalls(): Promise<void> {
    this.setAlarm(null);
    this.cancelCalls(() => true);
    await condition(() => this.calls.size === 0);
  }
}

const PAGES_FIRST_MS = 1_000;
const CALLS_FINISH_MS = 60_000;
const ABOUT_TO_FIRE_MS = 150;

/** This many replay in well under a second; an ordinary incident has fewer. */
const EVENTS_BEFORE_HANDING_OVER = 500;
const BYTES_BEFORE_HANDING_OVER = 1_000_000;
/** With a large outbox a run's input alone is large, so each run must make some progress before the next takes over. */
const EVENTS_AT_LEAST = 100;

/** For incidents, their post-incident flows, and starts suppressed by maintenance. */
export function mustHandOver(): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  const isLong = historyLength >= EVENTS_BEFORE_HANDING_OVER;
  const isLarge = historySize >= BYTES_BEFORE_HANDING_OVER && historyLength >= EVENTS_AT_LEAST;
  return continueAsNewSuggested || isLong || isLarge;
}

function soonest(wakeUps: readonly WakeUp[]): WakeUp | null {
  return wakeUps.reduce<WakeUp | null>((first, moment) => (first && first.at <= moment.at ? first : moment), null);
}

/** The start of the run, or when the server received the alert if it had to wait in the spool. */
function declaredAt({ spooledAt }: Declaration): number {
  return spooledAt ?? workflowInfo().startTime.getTime();
}

/** Why a call failed, in the words of the activity rather than of the workflow. */
function reasonOf(err: unknown): string {
  const cause = err instanceof Error && err.cause instanceof Error ? err.cause : err;
  return cause instanceof Error ? cause.message : String(cause);
}
