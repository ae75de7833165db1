/** How merging moves the state of either incident, and what each owes the other. Pure; only `evolve` calls it. */
import type { AlertDetails, AlertState } from './alert.ts';
import { DETAILED_ALERTS } from './alert.ts';
import { put, withAlertsGone } from './alert-states.ts';
import type { EventOf, IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { Absorbed, MergeMessage, MergePeer, WordOrder } from './merge-messages.ts';
import { fitting, reportOf } from './forwarding.ts';
import { incidentIdsOf, mergeTarget, mergePeerOf, standingOf } from './merge-peers.ts';
import { isOpen } from './phase.ts';
import { isWorse } from './severity.ts';
import { firing } from './watch.ts';

export function mergeAsked(incident: Incident, { at, by, into, ask, requestId }: EventOf<'merge-asked'>): Incident {
  const said = standingOf(incident);
  const request = requestId === undefined ? {} : { requestId };
  const { mergeRefused: _, ...others } = incident;
  return { ...others, merging: { into, ask, hops: 0, by, askedAt: at, said, ...request } };
}

export function mergeFollowed(incident: Incident, { at, into, ask, hops }: EventOf<'merge-followed'>): Incident {
  const { merging } = incident;
  if (!merging) return incident;
  return { ...incident, merging: { ...merging, into, ask, hops, askedAt: at, said: standingOf(incident) } };
}

export function mergedInto(incident: Incident, into: MergePeer): Incident {
  return {
    ...incident,
    merging: null,
    mergedInto: into.reference ?? into.incidentId,
    mergedTo: { ...into, isOver: false },
  };
}

export function absorbed(incident: Incident, { from, incidentIds, standing }: EventOf<'incident-absorbed'>): Incident {
  const { truncated, paged, leadershipOf, highestSeverity } = standing;
  const news: Absorbed = { ...from, incidentIds, truncated };
  const others = (incident.absorbed ?? []).filter(({ workflowId }) => workflowId !== from.workflowId);
  return {
    ...withStormLeft(incident, (left) => left.filter((workflowId) => workflowId !== from.workflowId)),
    absorbed: [...others, news],
    paged: [...new Set([...incident.paged, ...paged])],
    leadershipCalled: incident.leadershipCalled || leadershipOf === incident.team,
    highestSeverity: isWorse(highestSeverity, incident.highestSeverity) ? highestSeverity : incident.highestSeverity,
  };
}

/** A group that left the storm is heard again once its incident is a part of it, and not any more when it goes. */
function withStormLeft(incident: Incident, change: (left: readonly string[]) => readonly string[]): Incident {
  const { storm } = incident;
  return storm === undefined ? incident : { ...incident, storm: { ...storm, left: change(storm.left ?? []) } };
}

/** They are known from now on; what is known better stays. */
export function alertsJoined(incident: Incident, event: EventOf<'alerts-joined'>): Incident {
  const { at, from, alerts, source, staleAfterMs, truncated } = event;
  const states: Record<string, AlertState> = { ...incident.alerts };
  const details: Record<string, AlertDetails> = { ...incident.details };
  let room = DETAILED_ALERTS - Object.keys(details).length;
  for (const { fingerprint, status, startsAt, endsAt, labels, annotations, links, group = from } of alerts) {
    const known = Object.hasOwn(states, fingerprint) ? states[fingerprint] : undefined;
    if (known !== undefined && isOld(known, { startsAt, status })) continue;
    const elsewhere = source === incident.source ? {} : { source };
    const state = { fingerprint, status, startsAt, endsAt, seenAt: at, staleAfterMs, ignored: false, ...elsewhere };
    // What was its own stays its own.
    const theirs = known === undefined ? group : known.group;
    put(states, fingerprint, theirs === undefined ? state : { ...state, group: theirs });
    if (Object.hasOwn(details, fingerprint) || room <= 0) continue;
    room -= 1;
    put(details, fingerprint, { labels, annotations, links });
  }
  const told = (incident.absorbed ?? []).map((one) => (one.workflowId === from ? { ...one, truncated } : one));
  return { ...incident, alerts: states, details, ...(told.length === 0 ? {} : { absorbed: told }) };
}

function isOld(known: AlertState, { startsAt, status }: Pick<AlertState, 'startsAt' | 'status'>): boolean {
  if (startsAt !== known.startsAt) return startsAt < known.startsAt;
  return known.status === 'resolved' || status === 'firing';
}

export function released(incident: Incident, { from }: EventOf<'absorbed-released'>): Incident {
  const theirs = Object.values(incident.alerts).filter(({ group }) => group === from.workflowId);
  const left = (incident.absorbed ?? []).filter(({ workflowId }) => workflowId !== from.workflowId);
  const without = withAlertsGone(
    incident,
    theirs.map(({ fingerprint }) => fingerprint),
  );
  const wasPart = incident.storm !== undefined && theirs.length > 0;
  return { ...withStormLeft(without, (gone) => (wasPart ? [...gone, from.workflowId] : gone)), absorbed: left };
}

/** Once it is not open any more, nothing is asked of anybody and nobody is a part of it. */
export function withoutMerging(before: Incident, after: Incident): Incident {
  if (!isOpen(before.phase) || isOpen(after.phase)) return after;
  const merging = after.merging ? { merging: null } : {};
  return { ...after, ...merging, ...(after.absorbed ? { absorbed: [] } : {}) };
}

/** The orders that are left once `event` has happened, and those it adds. */
export function withWords(before: Incident, after: Incident, event: IncidentEvent): readonly WordOrder[] {
  const words = after.orders.words ?? [];
  const left = words.filter((order) => !isDone(order, before, event));
  const news = wordsFor(before, after, event);
  if (news.length === 0 && left.length === words.length) return words;
  return [...left, ...news.map((news, i) => ({ ...news, id: `${after.incidentId}/${after.revision}/${i}` }))];
}

function isDone({ id, word }: WordOrder, { merging }: Incident, event: IncidentEvent): boolean {
  if (event.type === 'merge-message-sent') return id === event.id;
  const isAnswer = event.type === 'merged' || event.type === 'merge-refused' || event.type === 'merge-followed';
  return isAnswer && word.say === 'absorb' && word.ask === merging?.ask;
}

function wordsFor(before: Incident, after: Incident, event: IncidentEvent): readonly Omit<WordOrder, 'id'>[] {
  switch (event.type) {
    case 'merge-message-queued':
      return [{ to: event.to, word: event.word }];
    case 'merge-asked':
    case 'merge-followed':
      return [{ to: event.into, word: askOf(after) }];
    case 'merged':
      return [...newsSince(before, event.into), ...farewells(before, event.into)];
    case 'merge-moved':
      return [{ to: event.into.workflowId, word: followOf(after) }];
    case 'reopened': {
      const there = mergeTarget(before);
      return there === null ? [] : [{ to: there.workflowId, word: { say: 'release', from: mergePeerOf(after) } }];
    }
    default:
      return isOpen(before.phase) && !isOpen(after.phase) ? farewells(before, null) : [];
  }
}

const ASKED_WITH_BYTES = 96 * 1024;

function askOf(incident: Incident): MergeMessage {
  const { merging, restricted, test, source } = incident;
  const alerts = fitting(
    firing(incident).flatMap((state) => reportOf(incident, state)),
    ASKED_WITH_BYTES,
  );
  const staleAfterMs = Math.max(0, ...firing(incident).map((state) => state.staleAfterMs));
  const { ask = 0, by = '' } = merging ?? {};
  const comes = { from: mergePeerOf(incident), incidentIds: incidentIdsOf(incident), standing: standingOf(incident) };
  return { say: 'absorb', ...comes, ask, by, restricted, test, alerts, source, staleAfterMs };
}

/** Nobody has to answer for what is a part of another already. */
function followOf(incident: Incident): MergeMessage {
  return {
    say: 'follow',
    from: mergePeerOf(incident),
    incidentIds: incidentIdsOf(incident),
    standing: standingOf(incident),
  };
}

/** What changed while the answer was on its way. */
function newsSince(before: Incident, into: MergePeer): readonly Omit<WordOrder, 'id'>[] {
  const said = before.merging?.said;
  const now = standingOf(before);
  const isNews =
    said === undefined ||
    isWorse(now.severity, said.severity) ||
    (now.mustAnswer && !said.mustAnswer) ||
    (now.isPublic && !said.isPublic);
  return isNews ? [{ to: into.workflowId, word: followOf(before) }] : [];
}

/** Those that were a part of it hear where it goes on (`to`), or that it is over. */
function farewells(before: Incident, to: MergePeer | null): readonly Omit<WordOrder, 'id'>[] {
  const by = mergePeerOf(before);
  return (before.absorbed ?? []).map(({ workflowId, incidentId }) => ({
    to: workflowId,
    word: to === null ? { say: 'over', incidentId, by } : { say: 'moved', incidentId, by, to },
  }));
}
