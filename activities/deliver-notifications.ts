/**
 * Notifications: chat posts, public entries, notices, tickets, stakeholder updates, others' alarms and the records; each line in its order and
 * beside the others. What one line could not deliver is left to the runbook, so that one vendor's trouble holds up
 * nobody else.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { deliverStakeholderUpdates } from './deliver-stakeholder-updates.ts';
import { orUndefinedAfter, outcomeOrFailure, deliverQueue } from './deliver-queue.ts';
import type { QueueOutcome, DeliveryProgress } from './deliver-queue.ts';
import { outboxQueuesOf } from './outbox-queues.ts';
import type { Ports } from './ports.ts';
import { createRecordProjector } from './project-records.ts';
import { createIncidentContext } from './incident-context.ts';
import type { DeliverNotificationsResult, DeliverNotificationsInput } from './types.ts';

/** One attempt, of a call that insists or not: a hanging vendor must not keep the other lines' news waiting. */
const ATTEMPT_MS = 12_000;
/** The records go first, for they give the number; the others wait for them no longer than this. */
const RECORDS_FIRST_MS = 1_500;

export function createDeliverNotifications(
  ports: Ports,
): (request: DeliverNotificationsInput) => Promise<DeliverNotificationsResult> {
  return async (request) => {
    const { attempt, ...info } = activityInfo();
    const before = info.heartbeatDetails as DeliveryProgress | undefined;
    const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]);
    const context = createIncidentContext(request, ports.links, before?.refs ?? {});
    const recorder = createRecordProjector(ports, request);
    const mayBeRepeat = request.failOnError || attempt > 1;
    const stakeholderUpdates = new Map(before?.stakeholderUpdates?.map(({ n, text }) => [n, text]));
    const call = {
      ports,
      request,
      context,
      signal,
      mayBeRepeat,
      deliveries: [...(before?.deliveries ?? [])],
      stakeholderUpdates,
    };
    const done = new Set(before?.deliveredEntries ?? []);

    const recording = outcomeOrFailure('records', recorder.record());
    const recorded = await orUndefinedAfter(recording, request.failOnError ? ATTEMPT_MS : RECORDS_FIRST_MS);
    const numbered = recorder.numberGiven();
    if (numbered !== null) context.setReference(numbered);
    const queueDeliveries = outboxQueuesOf(call).map(({ queue, tasks }) => deliverQueue(queue, tasks, done));
    const queueOutcomes = await Promise.all([
      ...queueDeliveries,
      deliverStakeholderUpdates(call, queueDeliveries[0], done),
    ]);
    await recorder.projectEarly(context, call.deliveries);

    const outcomes: readonly QueueOutcome[] = [recorded ?? recordsTimedOut, ...queueOutcomes];
    const failures = outcomes.flatMap(({ queue, failure }) => (failure === null ? [] : [{ queue, ...failure }]));
    const progress: DeliveryProgress = {
      deliveredEntries: [...done],
      deliveries: call.deliveries,
      refs: context.keptRefs(),
      rejected: [
        ...(before?.rejected ?? []),
        ...outcomes.flatMap(({ queue, rejected }) => rejected.map((reason) => ({ queue, reason }))),
      ],
      ...deliveredTextsOf(stakeholderUpdates, done),
    };
    const [first] = failures;
    // A stakeholder update that is out is told at once, so that no attempt sends it again.
    const hasNewDeliveries =
      request.stakeholderUpdates !== undefined && call.deliveries.length > (before?.deliveries.length ?? 0);
    if (request.failOnError && first !== undefined && !hasNewDeliveries) {
      heartbeat(progress);
      throw ApplicationFailure.create({
        message: first.reason,
        type: 'NotificationNotTaken',
        ...(first.retryAfterMs === null ? {} : { nextRetryDelay: first.retryAfterMs }),
      });
    }
    return {
      ...progress,
      failedQueues: failures.map(({ queue }) => queue),
      recordedVersion: recorder.projectedVersion(),
      numbered: recorder.numberGiven(),
      searchable: ports.searchable(),
    };
  };
}

/** Stakeholder updates that are out; nothing where there are none, so that most answers are as they were. */
function deliveredTextsOf(
  stakeholderUpdates: ReadonlyMap<number, string>,
  done: ReadonlySet<number>,
): Pick<DeliveryProgress, 'stakeholderUpdates'> {
  const out = [...stakeholderUpdates].filter(([n]) => done.has(n)).map(([n, text]) => ({ n, text }));
  return out.length === 0 ? {} : { stakeholderUpdates: out };
}

const recordsTimedOut: QueueOutcome = {
  queue: 'records',
  failure: { reason: 'records: no answer in time', retryAfterMs: null },
  rejected: [],
};
