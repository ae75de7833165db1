/**
 * Which alerts the records do not have as they are now, and what they keep of every alert, so that a report of it finds
 * its incident. Pure.
 */
import type { AlertDetails, AlertState } from '../kernel/alert.ts';
import type { EventType, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { ChangedAlert, OwnedAlert } from '../kernel/projection.ts';
import { withoutDigits } from '../kernel/text.ts';
import { ownValue, rememberedUntil } from '../kernel/queries.ts';

/** `after` with the alerts that fired, cleared or changed, and those that it remembers no longer. */
export function withChangedAlerts(before: Incident, after: Incident, event: IncidentEvent): Incident {
  if (before.alerts.states === after.alerts.states && before.alerts.details === after.alerts.details) return after;
  const changed = [...changedAlerts(before, after), ...missingAlerts(before, after, event)];
  if (changed.length === 0) return after;
  const names = new Set(changed.map(({ fingerprint }) => fingerprint));
  const kept = after.projection.changedAlerts.filter(({ fingerprint }) => !names.has(fingerprint));
  return { ...after, projection: { ...after.projection, changedAlerts: [...kept, ...changed] } };
}

function changedAlerts(before: Incident, after: Incident): readonly ChangedAlert[] {
  const { stateVersion } = after;
  const changed: ChangedAlert[] = [];
  for (const [fingerprint, now] of Object.entries(after.alerts.states)) {
    const then = ownValue(before.alerts.states, fingerprint);
    const isChanged =
      (then !== now && isOtherState(then, now)) ||
      isOtherText(ownValue(before.alerts.details, fingerprint), ownValue(after.alerts.details, fingerprint));
    if (isChanged) changed.push({ fingerprint, stateVersion });
  }
  return changed;
}

/** A repeat is none. */
function isOtherState(then: AlertState | undefined, now: AlertState): boolean {
  return (
    then === undefined ||
    then.status !== now.status ||
    then.startsAt !== now.startsAt ||
    then.ignored !== now.ignored ||
    then.source !== now.source ||
    then.stale?.answer !== now.stale?.answer ||
    sorted(then.messageGroups) !== sorted(now.messageGroups)
  );
}

const sorted = (groups: readonly string[] = []): string => [...groups].sort().join(' ');

/** Other digits are no other text: a value that changes with every repeat must not cause a call each time. */
function isOtherText(then: AlertDetails | undefined, now: AlertDetails | undefined): boolean {
  if (then === now || now === undefined) return false;
  return then === undefined || withoutDigits(JSON.stringify(then)) !== withoutDigits(JSON.stringify(now));
}

/** With these, an alert goes to another incident; otherwise it is only forgotten here. */
const MOVING: readonly EventType[] = ['split-off', 'merged-incident-released'];

function missingAlerts(before: Incident, after: Incident, { type }: IncidentEvent): readonly ChangedAlert[] {
  const { stateVersion } = after;
  return Object.entries(before.alerts.states)
    .filter(([fingerprint]) => !Object.hasOwn(after.alerts.states, fingerprint))
    .map(([fingerprint, forgotten]) =>
      MOVING.includes(type) ? { fingerprint, stateVersion } : { fingerprint, stateVersion, forgotten },
    );
}

/** What the records keep of `changed`; nothing of an alert that another incident has now. */
export function ownedAlerts(incident: Incident, changed: readonly ChangedAlert[]): readonly OwnedAlert[] {
  return changed.flatMap(({ fingerprint, stateVersion, forgotten }) => {
    const state = ownValue(incident.alerts.states, fingerprint);
    if (state !== undefined) return [ownedAlert(incident, state, stateVersion, state.status === 'firing')];
    return forgotten === undefined ? [] : [ownedAlert(incident, forgotten, stateVersion, false)];
  });
}

function ownedAlert(
  { source: incidentSource, alerts }: Incident,
  state: AlertState,
  stateVersion: number,
  firing: boolean,
): OwnedAlert {
  const { fingerprint, source = incidentSource, startsAt, endsAt, ignored, messageGroups = [] } = state;
  const name = ownValue(alerts.details, fingerprint)?.labels['alertname'];
  return {
    fingerprint,
    ...(name === undefined ? {} : { name }),
    source,
    firing,
    startsAt,
    endsAt,
    lingersUntil: rememberedUntil(state),
    stateVersion,
    ...(ignored ? { ignored } : {}),
    ...(messageGroups.length === 0 ? {} : { messageGroups }),
  };
}
