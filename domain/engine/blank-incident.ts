/** The first moment of an incident. Pure. */
import { newEscalation } from '../escalation/escalation.ts';
import { startUpdateSchedule } from '../communications/update-schedule.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Declaration } from '../kernel/declaration.ts';
import { EMPTY_OUTBOX } from '../kernel/outbox.ts';
import { NO_STORM } from '../alerts/storm.ts';

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
    ...(storm ? { storm: NO_STORM } : {}),
    reference: null,
    highestSeverity: declaration.severity,
    phase: 'declared',
    outcome: null,
    roles: { ic: null, technicalLead: null, communicationsLead: null, scribe: null },
    decision: null,
    resolution: null,
    impact: null,
    actionItems: [],
    postmortem: null,
    involved: declaration.declaredBy === null ? [] : [declaration.declaredBy],
    lastActivityAt: at,
    inactivity: null,
    businessDay: null,
    commanderPaged: false,
    policyMoveRequestedBy: null,
    alerts: {},
    details: {},
    truncated: 0,
    detectedAt: null,
    declaredAt: at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    mitigationStartedAt: null,
    mitigatedAt: null,
    resolvedAt: null,
    closedAt: null,
    severityChangedAt: null,
    escalation: newEscalation(pageAfterMs === null ? null : at + pageAfterMs),
    attempts: {},
    paged: [],
    leadershipPaged: [],
    leadershipPageRequested: false,
    internalSchedule: startUpdateSchedule(at),
    publicSchedule: null,
    publicState: null,
    monitoringWindow: null,
    recurredAt: [],
    flapping: false,
    outbox: EMPTY_OUTBOX,
    deliveries: [],
    answeredRequests: [],
    refs: {},
    stateVersion: 0,
    seq: 0,
    timeline: [],
    pendingProjection: [],
    changedAlerts: [],
    mergedInto: null,
    postIncident: false,
  };
}
