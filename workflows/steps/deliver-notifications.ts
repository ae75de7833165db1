/**
 * Notifications: chat, the public page, notices, tickets, stakeholder updates, vendors' alarms, and the records. Each
 * has an outbox queue that is delivered in order. Healthy queues share one call; a failing queue gets calls of its own,
 * so that one vendor's outage delays nobody else. A failure gets a timeline entry; paging never waits for
 * notifications.
 */
import type { DeliverNotificationsResult, OutboxQueueName, DeliverNotificationsInput } from '../../activities/types.ts';
import { hasChangesForRecords, nextProjectionBatch, hasPendingProjection } from '../../domain/engine/projection.ts';
import { responders, wantsChannel } from '../../domain/kernel/queries.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Notification } from '../../domain/kernel/outbox.ts';
import { NOTIFICATIONS } from '../../domain/kernel/outbox.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import { duplicateEvents } from '../../domain/merge/duplicates.ts';
import type { ProjectionBatch } from '../../domain/engine/projection.ts';
import type { OutboundMessage } from '../../domain/kernel/projection.ts';
import { projectionOf } from '../../domain/engine/to-view.ts';
import type { Handover } from '../contract.ts';
import { notifications } from '../activity-proxies.ts';
import { noteSearchAttributes } from './temporal-ui.ts';
import type { IncidentRun } from '../incident-run.ts';

const TOGETHER = 'notifications';
const OUTBOX_QUEUES: readonly OutboxQueueName[] = [...NOTIFICATIONS, 'records'];

/** The pause before a queue is tried again, after five minutes of failed attempts. */
const PAUSE_MS = 30_000;

export function deliverNotifications(run: IncidentRun): void {
  const waiting = OUTBOX_QUEUES.filter((queue) => hasPending(run, queue));
  for (const queue of waiting.filter((queue) => run.failingQueues.has(queue))) deliverAlone(run, queue);
  const healthy = waiting.filter((queue) => !run.failingQueues.has(queue));
  if (healthy.length === 0) return;
  // Whatever the records lack goes along with every call, though it may not be worth a call of its own.
  const queues = run.failingQueues.has('records') ? healthy : [...new Set<OutboxQueueName>([...healthy, 'records'])];
  call(run, TOGETHER, queues, { failOnError: false }, () => {
    for (const queue of queues) run.failingQueues.add(queue);
  });
}

/** True while something is undelivered. */
export function hasPendingNotifications({ incident }: IncidentRun): boolean {
  return hasPendingProjection(incident) || NOTIFICATIONS.some((queue) => hasEntries(incident, queue));
}

/** The input of the workflow that takes over. Entries of a call that has not returned may have been delivered. */
export function handoverOf(run: IncidentRun, incident = run.incident): Handover {
  return {
    incident,
    maybeDelivered: OUTBOX_QUEUES.filter(
      (queue) => run.failingQueues.has(queue) || run.isInDoubt(TOGETHER) || run.isInDoubt(queue),
    ),
    outages: OUTBOX_QUEUES.filter((queue) => run.pausedUntil.has(queue)),
    ...(run.policyIsOld ? { policyIsOld: true } : {}),
  };
}

/** The workflow that takes over delivers the rest: see `handoverOf`. */
export function stopDelivering(run: IncidentRun): void {
  run.cancelCalls((name) => name === TOGETHER || OUTBOX_QUEUES.some((queue) => queue === name));
}

function hasPending({ incident, isPostIncident }: IncidentRun, queue: OutboxQueueName): boolean {
  if (queue !== 'records') return hasEntries(incident, queue);
  const isOver = isPostIncident || incident.postIncident.handedOver;
  return isOver ? hasPendingProjection(incident) : hasChangesForRecords(incident);
}

function hasEntries({ outbox }: Incident, queue: Notification): boolean {
  return (outbox[queue]?.length ?? 0) > 0;
}

/** Delivers one queue by itself: Temporal retries for five minutes, then the queue pauses and starts again. */
function deliverAlone(run: IncidentRun, queue: OutboxQueueName): void {
  const pausedUntil = run.pausedUntil.get(queue) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, `tell ${queue} again`);
    return;
  }
  call(run, queue, [queue], { failOnError: true }, (reason) => {
    const at = Date.now();
    // One timeline entry per outage, however long it lasts.
    if (!run.pausedUntil.has(queue))
      run.record({ type: 'notification-failed', at, what: queue, reason, givenUp: false });
    run.pausedUntil.set(queue, at + PAUSE_MS);
  });
}

function call(
  run: IncidentRun,
  name: string,
  queues: readonly OutboxQueueName[],
  { failOnError }: { failOnError: boolean },
  failed: (reason: string) => void,
): void {
  if (run.isCalling(name)) return;
  const { incidentId } = run.incident;
  const request = requestFor(run.incident, queues, failOnError);
  const about = aboutWhat(request);
  const options = { summary: `tell: ${about.join(', ') || queues.join(', ')}`, ...priorityOf(about) };
  run.call(
    name,
    () => notifications.deliverNotifications.executeWithOptions(options, [request]),
    (answer) => {
      noteSearchAttributes(run, answer);
      for (const queue of queues) settle(run, queue, answer);
      if (run.incident.incidentId === incidentId) recordResult(run, answer);
    },
    failed,
  );
}

function recordResult(run: IncidentRun, answer: DeliverNotificationsResult): void {
  const {
    deliveredEntries,
    deliveries,
    rejected,
    refs,
    recordedVersion,
    numbered: assignedReference,
    stakeholderUpdates,
  } = answer;
  const at = Date.now();
  for (const { queue, reason } of rejected) {
    run.record({ type: 'notification-failed', at, what: queue, reason, givenUp: true });
  }
  if (deliveredEntries.length + deliveries.length + Object.keys(refs).length === 0 && recordedVersion === null) return;
  const written = stakeholderUpdates === undefined ? {} : { stakeholderUpdates };
  run.record({
    type: 'notification-accepted',
    at,
    acceptedEntries: deliveredEntries,
    deliveries,
    refs,
    projectedVersion: recordedVersion,
    assignedReference,
    ...written,
  });
  if (assignedReference === null) return;
  const events = duplicateEvents(run.incident, assignedReference, at);
  if (events.length > 0) run.record(...events);
}

function settle(run: IncidentRun, queue: OutboxQueueName, { failedQueues }: DeliverNotificationsResult): void {
  if (failedQueues.includes(queue)) {
    run.failingQueues.add(queue);
  } else {
    run.failingQueues.delete(queue);
    run.pausedUntil.delete(queue);
  }
}

const ENTRIES_PER_CALL = 50;

function requestFor(
  incident: Incident,
  queues: readonly OutboxQueueName[],
  failOnError: boolean,
): DeliverNotificationsInput {
  const { posts, publicEntries, notices, tickets, alarms, stakeholderUpdates = [] } = incident.outbox;
  const first = <T>(queue: OutboxQueueName, entries: readonly T[]): readonly T[] =>
    queues.includes(queue) ? entries.slice(0, ENTRIES_PER_CALL) : [];
  const settling = first('alarms', alarms);
  return {
    incident: pagedIncident(incident),
    projection: projectionOf(incident),
    refs: incident.communications.refs,
    wantsChannel: wantsChannel(incident),
    responders: responders(incident),
    cycle: Math.max(1, incident.escalation.cycle),
    posts: first('posts', posts),
    publicEntries: first('publicEntries', publicEntries),
    notices: first('notices', notices),
    tickets: first('tickets', tickets),
    alarms: settling,
    ...stakeholderUpdatesFor(incident, first('stakeholderUpdates', stakeholderUpdates)),
    paged: settling.length === 0 ? [] : acceptedPages(incident),
    record: queues.includes('records') ? recordWithoutProjection(nextProjectionBatch(incident)) : null,
    failOnError,
  };
}

/** The call has the projection already, so the batch leaves it out. */
function recordWithoutProjection(batch: ProjectionBatch<OutboundMessage> | null): DeliverNotificationsInput['record'] {
  if (batch === null) return null;
  const { projection, ...rest } = batch;
  return projection === null ? { ...rest, withoutProjection: true } : rest;
}

function stakeholderUpdatesFor(
  { deliveries }: Incident,
  stakeholderUpdates: NonNullable<DeliverNotificationsInput['stakeholderUpdates']>,
): Pick<DeliverNotificationsInput, 'stakeholderUpdates' | 'stakeholderUpdatesSettled'> {
  if (stakeholderUpdates.length === 0) return {};
  const isTheirs = (key: string): boolean =>
    stakeholderUpdates.some(({ n }) => key.includes(`/stakeholder-update/${n}/`));
  return { stakeholderUpdates, stakeholderUpdatesSettled: deliveries.map(({ key }) => key).filter(isTheirs) };
}

const PAGES_TO_SETTLE = 200;

function acceptedPages({ deliveries }: Incident): DeliverNotificationsInput['paged'] {
  const accepted = deliveries.filter(({ state, key }) => state === 'accepted' && key.includes('/page/'));
  return accepted.slice(-PAGES_TO_SETTLE).map(({ to, method, key }) => ({ to, method, key }));
}

function aboutWhat({
  posts,
  publicEntries,
  notices,
  tickets,
  alarms,
  stakeholderUpdates = [],
}: DeliverNotificationsInput): readonly string[] {
  const events = [...posts, ...notices, ...stakeholderUpdates].map(({ about }) => about);
  return [
    ...new Set([
      ...events,
      ...publicEntries.map(({ state }) => state),
      ...[...tickets, ...alarms].map(({ action }) => action),
    ]),
  ];
}

/** Announcing a new incident is less urgent than what people wait for. */
function priorityOf(about: readonly string[]): { readonly priority?: { readonly priorityKey: number } } {
  return about.every((what) => what === 'declared' || what === 'open') ? { priority: { priorityKey: 5 } } : {};
}
