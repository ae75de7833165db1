/** How events change what an incident knows of its alerts, and which groups leave a storm. Pure. */
import type { AlertDetails, AlertReport, AlertState } from '../kernel/alert.ts';
import { DETAILED_ALERTS, NO_STORM } from '../kernel/alert.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Alerts, Incident } from '../kernel/incident.ts';
import type { Outbox, PageRequest } from '../kernel/outbox.ts';
import { isPlausibleStart, ownValue, putOwnValue, rememberedUntil } from '../kernel/queries.ts';
import { absentState } from './absence.ts';
import { withSubjects } from './joining.ts';
import { withLateCopies, withoutLateCopy } from './late-copies.ts';
import { splitEntry, withoutGroup } from './storm.ts';

export function reduceAlerts(before: Incident, _after: Incident, event: IncidentEvent): Alerts {
  const alerts = reduceByType(before, event);
  return FORGETTING.includes(event.type) && hasReceipts(event) ? withoutForgotten(before, alerts, event.at) : alerts;
}

/** Reports, after which alerts that resolved long ago are forgotten. */
const FORGETTING: readonly IncidentEvent['type'][] = ['alerts-fired', 'alerts-cleared', 'alerts-seen'];

/** False for what 0.2 reported, whose histories must replay. */
function hasReceipts(event: IncidentEvent): boolean {
  if ('receivedAt' in event) return true;
  return 'alerts' in event && event.alerts.some((alert) => 'receivedAt' in alert);
}

/**
 * Labels with a value in them make a new alert each time, so the state would grow for ever. Alerts that the records, a
 * merge target or a storm still need stay.
 */
function withoutForgotten(before: Incident, alerts: Alerts, at: number): Alerts {
  const old = Object.values(alerts.states).filter(
    (alert) =>
      alert.status === 'resolved' &&
      alert.lateCopy === undefined &&
      alert.group === undefined &&
      rememberedUntil(alert) <= at,
  );
  if (old.length === 0) return alerts;
  const needed = new Set([
    ...before.projection.changedAlerts.map(({ fingerprint }) => fingerprint),
    ...(before.merge.undeliveredAlerts?.alerts ?? []).map(({ fingerprint }) => fingerprint),
  ]);
  const over = old.filter(({ fingerprint }) => !needed.has(fingerprint));
  if (over.length === 0) return alerts;
  const left = withoutAlerts(
    alerts,
    over.map(({ fingerprint }) => fingerprint),
  );
  return { ...left, forgotten: (alerts.forgotten ?? 0) + over.length };
}

function reduceByType(before: Incident, event: IncidentEvent): Alerts {
  const { alerts } = before;
  switch (event.type) {
    case 'alerts-fired':
      return alertsFired(before, event);
    case 'alerts-cleared':
      return alertsCleared(alerts, event);
    case 'alerts-seen':
      return alertsSeen(alerts, event);
    case 'alerts-absent':
      return withStates(alerts, event.fingerprints, (alert) => absentState(alert, event));
    case 'absence-unverified':
      return withStates(alerts, event.fingerprints, (alert) =>
        alert.absent === undefined ? alert : { ...alert, absent: { ...alert.absent, askedTimes: alert.absent.times } },
      );
    case 'alerts-left-out':
      return { ...alerts, leftOut: { source: event.source, askedAt: null } };
    case 'left-out-questioned':
      return { ...alerts, leftOut: { source: event.source, askedAt: event.at } };
    case 'alert-changed':
      return alertsRestated(
        alerts,
        event.changes.map(({ alert }) => alert),
      );
    case 'alerts-restated':
      return alertsRestated(alerts, event.alerts);
    case 'late-copies-noted':
      return { ...alerts, states: withLateCopies({ ...alerts.states }, event) };
    case 'late-copies-settled':
    case 'late-copies-unverified':
      return withStates(alerts, event.fingerprints, withoutLateCopy);
    case 'alerts-stale': {
      const absent = event.absent === undefined ? {} : { absent: event.absent };
      const stale = { askedAt: event.at, answer: event.answer, ...absent };
      return withStates(alerts, event.fingerprints, (alert) => ({ ...alert, stale }));
    }
    case 'severity-changed':
      return event.by === null ? alerts : withStates(alerts, Object.keys(alerts.states), judgedByAPerson);
    case 'alerts-ignored':
      return withStates(alerts, event.fingerprints, (alert) => ({ ...alert, ignored: true }));
    case 'alerts-joined':
      return alertsJoined(before, event);
    case 'groups-joined': {
      const storm = alerts.storm ?? NO_STORM;
      return { ...alerts, storm: { ...storm, groups: [...storm.groups, ...event.groups] } };
    }
    case 'split-off': {
      const storm = withoutGroup(alerts.storm ?? NO_STORM, event.group);
      return { ...withoutAlerts(alerts, event.fingerprints), storm };
    }
    case 'recurred':
      return recurred(alerts, event.at);
    case 'incident-merged-in':
      return withSplitOffGroups(alerts, (left) => left.filter((workflowId) => workflowId !== event.from.workflowId));
    case 'merged-incident-released':
      return mergedIncidentReleased(alerts, event);
    default:
      return alerts;
  }
}

function judgedByAPerson(alert: AlertState): AlertState {
  return alert.severity === undefined ? alert : { ...alert, severityThen: alert.severity };
}

/** The outbox with the group that leaves the storm; and the groups that the pages of `event` name are named. */
export function alertsOutbox(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): Pick<Incident, 'outbox' | 'alerts'> {
  const pages = after.outbox.pages.filter(({ n }) => n > before.outbox.lastNumber);
  return { alerts: pages.reduce(withGroupsNamed, after.alerts), outbox: withSplits(before, after.outbox, event) };
}

function withSplits(before: Incident, outbox: Outbox, event: IncidentEvent): Outbox {
  const { splits = [], lastNumber } = outbox;
  if (event.type === 'split-done') return { ...outbox, splits: splits.filter(({ n }) => n !== event.splitNumber) };
  if (event.type !== 'split-off') return outbox;
  return { ...outbox, splits: [...splits, splitEntry(before, event, lastNumber + 1)], lastNumber: lastNumber + 1 };
}

function withGroupsNamed(alerts: Alerts, { reason, groups = [], dueAt }: PageRequest): Alerts {
  const { storm } = alerts;
  if (storm === undefined) return alerts;
  const onlyNames = reason === 'storm';
  const groupsNamed = onlyNames ? storm.groupsNamed + groups.length : Math.max(storm.groupsNamed, groups.length);
  // Groups that did not fit into the page are still to be named.
  const isLeft = onlyNames && groupsNamed < storm.groups.length;
  const namedAt = isLeft ? storm.namedAt : Math.max(storm.namedAt ?? dueAt, dueAt);
  return { ...alerts, storm: { ...storm, groupsNamed, namedAt } };
}

function alertsFired(incident: Incident, event: EventOf<'alerts-fired'>): Alerts {
  const { alerts: fired, source = incident.source } = event;
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  const elsewhere = source === incident.source ? {} : { source };
  let { detectedAt } = incident.alerts;
  for (const report of fired) {
    const { fingerprint, startsAt } = report;
    const known = ownValue(states, fingerprint);
    const groups = withMessageGroup(known, event.messageGroup);
    const judged = known?.severityThen === undefined ? {} : { severityThen: known.severityThen };
    putOwnValue(states, fingerprint, { ...firedState(report, event), ...elsewhere, ...groups, ...judged });
    if (isPlausibleStart(startsAt, event.at)) detectedAt = Math.min(detectedAt ?? startsAt, startsAt);
  }
  const details = withDetails(incident.alerts.details, fired);
  return { ...incident.alerts, ...withSubjects(incident, fired), states, details, detectedAt };
}

function firedState(report: AlertReport, { at, staleAfterMs }: EventOf<'alerts-fired'>): AlertState {
  const { fingerprint, startsAt, sentStartsAt, group, receivedAt, severity } = report;
  return {
    fingerprint,
    status: 'firing',
    startsAt,
    endsAt: null,
    lastReportedAt: at,
    staleAfterMs,
    ignored: false,
    ...(sentStartsAt === undefined ? {} : { sentStartsAt }),
    ...(receivedAt === undefined ? {} : { receivedAt, severity }),
    ...(group === undefined ? {} : { group }),
  };
}

/** The newest severity of each, and its newest words where they are kept. */
function alertsRestated(alerts: Alerts, reports: readonly AlertReport[]): Alerts {
  const newest = new Map(reports.map((report) => [report.fingerprint, report]));
  const changed = withStates(alerts, [...newest.keys()], (known) => {
    const { severity } = newest.get(known.fingerprint) ?? known;
    return severity === undefined ? known : { ...known, severity };
  });
  const kept = reports.filter(({ fingerprint }) => Object.hasOwn(alerts.details, fingerprint));
  return { ...changed, details: withDetails(alerts.details, kept) };
}

const MESSAGE_GROUPS_KEPT = 4;

/** The sender's groups that list the alert, the latest last. */
function withMessageGroup(known: AlertState | undefined, name: string | undefined): Pick<AlertState, 'messageGroups'> {
  const { messageGroups = [] } = known ?? {};
  const all = name === undefined ? messageGroups : [...messageGroups.filter((one) => one !== name), name];
  return all.length === 0 ? {} : { messageGroups: all.slice(-MESSAGE_GROUPS_KEPT) };
}

function alertsSeen(alerts: Alerts, event: EventOf<'alerts-seen'>): Alerts {
  const starts = new Map(event.earlierStarts?.map(({ fingerprint, startsAt }) => [fingerprint, startsAt]));
  const seen = withStates(alerts, event.fingerprints, (known) => {
    const alert = reported(event)(known);
    const startsAt = starts.get(alert.fingerprint) ?? alert.startsAt;
    // A report of an earlier firing says nothing of this one's start.
    return startsAt < alert.startsAt && isNewer(known, event.receivedAt) ? { ...alert, startsAt } : alert;
  });
  if (event.truncated > 0) return { ...seen, truncated: event.truncated };
  const { leftOut: _, ...whole } = seen;
  return { ...whole, truncated: 0 };
}

/** Of all details, in UTF-16 units of JSON. */
const DETAILS_SIZE = 512 * 1024;

const sizeOf = (details: AlertDetails): number => JSON.stringify(details).length;

/** If an alert's labels are kept, its newest labels replace them. */
function withDetails(known: Alerts['details'], reports: readonly AlertReport[]): Alerts['details'] {
  let room = DETAILED_ALERTS - Object.keys(known).length;
  // In a storm most alerts come when there is no room any more: measuring what is kept would be for nothing.
  if (room <= 0 && !reports.some(({ fingerprint }) => Object.hasOwn(known, fingerprint))) return known;
  const details: Record<string, AlertDetails> = { ...known };
  let size = Object.values(details).reduce((sum, one) => sum + sizeOf(one), 0);
  for (const { fingerprint, labels, annotations, links, title, receivedAt } of reports) {
    const kept = ownValue(details, fingerprint);
    if (kept === undefined && room <= 0) continue;
    const next = { labels, annotations, links, ...(receivedAt === undefined ? {} : { title }) };
    const grown = size + sizeOf(next) - (kept === undefined ? 0 : sizeOf(kept));
    if (grown > DETAILS_SIZE) continue;
    if (kept === undefined) room -= 1;
    size = grown;
    putOwnValue(details, fingerprint, next);
  }
  return details;
}

function alertsCleared(alerts: Alerts, { at, alerts: cleared }: EventOf<'alerts-cleared'>): Alerts {
  const states: Record<string, AlertState> = { ...alerts.states };
  for (const { fingerprint, startsAt, endsAt, receivedAt } of cleared) {
    const known = ownValue(states, fingerprint);
    putOwnValue(states, fingerprint, {
      ...(known === undefined ? { fingerprint, staleAfterMs: 0, ignored: false } : notInDoubt(known)),
      ...(receivedAt === undefined ? {} : { receivedAt }),
      startsAt: startsAt === known?.sentStartsAt ? known.startsAt : Math.max(known?.startsAt ?? startsAt, startsAt),
      status: 'resolved',
      endsAt: endsAt ?? at,
      lastReportedAt: at,
    });
  }
  return { ...alerts, states };
}

/** Adds the forwarded alerts, unless the incident knows something newer. */
function alertsJoined(incident: Incident, event: EventOf<'alerts-joined'>): Alerts {
  const { at, from, alerts, source, staleAfterMs } = event;
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  const elsewhere = source === incident.source ? {} : { source };
  const joined: AlertReport[] = [];
  for (const report of alerts) {
    const { fingerprint, status, startsAt, endsAt, receivedAt, severity, group = from } = report;
    const known = ownValue(states, fingerprint);
    if (known !== undefined && isOld(known, report)) continue;
    const times = { startsAt, endsAt, lastReportedAt: at, staleAfterMs };
    const told = receivedAt === undefined ? {} : { receivedAt, severity };
    const state: AlertState = { fingerprint, status, ...times, ...told, ignored: false, ...elsewhere };
    // An alert that was this incident's own stays so.
    const theirs = known === undefined ? group : known.group;
    putOwnValue(states, fingerprint, theirs === undefined ? state : { ...state, group: theirs });
    const isListed = joined.some((one) => one.fingerprint === fingerprint);
    if (!isListed && ownValue(incident.alerts.details, fingerprint) === undefined) joined.push(report);
  }
  return { ...incident.alerts, states, details: withDetails(incident.alerts.details, joined) };
}

function isOld(
  known: AlertState,
  { startsAt, status, receivedAt }: Pick<AlertState, 'startsAt' | 'status' | 'receivedAt'>,
): boolean {
  if (startsAt !== known.startsAt) return startsAt < known.startsAt;
  if (known.receivedAt !== undefined && receivedAt !== undefined && known.status !== status)
    return receivedAt < known.receivedAt;
  return known.status === 'resolved' || status === 'firing';
}

/** An incident that recurs four times within an hour is flapping. */
const FLAPPING = { times: 4, withinMs: 3_600_000 };

function recurred(alerts: Alerts, at: number): Alerts {
  const recurredAt = [...alerts.recurredAt.filter((then) => at - then < FLAPPING.withinMs), at];
  return { ...alerts, recurredAt, flapping: alerts.flapping || recurredAt.length >= FLAPPING.times };
}

/** The released incident takes its alerts back, and a storm forgets it as a group. */
function mergedIncidentReleased(alerts: Alerts, { from }: EventOf<'merged-incident-released'>): Alerts {
  const theirs = Object.values(alerts.states).filter(({ group }) => group === from.workflowId);
  const left = withoutAlerts(
    alerts,
    theirs.map(({ fingerprint }) => fingerprint),
  );
  return withSplitOffGroups(left, (gone) => (theirs.length > 0 ? [...gone, from.workflowId] : gone));
}

function withSplitOffGroups(alerts: Alerts, change: (groups: readonly string[]) => readonly string[]): Alerts {
  const { storm } = alerts;
  return storm === undefined
    ? alerts
    : { ...alerts, storm: { ...storm, splitOffGroups: change(storm.splitOffGroups ?? []) } };
}

function withoutAlerts(alerts: Alerts, fingerprints: readonly string[]): Alerts {
  const gone = new Set(fingerprints);
  const left = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([fingerprint]) => !gone.has(fingerprint)));
  return { ...alerts, states: left(alerts.states), details: left(alerts.details) };
}

/** Changes the states of known alerts. */
function withStates(
  alerts: Alerts,
  fingerprints: readonly string[],
  change: (alert: AlertState) => AlertState,
): Alerts {
  const states: Record<string, AlertState> = { ...alerts.states };
  for (const fingerprint of fingerprints) {
    const known = ownValue(states, fingerprint);
    if (known) putOwnValue(states, fingerprint, change(known));
  }
  return { ...alerts, states };
}

const reported =
  ({ at, receivedAt, messageGroup }: EventOf<'alerts-seen'>) =>
  (alert: AlertState): AlertState => ({
    ...notInDoubt(alert),
    lastReportedAt: at,
    ...(receivedAt !== undefined && isNewer(alert, receivedAt) ? { receivedAt } : {}),
    ...withMessageGroup(alert, messageGroup),
  });

function isNewer(known: AlertState, receivedAt = 0): boolean {
  return receivedAt > (known.receivedAt ?? known.lastReportedAt);
}

/** Neither stale nor absent nor perhaps a late copy. */
function notInDoubt({ stale: _stale, absent: _absent, lateCopy: _lateCopy, ...known }: AlertState): AlertState {
  return known;
}
