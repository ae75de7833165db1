/** How merging moves the state of either incident, and what each owes the other. Pure; only `evolve` calls it. */
import type { AlertDetails, AlertState } from '../kernel/alert.ts';
import { DETAILED_ALERTS } from '../kernel/alert.ts';
import { put, withAlertsGone } from '../alerts/alert-states.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { MergedIncident, MergeMessage, MergePeer, MergeMessageEntry } from '../kernel/merge-messages.ts';
import { reportsThatFit, reportOf } from './forwarding.ts';
import { incidentIdsOf, mergeTarget, mergePeerOf, standingOf } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { isWorse } from '../kernel/severity.ts';
import { firingAlerts } from '../kernel/queries.ts';

export function mergeRequested(
  incident: Incident,
  { at, by, into, requestNumber, requestId }: EventOf<'merge-requested'>,
): Incident {
  const sentStanding = standingOf(incident);
  const request = requestId === undefined ? {} : { requestId };
  const { mergeRefused: _, ...others } = incident.merge;
  return {
    ...incident,
    merge: {
      ...others,
      pendingMerge: { into, requestNumber, hops: 0, by, requestedAt: at, sentStanding, ...request },
    },
  };
}

export function mergeRedirected(
  incident: Incident,
  { at, into, requestNumber, hops }: EventOf<'merge-redirected'>,
): Incident {
  const { merge } = incident;
  if (!merge.pendingMerge) return incident;
  return {
    ...incident,
    merge: {
      ...incident.merge,
      pendingMerge: {
        ...merge.pendingMerge,
        into,
        requestNumber,
        hops,
        requestedAt: at,
        sentStanding: standingOf(incident),
      },
    },
  };
}

export function mergedInto(incident: Incident, into: MergePeer): Incident {
  return {
    ...incident,
    merge: {
      ...incident.merge,
      pendingMerge: null,
      mergedInto: into.reference ?? into.incidentId,
      mergedTo: { ...into, isOver: false },
    },
  };
}

export function withMergedIncident(
  incident: Incident,
  { from, incidentIds, standing }: EventOf<'incident-merged-in'>,
): Incident {
  const { truncated, paged, leadershipOf, highestSeverity } = standing;
  const news: MergedIncident = { ...from, incidentIds, truncated };
  const others = (incident.merge.mergedFrom ?? []).filter(({ workflowId }) => workflowId !== from.workflowId);
  return {
    ...withStormLeft(incident, (left) => left.filter((workflowId) => workflowId !== from.workflowId)),
    merge: {
      ...incident.merge,
      mergedFrom: [...others, news],
    },
    escalation: {
      ...incident.escalation,
      paged: [...new Set([...incident.escalation.paged, ...paged])],
      leadershipPageRequested: incident.escalation.leadershipPageRequested || leadershipOf === incident.team,
    },
    highestSeverity: isWorse(highestSeverity, incident.highestSeverity) ? highestSeverity : incident.highestSeverity,
  };
}

/** A group that left the storm is heard again once its incident is a part of it, and not any more when it goes. */
function withStormLeft(incident: Incident, change: (left: readonly string[]) => readonly string[]): Incident {
  const { alerts } = incident;
  return alerts.storm === undefined
    ? incident
    : {
        ...incident,
        alerts: {
          ...incident.alerts,
          storm: { ...alerts.storm, splitOffGroups: change(alerts.storm.splitOffGroups ?? []) },
        },
      };
}

/** They are known from now on; what is known better stays. */
export function alertsJoined(incident: Incident, event: EventOf<'alerts-joined'>): Incident {
  const { at, from, alerts, source, staleAfterMs, truncated } = event;
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  const details: Record<string, AlertDetails> = { ...incident.alerts.details };
  let room = DETAILED_ALERTS - Object.keys(details).length;
  for (const { fingerprint, status, startsAt, endsAt, labels, annotations, links, group = from } of alerts) {
    const known = Object.hasOwn(states, fingerprint) ? states[fingerprint] : undefined;
    if (known !== undefined && isOld(known, { startsAt, status })) continue;
    const elsewhere = source === incident.source ? {} : { source };
    const state = {
      fingerprint,
      status,
      startsAt,
      endsAt,
      lastReportedAt: at,
      staleAfterMs,
      ignored: false,
      ...elsewhere,
    };
    // What was its own stays its own.
    const theirs = known === undefined ? group : known.group;
    put(states, fingerprint, theirs === undefined ? state : { ...state, group: theirs });
    if (Object.hasOwn(details, fingerprint) || room <= 0) continue;
    room -= 1;
    put(details, fingerprint, { labels, annotations, links });
  }
  const told = (incident.merge.mergedFrom ?? []).map((one) => (one.workflowId === from ? { ...one, truncated } : one));
  return {
    ...incident,
    alerts: { ...incident.alerts, states, details },
    merge: told.length === 0 ? incident.merge : { ...incident.merge, mergedFrom: told },
  };
}

function isOld(known: AlertState, { startsAt, status }: Pick<AlertState, 'startsAt' | 'status'>): boolean {
  if (startsAt !== known.startsAt) return startsAt < known.startsAt;
  return known.status === 'resolved' || status === 'firing';
}

export function withReleasedIncident(incident: Incident, { from }: EventOf<'merged-incident-released'>): Incident {
  const theirs = Object.values(incident.alerts.states).filter(({ group }) => group === from.workflowId);
  const left = (incident.merge.mergedFrom ?? []).filter(({ workflowId }) => workflowId !== from.workflowId);
  const without = withAlertsGone(
    incident,
    theirs.map(({ fingerprint }) => fingerprint),
  );
  const wasPart = incident.alerts.storm !== undefined && theirs.length > 0;
  return {
    ...withStormLeft(without, (gone) => (wasPart ? [...gone, from.workflowId] : gone)),
    merge: {
      ...incident.merge,
      mergedFrom: left,
    },
  };
}

/** Once it is not open any more, nothing is asked of anybody and nobody is a part of it. */
export function withoutPendingMerge(before: Incident, after: Incident): Incident {
  if (!isOpen(before.phase) || isOpen(after.phase)) return after;
  const { pendingMerge, mergedFrom } = after.merge;
  const pending = pendingMerge ? { pendingMerge: null } : {};
  return { ...after, merge: { ...after.merge, ...pending, ...(mergedFrom ? { mergedFrom: [] } : {}) } };
}

/** The orders that are left once `event` has happened, and those it adds. */
export function mergeMessagesAfter(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): readonly MergeMessageEntry[] {
  const words = after.outbox.mergeMessages ?? [];
  const left = words.filter((order) => !isDone(order, before, event));
  const news = mergeMessagesFor(before, after, event);
  if (news.length === 0 && left.length === words.length) return words;
  return [...left, ...news.map((news, i) => ({ ...news, id: `${after.incidentId}/${after.stateVersion}/${i}` }))];
}

function isDone({ id, message }: MergeMessageEntry, { merge }: Incident, event: IncidentEvent): boolean {
  if (event.type === 'merge-message-sent') return id === event.id;
  const isAnswer = event.type === 'merged' || event.type === 'merge-refused' || event.type === 'merge-redirected';
  return isAnswer && message.kind === 'merge-request' && message.requestNumber === merge.pendingMerge?.requestNumber;
}

function mergeMessagesFor(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): readonly Omit<MergeMessageEntry, 'id'>[] {
  switch (event.type) {
    case 'merge-message-queued':
      return [{ to: event.to, message: event.message }];
    case 'merge-requested':
    case 'merge-redirected':
      return [{ to: event.into, message: mergeRequestOf(after) }];
    case 'merged':
      return [...newsSince(before, event.into), ...farewells(before, event.into)];
    case 'merge-target-changed':
      return [{ to: event.into.workflowId, message: followOf(after) }];
    case 'reopened': {
      const there = mergeTarget(before);
      return there === null ? [] : [{ to: there.workflowId, message: { kind: 'release', from: mergePeerOf(after) } }];
    }
    default:
      return isOpen(before.phase) && !isOpen(after.phase) ? farewells(before, null) : [];
  }
}

const ASKED_WITH_BYTES = 96 * 1024;

function mergeRequestOf(incident: Incident): MergeMessage {
  const { merge, restricted, test, source } = incident;
  const alerts = reportsThatFit(
    firingAlerts(incident).flatMap((state) => reportOf(incident, state)),
    ASKED_WITH_BYTES,
  );
  const staleAfterMs = Math.max(0, ...firingAlerts(incident).map((state) => state.staleAfterMs));
  const { requestNumber = 0, by = '' } = merge.pendingMerge ?? {};
  const comes = { from: mergePeerOf(incident), incidentIds: incidentIdsOf(incident), standing: standingOf(incident) };
  return { kind: 'merge-request', ...comes, requestNumber, by, restricted, test, alerts, source, staleAfterMs };
}

/** Nobody has to answer for what is a part of another already. */
function followOf(incident: Incident): MergeMessage {
  return {
    kind: 'follow',
    from: mergePeerOf(incident),
    incidentIds: incidentIdsOf(incident),
    standing: standingOf(incident),
  };
}

/** What changed while the answer was on its way. */
function newsSince(before: Incident, into: MergePeer): readonly Omit<MergeMessageEntry, 'id'>[] {
  const said = before.merge.pendingMerge?.sentStanding;
  const now = standingOf(before);
  const isNews =
    said === undefined ||
    isWorse(now.severity, said.severity) ||
    (now.mustAnswer && !said.mustAnswer) ||
    (now.isPublic && !said.isPublic);
  return isNews ? [{ to: into.workflowId, message: followOf(before) }] : [];
}

/** Those that were a part of it hear where it goes on (`to`), or that it is over. */
function farewells(before: Incident, to: MergePeer | null): readonly Omit<MergeMessageEntry, 'id'>[] {
  const by = mergePeerOf(before);
  return (before.merge.mergedFrom ?? []).map(({ workflowId, incidentId }) => ({
    to: workflowId,
    message: to === null ? { kind: 'over', incidentId, by } : { kind: 'moved', incidentId, by, to },
  }));
}
