/**
 * A storm: more new groups than anyone could answer one by one, gathered in one incident. Each is named in its pages:
 * at once, every 10 s in the first minute while names arrive, then at most every minute, until somebody acknowledges.
 * RUNBOOK §3. Pure.
 */
import { type AlertBatch, type AlertReport, type Storm, type StormGroup } from '../kernel/alert.ts';
import type { Due, EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { SplitEntry } from '../kernel/outbox.ts';
import { alertOf, alertDetailsOf } from '../kernel/queries.ts';

const FIRST_MINUTE_MS = 60_000;
const NAMES_EVERY_MS = 10_000;
const LATER_NAMES_EVERY_MS = 60_000;

/** `batch` without groups that left the storm, and without resolved alerts that were never part of it. */
export function batchForStorm({ alerts }: Incident, batch: AlertBatch): AlertBatch {
  if (alerts.storm === undefined) return batch;
  const left = new Set(alerts.storm.splitOffGroups);
  const isOurs = ({ group, status, fingerprint }: AlertReport): boolean =>
    !left.has(group ?? '') && (status === 'firing' || Object.hasOwn(alerts.states, fingerprint));
  const groups = (batch.groups ?? []).filter(({ workflowId }) => !left.has(workflowId));
  return { ...batch, alerts: batch.alerts.filter(isOurs), groups };
}

/** Alerts of `batch` that belong to groups which left the storm, by their own incident's workflow id. */
export function alertsOfSplitOffGroups(
  { alerts: { storm } }: Incident,
  { alerts }: AlertBatch,
): ReadonlyMap<string, readonly AlertReport[]> {
  const strays = new Map<string, AlertReport[]>();
  for (const alert of alerts) {
    const { group } = alert;
    if (group !== undefined && storm?.splitOffGroups?.includes(group))
      strays.set(group, [...(strays.get(group) ?? []), alert]);
  }
  return strays;
}

/** Groups of `batch` that the storm does not know yet; none when the incident is no storm. */
export function newGroups({ alerts }: Incident, { groups = [] }: AlertBatch): readonly StormGroup[] {
  if (alerts.storm === undefined) return [];
  const nameOf = ({ workflowId, hasOwnIncident }: StormGroup): string =>
    hasOwnIncident ? `own ${workflowId}` : workflowId;
  const known = new Set(alerts.storm.groups.map(nameOf));
  return groups.filter(
    (group) => !known.has(group.workflowId) && !known.has(nameOf(group)) && known.add(nameOf(group)),
  );
}

/**
 * When the next page names groups that joined since the last; null while there is no group to name or nobody to page.
 */
export function nextNaming(incident: Incident): { readonly at: number } | null {
  const { alerts, escalation, acknowledgedAt, declaredAt } = incident;
  if (
    alerts.storm === undefined ||
    alerts.storm.namedAt === null ||
    alerts.storm.groupsNamed >= alerts.storm.groups.length
  )
    return null;
  if (!escalation.open || escalation.level === 0 || acknowledgedAt !== null) return null;
  const isYoung = alerts.storm.namedAt - declaredAt < FIRST_MINUTE_MS;
  return { at: alerts.storm.namedAt + (isYoung ? NAMES_EVERY_MS : LATER_NAMES_EVERY_MS) };
}

/** The group that `name` means: its workflow id, its title, or the fingerprint of one of its alerts. */
export function groupNamed(incident: Incident, name: string): StormGroup | null {
  const alert = alertOf(incident, name);
  const groups = membersOf(incident);
  const found = groups.find(({ workflowId, title }) => [workflowId, title].includes(name));
  return found ?? groups.find(({ workflowId }) => workflowId === alert?.group) ?? null;
}

/** The groups that have no incident of their own. */
export function membersOf({ alerts }: Incident): readonly StormGroup[] {
  return alerts.storm?.groups.filter(({ hasOwnIncident }) => !hasOwnIncident) ?? [];
}

/** Fingerprints of the group's alerts. */
export function alertsOfGroup({ alerts }: Incident, { workflowId }: StormGroup): readonly string[] {
  return Object.values(alerts.states)
    .filter(({ group }) => group === workflowId)
    .map(({ fingerprint }) => fingerprint);
}

/** The storm without that group. */
export function withoutGroup(storm: Storm, { workflowId }: StormGroup): Storm {
  const at = storm.groups.findIndex((group) => group.workflowId === workflowId);
  if (at < 0) return storm;
  const groups = storm.groups.filter((_, index) => index !== at);
  const groupsNamed = at < storm.groupsNamed ? storm.groupsNamed - 1 : storm.groupsNamed;
  return { ...storm, groups, groupsNamed, splitOffGroups: [...(storm.splitOffGroups ?? []), workflowId] };
}

/** The outbox entry that opens an incident for a group that leaves, as the storm knew it `before`. */
export function splitEntry(before: Incident, event: EventOf<'split-off'>, n: number): SplitEntry {
  const { at, by, group, fingerprints } = event;
  const staleAfterMs = Math.max(0, ...fingerprints.map((name) => before.alerts.states[name]?.staleAfterMs ?? 0));
  const alerts = fingerprints.flatMap((name) => reportOf(before, event, name));
  const source = fingerprints.map((name) => before.alerts.states[name]?.source).find((name) => name !== undefined);
  return { n, at, by, group, alerts, source: source ?? before.source, staleAfterMs };
}

/** Without labels where the storm kept none. */
function reportOf(before: Incident, { group }: EventOf<'split-off'>, fingerprint: string): readonly AlertReport[] {
  const state = alertOf(before, fingerprint);
  const details = alertDetailsOf(before, fingerprint);
  if (state === undefined) return [];
  const { status, startsAt, endsAt } = state;
  const { labels = {}, annotations = {}, links = {} } = details ?? {};
  const { severity, title } = group;
  return [{ fingerprint, status, startsAt, startGuessed: false, endsAt, severity, title, labels, annotations, links }];
}

export function namingDue(incident: Incident): Due | null {
  const due = nextNaming(incident);
  if (due === null) return null;
  const { at: dueAt } = due;
  return { at: dueAt, summary: 'name those who joined', events: (at) => [{ type: 'storm-groups-named', at, dueAt }] };
}
