/**
 * One run of an incident's workflow: its state, and the few ways to change it, to call out, and to wait. Duties and
 * handlers share it. The only clock is `Date.now()`, which Temporal makes deterministic.
 */
import {
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { blankIncident } from '../domain/engine/blank-incident.ts';
import type { IncidentEvent } from '../domain/kernel/events.ts';
import { evolve, NEXT_DUE } from '../domain/engine/evolve.ts';
import type { Incident } from '../domain/kernel/incident.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import type { SuppressedAlerts } from '../domain/alerts/suppressed-alerts.ts';
import { NOTHING_SUPPRESSED, withEnd } from '../domain/alerts/suppressed-alerts.ts';
import type { OutboxQueueName } from '../activities/types.ts';
import type { IncidentInput } from './contract.ts';
import { uiDetails } from './ui-details.ts';
import { mustHandOver } from './continue-as-new.ts';

/** Something that will be due, and what the Temporal UI says beside its timer. */
export interface WakeUp {
  readonly at: number;
  readonly summary: string;
}

export class IncidentRun {
  incident: Incident;
  /** What follows `resolved` or `closed`, in a workflow of its own. */
  readonly isPostIncident: boolean;
  /** The incident is over and forgotten: nothing is handed over. */
  over = false;
  /** Notifications wait until then: a second after the first page was ordered, or until it has returned. */
  notifyFrom: number;
  /**
   * What the last notification said of the search attributes: showing them writes to the server's index, so it keeps the
   * pace of the notifications and leaves a storm's first seconds to the pages.
   */
  searchable = false;
  /** Up to which line the whole record was kept in a file; 0: not yet. */
  recordKept = 0;
  /** The search attributes as last shown. */
  shownAttributes = '';
  /** The policy was frozen for an earlier incident. */
  policyIsOld = false;
  /** What maintenance holds back. */
  suppressedAlerts: SuppressedAlerts;
  /** Windows that know of this run. */
  readonly signaledWindows = new Set<string>();
  /** Lines of notifications whose vendor did not take the last order, or may have: each gets calls of its own. */
  readonly failingQueues: Set<OutboxQueueName>;
  /** Calls that failed, by name, and when they are made again. */
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
    for (const line of 'incident' in input ? input.outages : []) this.pausedUntil.set(line, 0);
    if ('declaration' in input) {
      this.incident = blankIncident(input.declaration, input.declaredAt ?? declaredAt(input.declaration));
      this.declare(input.declaration);
    } else {
      this.policyIsOld = input.policyIsOld ?? false;
      this.incident = input.incident;
    }
  }

  /** Declares the incident; a person who declares while on call has acknowledged. */
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
    // What the one before has yet to say to other incidents is still to be said, and groups that left it wait for theirs.
    const outbox = {
      ...fresh.outbox,
      ...(mergeMessages === undefined ? {} : { mergeMessages: mergeMessages }),
      ...(splits === undefined ? {} : { splits, lastNumber: lastNumber }),
    };
    this.incident = { ...fresh, outbox, alerts: { ...fresh.alerts, states: this.rememberedAlerts() } };
    this.policyIsOld = true;
    this.declare(declaration);
  }

  /** Alerts of the incident that is over are still known, but hold nothing up. */
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

  /** Does what time alone has brought, and asks to be woken for what it will bring. */
  recordWhatIsDue(): void {
    for (const next of NEXT_DUE) {
      let due = next(this.incident);
      for (; due !== null && due.at <= Date.now(); due = next(this.incident)) this.record(...due.events(Date.now()));
      if (due !== null) this.wakeAt(due.at, due.summary);
    }
  }

  /** Another incident takes the place of this one: given back by its post-incident flow. */
  replace(incident: Incident): void {
    this.incident = incident;
    this.changes += 1;
  }

  /** Who waits has changed. */
  setSuppressedAlerts(room: SuppressedAlerts): void {
    if (room === this.suppressedAlerts) return;
    this.suppressedAlerts = room;
    this.changes += 1;
  }

  /** A maintenance window ends then, or has ended. */
  windowEnds(window: string, until: number): void {
    this.setSuppressedAlerts(withEnd(this.suppressedAlerts, window, until));
  }

  /** The first page is out, or a second has passed, or there was nothing to page. */
  mayNotify(): boolean {
    return Date.now() >= this.notifyFrom || this.incident.outbox.pages.length === 0;
  }

  /** True while the call of that name is under way. */
  isCalling(name: string): boolean {
    return this.calls.has(name);
  }

  /** Calls out, unless the call of that name is under way already; `done` and `failed` take in what came of it. */
  call<T>(name: string, act: () => Promise<T>, done: (answer: T) => void, failed: (reason: string) => void): void {
    if (this.calls.has(name)) return;
    const scope = new CancellationScope();
    this.calls.set(name, scope);
    const settle = (takeIn: () => void): void => {
      this.calls.delete(name);
      this.changes += 1;
      takeIn();
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

  /** The call of that name is under way or was cancelled: it may have done its work all the same. */
  isInDoubt(name: string): boolean {
    return this.calls.has(name) || this.cancelled.has(name);
  }

  /** Ends the calls whose names `unwanted` picks. */
  cancelCalls(unwanted: (name: string) => boolean): void {
    for (const [name, scope] of this.calls) if (unwanted(name)) scope.cancel();
  }

  /** Asks to be woken then. Asked anew in each round of duties. */
  wakeAt(at: number, summary: string): void {
    this.wakeUps.push({ at, summary });
  }

  /**
   * Waits until something has changed, or the next moment has come. One timer at a time: it is set anew only when the
   * next moment is another one. Before notifications may begin no other timer is set than the one that allows them.
   */
  async untilSomethingHappens(): Promise<void> {
    const next = this.mayNotify() ? soonest(this.wakeUps) : { at: this.notifyFrom, summary: 'the page goes first' };
    this.wakeUps = [];
    this.setAlarm(next);
    setCurrentDetails(uiDetails(this.incident));
    const seen = this.changes;
    await condition(() => this.changes !== seen);
  }

  private setAlarm(next: WakeUp | null): void {
    if (this.alarm?.at === next?.at) return;
    // One that is about to fire is left alone: cancelling it would race with its firing, and a needless look is harmless.
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
   * True when the incident is over, or this history long enough for a fresh run to go on: no notification begins any more,
   * and handlers that wait for something had better answer.
   */
  get isEnding(): boolean {
    return this.over || mustHandOver();
  }

  /** True when what is under way has returned, or had its time. Until then no page waits for a call that hangs. */
  mayEnd(): boolean {
    if (!this.isEnding) return false;
    this.endsBy ??= Date.now() + CALLS_FINISH_MS;
    if (this.calls.size === 0 || this.endsBy <= Date.now()) return true;
    this.wakeAt(this.endsBy, 'a fresh run goes on');
    return false;
  }

  /** Ends what still hangs. It stays in the orders, so the next run issues it again under the same keys. */
  async endCalls(): Promise<void> {
    this.setAlarm(null);
    this.cancelCalls(() => true);
    await condition(() => this.calls.size === 0);
  }
}

const PAGES_FIRST_MS = 1_000;
const CALLS_FINISH_MS = 60_000;
const ABOUT_TO_FIRE_MS = 150;

function soonest(wakeUps: readonly WakeUp[]): WakeUp | null {
  return wakeUps.reduce<WakeUp | null>((first, moment) => (first && first.at <= moment.at ? first : moment), null);
}

/** When it counts from: the start of the run, or when the edge received it if it had to wait in the spool. */
function declaredAt({ spooledAt }: Declaration): number {
  return spooledAt ?? workflowInfo().startTime.getTime();
}

/** Why a call failed, in the words of the activity rather than of the workflow. */
function reasonOf(err: unknown): string {
  const cause = err instanceof Error && err.cause instanceof Error ? err.cause : err;
  return cause instanceof Error ? cause.message : String(cause);
}
