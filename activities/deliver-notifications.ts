/**
 * Notifications: chat posts, public entries, notices, tickets, stakeholder updates, alarms to settle, and the records. Each
 * queue is delivered in order, beside the others. What a queue could not deliver is left to the runbook, so that one
 * vendor's trouble holds up nobody else.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { deliverStakeholderUpdates } from './deliver-stakeholder-updates.ts';
import type { DeliveryCall, DeliveryProgress, QueueOutcome } from './outbox-queues.ts';
import { CallContext, deliverQueue, orUndefinedAfter, outboxQueuesOf, outcomeOrFailure } from './outbox-queues.ts';
import type { Ports } from './ports.ts';
import { RecordProjector } from './project-records.ts';
import type { DeliverNotificationsInput, DeliverNotificationsResult } from './types.ts';

/** One attempt: a vendor that hangs must not keep the other queues waiting. */
const ATTEMPT_MS = 12_000;
/** The records go first, for they give the number; the others wait for them no longer than this. */
const RECORDS_FIRST_MS = 1_500;

export function createDeliverNotifications(
  ports: Ports,
): (request: DeliverNotificationsInput) => Promise<DeliverNotificationsResult> {
  return async (request) => {
    const { attempt, ...info } = activityInfo();
    const before = info.heartbeatDetails as DeliveryProgress | undefined;
    const call: DeliveryCall = {
      ports,
      request,
      context: new CallContext(request, ports, before?.refs ?? {}),
      signal: AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]),
      mayBeRepeat: request.failOnError || attempt > 1,
      deliveries: [...(before?.deliveries ?? [])],
      stakeholderUpdates: new Map(before?.stakeholderUpdates?.map(({ n, text }) => [n, text])),
      delivered: new Set(before?.deliveredEntries ?? []),
    };
    const projector = new RecordProjector(ports, request);
    const outcomes = await deliverAll(call, projector);
    const progress = progressOf(call, before, outcomes);
    const failures = outcomes.flatMap(({ queue, failure }) => (failure === null ? [] : [{ queue, ...failure }]));
    failIfAsked(request, progress, before, failures[0]);
    return {
      ...progress,
      failedQueues: failures.map(({ queue }) => queue),
      recordedVersion: projector.recordedVersion,
      numbered: projector.numbered,
      ...ports.searchAttributes(),
    };
  };
}

async function deliverAll(call: DeliveryCall, projector: RecordProjector): Promise<readonly QueueOutcome[]> {
  const { request, context } = call;
  const recording = outcomeOrFailure('records', projector.record());
  const recorded = await orUndefinedAfter(recording, request.failOnError ? ATTEMPT_MS : RECORDS_FIRST_MS);
  if (projector.numbered !== null) context.setReference(projector.numbered);
  const queues = outboxQueuesOf(call).map(({ queue, tasks }) => deliverQueue(queue, tasks, call.delivered));
  const outcomes = await Promise.all([...queues, deliverStakeholderUpdates(call, queues[0])]);
  await projector.projectEarly(context.keptRefs, call.deliveries);
  return [recorded ?? RECORDS_TIMED_OUT, ...outcomes];
}

function progressOf(
  { context, deliveries, delivered, stakeholderUpdates }: DeliveryCall,
  before: DeliveryProgress | undefined,
  outcomes: readonly QueueOutcome[],
): DeliveryProgress {
  const rejected = outcomes.flatMap(({ queue, rejected: reasons }) => reasons.map((reason) => ({ queue, reason })));
  const texts = [...stakeholderUpdates].filter(([n]) => delivered.has(n)).map(([n, text]) => ({ n, text }));
  return {
    deliveredEntries: [...delivered],
    deliveries,
    refs: context.keptRefs,
    rejected: [...(before?.rejected ?? []), ...rejected],
    ...(texts.length === 0 ? {} : { stakeholderUpdates: texts }),
  };
}

/** Lets Temporal try again what is left, unless a stakeholder update has gone out: no attempt may send it again. */
function failIfAsked(
  request: DeliverNotificationsInput,
  progress: DeliveryProgress,
  before: DeliveryProgress | undefined,
  failure: QueueOutcome['failure'] | undefined,
): void {
  const hasNewDeliveries =
    request.stakeholderUpdates !== undefined && progress.deliveries.length > (before?.deliveries.length ?? 0);
  if (!request.failOnError || !failure || hasNewDeliveries) return;
  heartbeat(progress);
  throw ApplicationFailure.create({
    message: failure.reason,
    type: 'NotificationNotTaken',
    ...(failure.retryAfterMs === null ? {} : { nextRetryDelay: failure.retryAfterMs }),
  });
}

const RECORDS_TIMED_OUT: QueueOutcome = {
  queue: 'records',
  failure: { reason: 'records: no answer in time', retryAfterMs: null },
  rejected: [],
};
