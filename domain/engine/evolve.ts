/**
 * How an incident begins, and the only place where it changes. The kernel reduces first, then each feature its own
 * slice; then each says what must go out. The timeline gets its entry, and the records what they do not have yet. Only
 * what an event concerns runs. Pure; never throws.
 */
import { namingDue } from '../alerts/storm.ts';
import { alertsOutbox, reduceAlerts } from '../alerts/alerts.ts';
import { communicationsOutbox } from '../communications/messages.ts';
import { reduceCommunications, startUpdateSchedule, updateDue } from '../communications/update-schedule.ts';
import { callsDue } from '../escalation/calls.ts';
import { levelDue, newEscalation } from '../escalation/escalation.ts';
import { inactivityDue } from '../escalation/inactivity.ts';
import { reduceEscalation } from '../escalation/escalation-state.ts';
import { escalationOutbox } from '../escalation/pages.ts';
import { abandonedDeliveries } from '../escalation/unsettled-pages.ts';
import { NO_STORM } from '../kernel/alert.ts';
import type { Declaration } from '../kernel/declaration.ts';
import type { Due, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { EMPTY_OUTBOX } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import { reduceKernel, reduceSlice, withDeliveries } from '../kernel/reduce.ts';
import { MERGE_EVENTS, mergeOutbox, reduceMerge } from '../merge/merge-state.ts';
import { monitoringDue } from '../mitigation/monitoring-window.ts';
import { MITIGATION_REDUCERS } from '../mitigation/mitigation.ts';
import { POST_INCIDENT_REDUCERS } from '../post-incident/post-incident.ts';
import { reduceProjection } from './projection.ts';

/** An incident that has been declared at `at` and to which nothing has happened yet. */
export function blankIncident(declaration: Declaration, at: number): Incident {
  const {
    spooledAt: _spooledAt,
    declarerIsOnCall: _declarerIsOnCall,
    suppressed: _held,
    storm,
    ...known
  } = declaration;
  // A test that waited an hour for its page would be over before it.
  const pageAfterMs = declaration.test ? 0 : declaration.policy.severities[declaration.severity].pageAfterMs;
  return {
    ...known,
    reference: null,
    highestSeverity: declaration.severity,
    phase: 'declared',
    outcome: null,
    roles: { ic: null, technicalLead: null, communicationsLead: null, scribe: null },
    mitigation: { decision: null, resolution: null, startedAt: null, mitigatedAt: null, monitoringWindow: null },
    impact: null,
    postIncident: { actionItems: [], postmortem: null, handedOver: false },
    involved: declaration.declaredBy === null || declaration.declaredByToken ? [] : [declaration.declaredBy],
    escalation: {
      ...newEscalation(pageAfterMs === null ? null : at + pageAfterMs),
      lastActivityAt: at,
      inactivity: null,
      businessDay: null,
      commanderPaged: false,
      attempts: {},
      paged: [],
      leadershipPaged: [],
      leadershipPageRequested: false,
    },
    policyMoveRequestedBy: null,
    alerts: {
      states: {},
      details: {},
      truncated: 0,
      detectedAt: null,
      recurredAt: [],
      flapping: false,
      ...(storm ? { storm: NO_STORM } : {}),
    },
    declaredAt: at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    closedAt: null,
    severityChangedAt: null,
    communications: { internalSchedule: startUpdateSchedule(at), publicSchedule: null, publicState: null, refs: {} },
    outbox: EMPTY_OUTBOX,
    deliveries: [],
    answeredRequests: [],
    stateVersion: 0,
    projection: { seq: 0, timeline: [], pending: [], changedAlerts: [] },
    merge: { mergedInto: null },
  };
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

export function evolve(before: Incident, event: IncidentEvent): Incident {
  const kernel = reduceKernel(before, event);
  const isMerging = isAboutMerges(before, event, kernel);
  // Each feature sees what the kernel made, and the other slices as they were.
  const after: Draft<Incident> = {
    ...kernel,
    alerts: reduceAlerts(before, kernel, event),
    escalation: reduceEscalation(before, event, kernel),
    communications: reduceCommunications(before, event, kernel),
    mitigation: reduceSlice(MITIGATION_REDUCERS, before.mitigation, before, event, kernel),
    merge: isMerging ? reduceMerge(before, event, kernel) : before.merge,
    postIncident: reduceSlice(POST_INCIDENT_REDUCERS, before.postIncident, before, event, kernel),
  };
  // Each sees what the previous ones have put into the outbox; pages come first.
  Object.assign(after, escalationOutbox(before, after, event));
  Object.assign(after, communicationsOutbox(before, event, after));
  Object.assign(after, alertsOutbox(before, after, event));
  if (isMerging) after.outbox = mergeOutbox(before, event, after);
  const abandoned = abandonedDeliveries(before, after, event);
  if (abandoned.length > 0) after.deliveries = withDeliveries(after, abandoned);
  after.projection = reduceProjection(before, event, after);
  return after;
}

/** A merged incident forwards what happens to its alerts, and the incidents merged into one that ends are told. */
export function isAboutMerges({ phase, merge }: Incident, { type }: IncidentEvent, after: Incident): boolean {
  return MERGE_EVENTS.has(type) || Boolean(merge.mergedTo) || (isOpen(phase) && !isOpen(after.phase));
}

/**
 * The features with deadlines, in this order: inactivity, escalation levels, calls beside them, naming a storm's new groups, the end of
 * the monitoring window, updates. Each returns the next thing that is due, or null; and has none unless `when`.
 */
export const DEADLINES: readonly {
  readonly when: (incident: Incident) => boolean;
  readonly next: (incident: Incident) => Due | null;
}[] = [
  { when: ({ acknowledgedAt }) => acknowledgedAt !== null, next: inactivityDue },
  { when: ({ escalation }) => escalation.open, next: levelDue },
  { when: ({ escalation }) => escalation.calls !== undefined, next: callsDue },
  { when: ({ alerts }) => alerts.storm !== undefined, next: namingDue },
  { when: ({ mitigation, test }) => mitigation.monitoringWindow !== null || test, next: monitoringDue },
  { when: ({ phase }) => isOpen(phase), next: updateDue },
];

export const NEXT_DUE = DEADLINES.map(
  ({ when, next }) =>
    (incident: Incident): Due | null =>
      when(incident) ? next(incident) : null,
);
