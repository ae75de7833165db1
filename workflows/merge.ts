/**
 * Two incidents become one: what one has to say to the other stands in its state until it was heard, and so do the
 * alerts that a merged one forwards. No activity, no database.
 */
import { condition, defineSignal, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { recurrenceOpening } from '../domain/recurrence.ts';
import type { IncidentEvent } from '../domain/events.ts';
import { firedAnew } from '../domain/forwarded.ts';
import { nextForward, undeliveredAlerts } from '../domain/forwarding.ts';
import type { Incident } from '../domain/incident.ts';
import { answerDueAt, givenUp, handleMergeMessage, UNDER_WAY, unanswered } from '../domain/merge.ts';
import type { MergeMessage, WordOrder } from '../domain/merge-messages.ts';
import { mergeTarget } from '../domain/merge-peers.ts';
import { isOpen } from '../domain/phase.ts';
import { ALERTS_SIGNAL, MERGE_SIGNAL } from './contract.ts';
import { newIncidentId } from './incident-id.ts';
import type { IncidentRun } from './run.ts';

export function listenToMerging(run: IncidentRun): void {
  setHandler(defineSignal<[MergeMessage]>(MERGE_SIGNAL), (word) => {
    const events = handleMergeMessage(run.incident, word, Date.now());
    if (events.length > 0) run.record(...events);
  });
}

/** A duty: tells other incidents what is owed to them, each its words one after the other, then the alerts. */
export function tellTheOthers(run: IncidentRun): void {
  giveUpWaiting(run);
  const words = run.incident.orders.words ?? [];
  for (const to of new Set(words.map((order) => order.to))) {
    const first = words.find((order) => order.to === to);
    if (first !== undefined && !run.isCalling(callName(to))) send(run, first);
  }
  forward(run);
}

const callName = (workflowId: string): string => `merge ${workflowId}`;

function giveUpWaiting(run: IncidentRun): void {
  const dueAt = answerDueAt(run.incident);
  if (dueAt === null) return;
  if (dueAt > Date.now()) run.wakeAt(dueAt, 'give up merging');
  else run.record(...givenUp(run.incident, Date.now()));
}

function send(run: IncidentRun, { id, to, word }: WordOrder): void {
  const { incidentId } = run.incident;
  const isGone: IncidentEvent = { type: 'merge-message-sent', at: Date.now(), id };
  run.call(
    callName(to),
    () => getExternalWorkflowHandle(to).signal(MERGE_SIGNAL, word),
    () => run.record(isGone),
    () => {
      // There is no run of that id any more.
      run.record(isGone);
      if (run.incident.incidentId === incidentId) run.record(...undeliveredEvents(run.incident, to, word));
    },
  );
}

/** Nobody hears it: what that means for whoever said it. */
function undeliveredEvents(incident: Incident, to: string, word: MergeMessage): readonly IncidentEvent[] {
  const at = Date.now();
  if (word.say === 'absorb' && word.ask === incident.merging?.ask) {
    return unanswered(incident, 'there is no open incident of that id', at);
  }
  return word.say === 'follow' && mergeTarget(incident)?.workflowId === to ? [{ type: 'merge-ended', at }] : [];
}

function forward(run: IncidentRun): void {
  const next = nextForward(run.incident, Date.now());
  if (next === null || run.isCalling(callName(next.to)) || hasWordFor(run, next.to)) return;
  const { incidentId } = run.incident;
  const stillMeant = (): boolean => run.incident.incidentId === incidentId;
  run.call(
    callName(next.to),
    () => getExternalWorkflowHandle(next.to).signal(ALERTS_SIGNAL, next.batch),
    () => {
      if (stillMeant()) run.record({ ...next.done, at: Date.now() });
    },
    () => {
      if (stillMeant() && mergeTarget(run.incident)?.workflowId === next.to) {
        run.record({ type: 'merge-ended', at: Date.now() });
      }
    },
  );
}

function hasWordFor({ incident }: IncidentRun, workflowId: string): boolean {
  return (incident.orders.words ?? []).some(({ to }) => to === workflowId);
}

/** Something is owed to another incident. */
export function owesOthers({ incident }: IncidentRun): boolean {
  return (incident.orders.words ?? []).length > 0;
}

/** A duty: what fired while the incident it was a part of ended opens one of its own, once its post-incident flow has this one. */
export function openForUndelivered(run: IncidentRun): void {
  const { incident } = run;
  if (isOpen(incident.phase) || !incident.postIncident) return;
  const alerts = undeliveredAlerts(incident);
  if (alerts.length === 0) return;
  const at = Date.now();
  run.startNewIncident(recurrenceOpening(incident, alerts, newIncidentId(at)), at);
  run.record(...firedAnew(run.incident, alerts, at));
}

export interface MergeOutcome {
  /** Null: it is not refused. */
  readonly refused: string | null;
  readonly text: string;
}

const TIMEOUT = '10 seconds';

/** What came of the asking that is under way; that it is under way, when that takes too long. */
export async function outcomeOfMerge(run: IncidentRun): Promise<MergeOutcome> {
  const ask = run.incident.merging?.ask;
  await condition(() => run.isEnding || run.incident.merging?.ask === undefined, TIMEOUT);
  const { merging, mergeRefused, mergedTo } = run.incident;
  if (merging) return { refused: null, text: UNDER_WAY };
  if (mergedTo) return { refused: null, text: `Merged into ${mergedTo.name}.` };
  const why = ask === undefined || (mergeRefused?.ask ?? 0) < ask ? 'the incident is over' : mergeRefused?.reason;
  return { refused: why ?? 'the incident is over', text: '' };
}
