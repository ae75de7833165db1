/**
 * Notifications: chat, the public page, notices, tickets, stakeholder updates, others' alarms, and the records. Each is a line, told in order.
 * The lines share one call while all is well; a line in trouble gets calls of its own, so that one vendor's trouble
 * holds up nobody else. They may fail, with a line on the timeline; paging never waits.
 */
import type { DeliverNotificationsResult, OutboxQueueName, DeliverNotificationsInput } from '../../activities/types.ts';
import { hasChangesForRecords, nextProjectionBatch, hasPendingProjection } from '../../domain/engine/projection.ts';
import { responders, wantsChannel } from '../../domain/kernel/queries.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Notification } from '../../domain/kernel/outbox.ts';
import { NOTIFICATIONS } from '../../domain/kernel/outbox.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { ProjectionBatch } from '../../domain/engine/projection.ts';
import type { OutboundMessage } from '../../domain/kernel/projection.ts';
import { projectionOf } from '../../domain/engine/to-view.ts';
import type { Handover } from '../contract.ts';
import { notifications } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

const TOGETHER = 'notifications';
const OUTBOX_QUEUES: readonly OutboxQueueName[] = [...NOTIFICATIONS, 'records'];

/** Before a line that five minutes of trying could not deliver is tried again. */
const PAUSE_MS = 30_000;

export function deliverNotifications(run: IncidentRun): void {
  const waiting = OUTBOX_QUEUES.filter((line) => hasPending(run, line));
  for (const line of waiting.filter((line) => run.failingQueues.has(line))) deliverAlone(run, line);
  const well = waiting.filter((line) => !run.failingQueues.has(line));
  if (well.length === 0) return;
  // What the records lack goes with every call, though it alone might not have been worth one.
  const lines = run.failingQueues.has('records') ? well : [...new Set<OutboxQueueName>([...well, 'records'])];
  call(run, TOGETHER, lines, { insists: false }, () => {
    for (const line of lines) run.failingQueues.add(line);
  });
}

/** True while something has not been told yet. */
export function hasPendingNotifications({ incident }: IncidentRun): boolean {
  return hasPendingProjection(incident) || NOTIFICATIONS.some((line) => isOwed(incident, line));
}

/** `incident` for whoever goes on with it: what may have been told by a call that did not come back is in doubt. */
export function handoverOf(run: IncidentRun, incident = run.incident): Handover {
  return {
    incident,
    maybeDelivered: OUTBOX_QUEUES.filter(
      (line) => run.failingQueues.has(line) || run.isInDoubt(TOGETHER) || run.isInDoubt(line),
    ),
    outages: OUTBOX_QUEUES.filter((line) => run.pausedUntil.has(line)),
    ...(run.policyIsOld ? { policyIsOld: true } : {}),
  };
}

/** Whoever takes over tells it: see `handoverOf`. */
export function stopDelivering(run: IncidentRun): void {
  run.cancelCalls((name) => name === TOGETHER || OUTBOX_QUEUES.some((line) => line === name));
}

function hasPending({ incident, isPostIncident }: IncidentRun, line: OutboxQueueName): boolean {
  if (line !== 'records') return isOwed(incident, line);
  const isOver = isPostIncident || incident.postIncident.handedOver;
  return isOver ? hasPendingProjection(incident) : hasChangesForRecords(incident);
}

function isOwed({ outbox }: Incident, line: Notification): boolean {
  return (outbox[line]?.length ?? 0) > 0;
}

/** One line by itself: Temporal's own retry insists for five minutes, then the line pauses and begins again. */
function deliverAlone(run: IncidentRun, line: OutboxQueueName): void {
  const pausedUntil = run.pausedUntil.get(line) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, `tell ${line} again`);
    return;
  }
  call(run, line, [line], { insists: true }, (reason) => {
    const at = Date.now();
    // One line an outage, however long it lasts.
    if (!run.pausedUntil.has(line)) run.record({ type: 'notification-failed', at, what: line, reason, givenUp: false });
    run.pausedUntil.set(line, at + PAUSE_MS);
  });
}

function call(
  run: IncidentRun,
  name: string,
  lines: readonly OutboxQueueName[],
  { insists }: { insists: boolean },
  failed: (reason: string) => void,
): void {
  if (run.isCalling(name)) return;
  const { incidentId } = run.incident;
  const request = requestFor(run.incident, lines, insists);
  const about = aboutWhat(request);
  const options = { summary: `tell: ${about.join(', ') || lines.join(', ')}`, ...priorityOf(about) };
  run.call(
    name,
    () => notifications.deliverNotifications.executeWithOptions(options, [request]),
    (answer) => {
      run.searchable = answer.searchable;
      for (const line of lines) settle(run, line, answer);
      if (run.incident.incidentId === incidentId) takeIn(run, answer);
    },
    failed,
  );
}

function takeIn(run: IncidentRun, answer: DeliverNotificationsResult): void {
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
}

function settle(run: IncidentRun, line: OutboxQueueName, { failedQueues }: DeliverNotificationsResult): void {
  if (failedQueues.includes(line)) {
    run.failingQueues.add(line);
  } else {
    run.failingQueues.delete(line);
    run.pausedUntil.delete(line);
  }
}

const ENTRIES_PER_CALL = 50;

function requestFor(
  incident: Incident,
  lines: readonly OutboxQueueName[],
  failOnError: boolean,
): DeliverNotificationsInput {
  const { posts, publicEntries, notices, tickets, alarms, stakeholderUpdates = [] } = incident.outbox;
  const first = <T>(line: OutboxQueueName, orders: readonly T[]): readonly T[] =>
    lines.includes(line) ? orders.slice(0, ENTRIES_PER_CALL) : [];
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
    record: lines.includes('records') ? projectionSlip(nextProjectionBatch(incident)) : null,
    failOnError,
  };
}

/** The head goes with the call once. */
function projectionSlip(batch: ProjectionBatch<OutboundMessage> | null): DeliverNotificationsInput['record'] {
  if (batch === null) return null;
  const { projection, ...slip } = batch;
  return projection === null ? { ...slip, withoutProjection: true } : slip;
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

/** Announcing a new incident gives way to what people wait for. */
function priorityOf(about: readonly string[]): { readonly priority?: { readonly priorityKey: number } } {
  return about.every((what) => what === 'declared' || what === 'open') ? { priority: { priorityKey: 5 } } : {};
}
