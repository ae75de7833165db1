/**
 * Notifications: chat, the public page, notices, tickets, stakeholder updates, others' alarms, and the records. Each is a line, told in order.
 * The lines share one call while all is well; a line in trouble gets calls of its own, so that one vendor's trouble
 * holds up nobody else. They may fail, with a line on the timeline; paging never waits.
 */
import type { TellAnswer, TellLine, TellRequest } from '../activities/types.ts';
import { hasNewsForRecords, nextBatch, owesTheRecords } from '../domain/batch.ts';
import { responders, wantsChannel } from '../domain/channel.ts';
import type { Incident } from '../domain/incident.ts';
import type { Notification } from '../domain/orders.ts';
import { NOTIFICATIONS } from '../domain/orders.ts';
import { pagedIncident } from '../domain/paged-incident.ts';
import type { Message, RecordBatch } from '../domain/record.ts';
import { headOf } from '../domain/to-view.ts';
import type { Handover } from './contract.ts';
import { notifications } from './proxies.ts';
import type { IncidentRun } from './run.ts';

const TOGETHER = 'notifications';
const LINES: readonly TellLine[] = [...NOTIFICATIONS, 'records'];
/** Before a line that five minutes of trying could not deliver is tried again. */
const PAUSE_MS = 30_000;

export function tellEveryone(run: IncidentRun): void {
  const waiting = LINES.filter((line) => hasNews(run, line));
  for (const line of waiting.filter((line) => run.troubled.has(line))) tellInsistently(run, line);
  const well = waiting.filter((line) => !run.troubled.has(line));
  if (well.length === 0) return;
  // What the records lack goes with every call, though it alone might not have been worth one.
  const lines = run.troubled.has('records') ? well : [...new Set<TellLine>([...well, 'records'])];
  call(run, TOGETHER, lines, { insists: false }, () => {
    for (const line of lines) run.troubled.add(line);
  });
}

/** True while something has not been told yet. */
export function owesAnything({ incident }: IncidentRun): boolean {
  return owesTheRecords(incident) || NOTIFICATIONS.some((line) => isOwed(incident, line));
}

/** `incident` for whoever goes on with it: what may have been told by a call that did not come back is in doubt. */
export function handoverOf(run: IncidentRun, incident = run.incident): Handover {
  return {
    incident,
    inDoubt: LINES.filter((line) => run.troubled.has(line) || run.isInDoubt(TOGETHER) || run.isInDoubt(line)),
    outages: LINES.filter((line) => run.pausedUntil.has(line)),
    ...(run.policyIsOld ? { policyIsOld: true } : {}),
  };
}

/** Whoever takes over tells it: see `handoverOf`. */
export function stopTelling(run: IncidentRun): void {
  run.cancelCalls((name) => name === TOGETHER || LINES.some((line) => line === name));
}

function hasNews({ incident, isPostIncident }: IncidentRun, line: TellLine): boolean {
  if (line !== 'records') return isOwed(incident, line);
  const isOver = isPostIncident || incident.postIncident;
  return isOver ? owesTheRecords(incident) : hasNewsForRecords(incident);
}

function isOwed({ orders }: Incident, line: Notification): boolean {
  return (orders[line]?.length ?? 0) > 0;
}

/** One line by itself: Temporal's own retry insists for five minutes, then the line pauses and begins again. */
function tellInsistently(run: IncidentRun, line: TellLine): void {
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
  lines: readonly TellLine[],
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
    () => notifications.tell.executeWithOptions(options, [request]),
    (answer) => {
      run.searchable = answer.searchable;
      for (const line of lines) settle(run, line, answer);
      if (run.incident.incidentId === incidentId) takeIn(run, answer);
    },
    failed,
  );
}

function takeIn(run: IncidentRun, answer: TellAnswer): void {
  const { done, deliveries, refused, refs, recorded, numbered, stakeholderUpdates } = answer;
  const at = Date.now();
  for (const { line, reason } of refused) {
    run.record({ type: 'notification-failed', at, what: line, reason, givenUp: true });
  }
  if (done.length + deliveries.length + Object.keys(refs).length === 0 && recorded === null) return;
  const written = stakeholderUpdates === undefined ? {} : { stakeholderUpdates };
  run.record({ type: 'notification-accepted', at, orders: done, deliveries, refs, recorded, numbered, ...written });
}

function settle(run: IncidentRun, line: TellLine, { troubled }: TellAnswer): void {
  if (troubled.includes(line)) {
    run.troubled.add(line);
  } else {
    run.troubled.delete(line);
    run.pausedUntil.delete(line);
  }
}

const ORDERS_IN_A_CALL = 50;

function requestFor(incident: Incident, lines: readonly TellLine[], insists: boolean): TellRequest {
  const { posts, entries, notices, tickets, alarms, stakeholderUpdates = [] } = incident.orders;
  const first = <T>(line: TellLine, orders: readonly T[]): readonly T[] =>
    lines.includes(line) ? orders.slice(0, ORDERS_IN_A_CALL) : [];
  const settling = first('alarms', alarms);
  return {
    incident: pagedIncident(incident),
    head: headOf(incident),
    refs: incident.refs,
    wantsChannel: wantsChannel(incident),
    responders: responders(incident),
    cycle: Math.max(1, incident.chain.cycle),
    posts: first('posts', posts),
    entries: first('entries', entries),
    notices: first('notices', notices),
    tickets: first('tickets', tickets),
    alarms: settling,
    ...stakeholderUpdatesFor(incident, first('stakeholderUpdates', stakeholderUpdates)),
    paged: settling.length === 0 ? [] : acceptedPages(incident),
    record: lines.includes('records') ? slipOf(nextBatch(incident)) : null,
    insists,
  };
}

/** The head goes with the call once. */
function slipOf(batch: RecordBatch<Message> | null): TellRequest['record'] {
  if (batch === null) return null;
  const { head, ...slip } = batch;
  return head === null ? { ...slip, headless: true } : slip;
}

function stakeholderUpdatesFor(
  { deliveries }: Incident,
  stakeholderUpdates: NonNullable<TellRequest['stakeholderUpdates']>,
): Pick<TellRequest, 'stakeholderUpdates' | 'stakeholderUpdatesSettled'> {
  if (stakeholderUpdates.length === 0) return {};
  const isTheirs = (key: string): boolean =>
    stakeholderUpdates.some(({ n }) => key.includes(`/stakeholder-update/${n}/`));
  return { stakeholderUpdates, stakeholderUpdatesSettled: deliveries.map(({ key }) => key).filter(isTheirs) };
}

const PAGES_TO_SETTLE = 200;

function acceptedPages({ deliveries }: Incident): TellRequest['paged'] {
  const accepted = deliveries.filter(({ state, key }) => state === 'accepted' && key.includes('/page/'));
  return accepted.slice(-PAGES_TO_SETTLE).map(({ to, method, key }) => ({ to, method, key }));
}

function aboutWhat({
  posts,
  entries,
  notices,
  tickets,
  alarms,
  stakeholderUpdates = [],
}: TellRequest): readonly string[] {
  const events = [...posts, ...notices, ...stakeholderUpdates].map(({ about }) => about);
  return [
    ...new Set([...events, ...entries.map(({ state }) => state), ...[...tickets, ...alarms].map(({ act }) => act)]),
  ];
}

/** Announcing a new incident gives way to what people wait for. */
function priorityOf(about: readonly string[]): { readonly priority?: { readonly priorityKey: number } } {
  return about.every((what) => what === 'declared' || what === 'open') ? { priority: { priorityKey: 5 } } : {};
}
