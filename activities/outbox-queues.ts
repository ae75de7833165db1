/** The lines of one call and the acts in each: which order goes to which port, under which key. */
import type { Delivery } from '../domain/kernel/incident.ts';
import { impactOf } from '../domain/communications/public-state.ts';
import type { QueueTask } from './deliver-queue.ts';
import { deliverNotification } from './deliver-notification.ts';
import type { Ports } from './ports.ts';
import type { IncidentContextOfCall } from './incident-context.ts';
import { settleAlarms } from './settle-alarms.ts';
import type { OutboxQueueName, DeliverNotificationsInput } from './types.ts';
import { renderAnnouncement, renderText } from './render-text.ts';

export interface DeliveryCall {
  readonly ports: Ports;
  readonly request: DeliverNotificationsInput;
  readonly context: IncidentContextOfCall;
  readonly signal: AbortSignal;
  /** What is told may have been told by a call whose answer was lost. */
  readonly mayBeRepeat: boolean;
  /** Of notices and stakeholder updates: grows while the call tells them. */
  readonly deliveries: Delivery[];
  /** What stakeholder updates say, by their order: grows likewise. */
  readonly stakeholderUpdates: Map<number, string>;
}

export function outboxQueuesOf(
  call: DeliveryCall,
): readonly { readonly queue: OutboxQueueName; readonly tasks: readonly QueueTask[] }[] {
  return [
    { queue: 'posts', tasks: chatPostTasks(call) },
    { queue: 'publicEntries', tasks: publicEntryTasks(call) },
    { queue: 'notices', tasks: notificationTasks(call) },
    { queue: 'tickets', tasks: ticketTasks(call) },
    { queue: 'alarms', tasks: alarmTasks(call) },
  ];
}

function chatPostTasks({ ports, request, context, signal, mayBeRepeat }: DeliveryCall): readonly QueueTask[] {
  const { id: incidentId, workflowId } = request.incident;
  const postTasks = request.posts.map((order) => {
    const { n, at, about, releases } = order;
    const announcement = releases === 'announce' ? renderAnnouncement(order, ports, workflowId) : null;
    const renderedTexts = {
      text: renderText(order, ports, workflowId),
      ...(announcement === null ? {} : { announcement }),
    };
    const post = { key: `${incidentId}/post/${n}`, at, mayBeRepeat, about, releases, ...renderedTexts };
    return { n, deliver: () => ports.chat.post(post, context, signal) };
  });
  const refresh = { n: 0, deliver: async () => ports.chat.updatePinned?.(context, signal) };
  return postTasks.length === 0 ? [] : [...postTasks, refresh];
}

function publicEntryTasks({ ports, request, context, signal, mayBeRepeat }: DeliveryCall): readonly QueueTask[] {
  const { id: incidentId, workflowId } = request.incident;
  const { component, highestSeverity } = request.projection;
  return request.publicEntries.map((order) => {
    const { n, at, state, nextUpdateAt } = order;
    const publicText = {
      n,
      at,
      state,
      nextUpdateAt,
      text: renderText({ ...order, text: [order.text] }, ports, workflowId),
    };
    const key = `${incidentId}/entry/${n}`;
    const entry = { ...publicText, key, mayBeRepeat, incidentId, component, impact: impactOf(highestSeverity) };
    return { n: order.n, deliver: () => ports.statusPage.publish(entry, context, signal) };
  });
}

function notificationTasks({ ports, request, context, signal, deliveries }: DeliveryCall): readonly QueueTask[] {
  return request.notices.map((order) => ({
    n: order.n,
    deliver: async () =>
      void deliveries.push(
        ...(await deliverNotification(ports, { ...request, incident: context.incident }, order, signal)),
      ),
  }));
}

function ticketTasks({ ports, request, context, signal, mayBeRepeat }: DeliveryCall): readonly QueueTask[] {
  const { id: incidentId, workflowId } = request.incident;
  return request.tickets.map((order) => {
    const { n, at, action } = order;
    const entry = {
      key: `${incidentId}/ticket/${n}`,
      at,
      mayBeRepeat,
      action: action,
      text: renderText(order, ports, workflowId),
    };
    return { n, deliver: () => ports.tickets.write(entry, context, signal) };
  });
}

function alarmTasks({ ports, request, signal }: DeliveryCall): readonly QueueTask[] {
  return request.alarms.map(({ n, action }) => ({
    n,
    deliver: () => settleAlarms(ports.directory, request.paged, action, signal),
  }));
}
