/** The first moment of an incident. Pure. */
import { unbegunChain } from './escalation.ts';
import { startClock } from './clocks.ts';
import type { Incident } from './incident.ts';
import type { Opening } from './opening.ts';
import { NO_ORDERS } from './orders.ts';
import { NO_STORM } from './storm.ts';

/** An incident that has been declared at `at` and to which nothing has happened yet. */
export function blankIncident(opening: Opening, at: number): Incident {
  const { spooledAt: _spooledAt, declarerIsOnCall: _declarerIsOnCall, held: _held, storm, ...known } = opening;
  // A test that waited an hour for its page would be over before it.
  const pageAfterMs = opening.test ? 0 : opening.policy.severities[opening.severity].pageAfterMs;
  return {
    ...known,
    ...(storm ? { storm: NO_STORM } : {}),
    reference: null,
    highestSeverity: opening.severity,
    phase: 'declared',
    outcome: null,
    roles: { ic: null, technicalLead: null, communicationsLead: null, scribe: null },
    decision: null,
    resolution: null,
    impact: null,
    actionItems: [],
    postmortem: null,
    involved: opening.declaredBy === null ? [] : [opening.declaredBy],
    lastSignAt: at,
    inactivity: null,
    businessDay: null,
    commanderCalled: false,
    policyAskedBy: null,
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
    chain: unbegunChain(pageAfterMs === null ? null : at + pageAfterMs),
    attempts: {},
    paged: [],
    leadershipPaged: [],
    leadershipCalled: false,
    internalClock: startClock(at),
    publicClock: null,
    publicWord: null,
    watch: null,
    recurredAt: [],
    flapping: false,
    orders: NO_ORDERS,
    deliveries: [],
    answered: [],
    refs: {},
    revision: 0,
    seq: 0,
    timeline: [],
    tail: [],
    changedAlerts: [],
    mergedInto: null,
    postIncident: false,
  };
}
