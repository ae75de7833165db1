/** Taking a group out of a storm: it gets an incident of its own, with the alerts it brought. Pure. */
import type { AlertReport } from '../kernel/alert.ts';
import type { EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { SplitEntry } from '../kernel/outbox.ts';
import { withoutGroup } from './storm.ts';
import { NO_STORM } from '../kernel/alert.ts';
import { withAlertsGone } from './alert-states.ts';

export function withSplitOff(incident: Incident, { group, fingerprints }: EventOf<'split-off'>): Incident {
  const left = withAlertsGone(incident, fingerprints);
  return { ...left, alerts: { ...left.alerts, storm: withoutGroup(incident.alerts.storm ?? NO_STORM, group) } };
}

/** What is owed to the group that leaves, as the storm `before` knew it. */
export function splitEntry(before: Incident, event: EventOf<'split-off'>, n: number): SplitEntry {
  const { at, by, group, fingerprints } = event;
  const staleAfterMs = Math.max(0, ...fingerprints.map((name) => before.alerts.states[name]?.staleAfterMs ?? 0));
  const alerts = fingerprints.flatMap((name) => reportOf(before, event, name));
  const source = fingerprints.map((name) => before.alerts.states[name]?.source).find((name) => name !== undefined);
  return { n, at, by, group, alerts, source: source ?? before.source, staleAfterMs };
}

/** Labels are gone where the storm kept none. */
function reportOf(before: Incident, { group }: EventOf<'split-off'>, fingerprint: string): readonly AlertReport[] {
  const state = Object.hasOwn(before.alerts.states, fingerprint) ? before.alerts.states[fingerprint] : undefined;
  const details = Object.hasOwn(before.alerts.details, fingerprint) ? before.alerts.details[fingerprint] : undefined;
  if (state === undefined) return [];
  const { status, startsAt, endsAt } = state;
  const { labels = {}, annotations = {}, links = {} } = details ?? {};
  const { severity, title } = group;
  return [{ fingerprint, status, startsAt, startGuessed: false, endsAt, severity, title, labels, annotations, links }];
}
