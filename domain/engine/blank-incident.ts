/** The first moment of an incident. Pure. */
import { newEscalation } from '../escalation/escalation.ts';
import { startUpdateSchedule } from '../communications/update-schedule.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Declaration } from '../kernel/declaration.ts';
import { EMPTY_OUTBOX } from '../kernel/outbox.ts';
import { NO_STORM } from '../kernel/alert.ts';

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
    involved: declaration.declaredBy === null ? [] : [declaration.declaredBy],
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
