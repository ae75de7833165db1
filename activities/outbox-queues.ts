/**
 * The queues of one call: which entry goes to which port under which key, and how a queue is delivered: in order, up to
 * the first entry that a vendor does not take for now.
 */
import { log } from '@temporalio/activity';
import { impactOf } from '../domain/communications/public-state.ts';
import type { Delivery } from '../domain/kernel/incident.ts';
import type { AlarmEntry } from '../domain/kernel/outbox.ts';
import type { AssignedReference } from '../domain/kernel/projection.ts';
import { DeliveryError, isFinalFailure, isRejectedByVendor } from '../runtime/failures.ts';
import { notifyPeople } from './notify-people.ts';
import type { Directory, IncidentContext, Ports, Refs } from './ports.ts';
import { renderAnnouncement, renderText } from './render-text.ts';
import type { DeliverNotificationsInput, OutboxQueueName } from './types.ts';

/** The incident as one call sees it: what the request says, and what vendors and records have said since. */
export class CallContext implements IncidentContext {
  incident: IncidentContext['incident'];
  readonly projection: IncidentContext['projection'];
  readonly wantsChannel: boolean;
  readonly responders: readonly string[];
  readonly nameOf: (person: string) => string;
  readonly #given: Refs;
  /** What this call has learned, all attempts together. */
  keptRefs: Refs;

  /** `keptRefs` is what an earlier attempt of the same call learned. */
  constructor(
    request: DeliverNotificationsInput,
    { links, directory }: Pick<Ports, 'links' | 'directory'>,
    keptRefs: Refs,
  ) {
    this.incident = { ...request.incident, url: links.incident(request.incident) };
    this.projection = request.projection;
    this.wantsChannel = request.wantsChannel;
    this.responders = request.responders;
    this.nameOf = (person) => directory.displayName(person);
    this.#given = request.refs;
    this.keptRefs = keptRefs;
  }

  readonly refs = (): Refs => ({ ...this.#given, ...this.keptRefs });

  readonly keepRefs = (refs: Refs): void => {
    this.keptRefs = { ...this.keptRefs, ...refs };
  };

  /** For those who may not have the signed address. */
  withUrl(url: string): IncidentContext {
    const { incident, projection, wantsChannel, responders, nameOf, refs, keepRefs } = this;
    return { incident: { ...incident, url }, projection, wantsChannel, responders, nameOf, refs, keepRefs };
  }

  setReference({ reference }: AssignedReference): void {
    this.incident = { ...this.incident, reference: reference ?? this.incident.reference };
  }
}

export interface DeliveryCall {
  readonly ports: Ports;
  readonly request: DeliverNotificationsInput;
  readonly context: CallContext;
  readonly signal: AbortSignal;
  /** A call whose answer was lost may have delivered some of it. */
  readonly mayBeRepeat: boolean;
  /** Of notices and stakeholder updates: grows while the call delivers them. */
  readonly deliveries: Delivery[];
  /** The texts of stakeholder updates, by the number of their entry: grows likewise. */
  readonly stakeholderUpdates: Map<number, string>;
  /** Numbers of the entries that are delivered, or given up: grows likewise. */
  readonly delivered: Set<number>;
}

/** What a call has done so far: kept by heartbeat, so that its next attempt goes on from there. */
export interface DeliveryProgress {
  /** Numbers of the entries that are delivered, or given up. */
  readonly deliveredEntries: readonly number[];
  readonly deliveries: readonly Delivery[];
  readonly refs: Refs;
  /** Why entries were given up: a vendor will never take them. */
  readonly rejected: readonly { readonly queue: OutboxQueueName; readonly reason: string }[];
  /** Stakeholder updates as they went out. */
  readonly stakeholderUpdates?: readonly { readonly n: number; readonly text: string }[];
}

/** How entry `n` of a queue is delivered; 0: a task of every call, without an entry. */
interface QueueTask {
  readonly n: number;
  readonly deliver: () => Promise<void>;
}

export interface QueueOutcome {
  readonly queue: OutboxQueueName;
  /** What holds the queue up, and how long the vendor wants to be left alone. */
  readonly failure: { readonly reason: string; readonly retryAfterMs: number | null } | null;
  /** Why entries were given up: a vendor will never take them. */
  readonly rejected: readonly string[];
}

export function outboxQueuesOf(
  call: DeliveryCall,
): readonly { readonly queue: OutboxQueueName; readonly tasks: readonly QueueTask[] }[] {
  return [
    { queue: 'posts', tasks: chatPostTasks(call) },
    { queue: 'publicEntries', tasks: publicEntryTasks(call) },
    { queue: 'notices', tasks: noticeTasks(call) },
    { queue: 'tickets', tasks: ticketTasks(call) },
    { queue: 'alarms', tasks: alarmTasks(call) },
  ];
}

function chatPostTasks({ ports, request, context, signal, mayBeRepeat }: DeliveryCall): readonly QueueTask[] {
  const { id: incidentId, url } = context.incident;
  const tasks = request.posts.map((entry) => {
    const { n, at, about, releases } = entry;
    const announcement = releases === 'announce' ? renderAnnouncement(entry, ports, url) : null;
    const post = {
      key: `${incidentId}/post/${n}`,
      at,
      mayBeRepeat,
      about,
      releases,
      text: renderText(entry, ports, url),
      ...(announcement === null ? {} : { announcement }),
    };
    return { n, deliver: () => ports.chat.post(post, context, signal) };
  });
  const updatePinned = { n: 0, deliver: async () => ports.chat.updatePinned?.(context, signal) };
  return tasks.length === 0 ? [] : [...tasks, updatePinned];
}

function publicEntryTasks({ ports, request, context, signal, mayBeRepeat }: DeliveryCall): readonly QueueTask[] {
  const { id: incidentId, workflowId } = request.incident;
  const { component, highestSeverity } = request.projection;
  return request.publicEntries.map(({ n, at, state, nextUpdateAt, renews, text, ...template }) => {
    const entry = {
      key: `${incidentId}/entry/${n}`,
      n: renews ?? n,
      renews: renews !== undefined,
      at,
      mayBeRepeat,
      incidentId,
      state,
      nextUpdateAt,
      component,
      impact: impactOf(highestSeverity),
      text: renderText({ ...template, text: [text] }, ports, ports.links.incidentUnsigned(workflowId)),
    };
    return { n, deliver: () => ports.statusPage.publish(entry, context, signal) };
  });
}

function noticeTasks({ ports, request, context, signal, deliveries }: DeliveryCall): readonly QueueTask[] {
  return request.notices.map((entry) => ({
    n: entry.n,
    deliver: async () => {
      deliveries.push(...(await notifyPeople(ports, { ...request, incident: context.incident }, entry, signal)));
    },
  }));
}

/** Tickets are read by others than our own people: nothing in them is signed. */
function ticketTasks({ ports, request, context, signal, mayBeRepeat }: DeliveryCall): readonly QueueTask[] {
  const { id: incidentId, workflowId } = request.incident;
  const url = ports.links.incidentUnsigned(workflowId);
  const unsigned = context.withUrl(url);
  return request.tickets.map((entry) => {
    const { n, at, action } = entry;
    const text = renderText(entry, ports, url);
    const ticketEntry = { key: `${incidentId}/ticket/${n}`, at, mayBeRepeat, action, text };
    return { n, deliver: () => ports.tickets.write(ticketEntry, unsigned, signal) };
  });
}

function alarmTasks({ ports, request, signal }: DeliveryCall): readonly QueueTask[] {
  return request.alarms.map(({ n, action }) => ({
    n,
    deliver: () => settleAlarms(ports.directory, request.paged, action, signal),
  }));
}

/**
 * An answer stops the alarm everywhere: vendors that escalate by themselves are told. All in parallel; rejects with a
 * failure that may pass.
 */
async function settleAlarms(
  directory: Directory,
  paged: DeliverNotificationsInput['paged'],
  action: AlarmEntry['action'],
  signal: AbortSignal,
): Promise<void> {
  const settling = paged.map(async ({ to, method, key }) => {
    const contact = directory.contacts(to).find((known) => known.method === method);
    await contact?.settle?.(key, action, signal).catch((err: unknown) => {
      // A vendor that refuses for good has no alarm to settle, or one that only a person can.
      if (!isFinalFailure(err)) throw err;
    });
  });
  const failed = (await Promise.allSettled(settling)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Runs the tasks in order; adds each entry to `delivered`. Never rejects. */
export async function deliverQueue(
  queue: OutboxQueueName,
  tasks: readonly QueueTask[],
  delivered: Set<number>,
): Promise<QueueOutcome> {
  const rejected: string[] = [];
  for (const { n, deliver } of tasks) {
    if (delivered.has(n)) continue;
    try {
      await deliver();
    } catch (err) {
      const failure = failureOf(queue, err);
      if (!isRejectedByVendor(err)) return { queue, failure, rejected };
      rejected.push(failure.reason);
    }
    if (n > 0) delivered.add(n);
  }
  return { queue, failure: null, rejected };
}

/** `work` as the outcome of a queue. Never rejects. */
export async function outcomeOrFailure(queue: OutboxQueueName, work: Promise<unknown>): Promise<QueueOutcome> {
  return work.then(
    () => ({ queue, failure: null, rejected: [] }),
    (err: unknown) => ({ queue, failure: failureOf(queue, err), rejected: [] }),
  );
}

/** `work`, or undefined when it takes longer than `withinMs`. */
export async function orUndefinedAfter<T>(work: Promise<T>, withinMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((give) => {
    timer = setTimeout(give, withinMs, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A vendor may ask for a whole day; it is worth looking sooner whether it is well again. */
const LONGEST_WAIT_MS = 2 * 60_000;

/** Only our own errors go into the record: others' messages may hold addresses and secrets. */
export function failureOf(queue: OutboxQueueName, err: unknown): { reason: string; retryAfterMs: number | null } {
  if (err instanceof DeliveryError) {
    const { message, retryAfterMs } = err;
    return { reason: message, retryAfterMs: retryAfterMs === null ? null : Math.min(retryAfterMs, LONGEST_WAIT_MS) };
  }
  log.warn(`could not deliver ${queue}`, { error: err });
  return { reason: `${queue}: ${err instanceof Error ? err.name : 'failed'}`, retryAfterMs: null };
}
