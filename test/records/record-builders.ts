/** Small valid things for the records: a test states only what it is about. */
import type {
  IncidentProjection,
  ProjectionBatch,
  RecordedAlert,
  RecordedDelivery,
  RecordedTimelineEntry,
  RecordedOutboundMessage,
} from '../../domain/engine/projection.ts';
import type { PublicUpdate } from '../../records/open-records.ts';

/** Saturday noon. */
export const NOON = Date.parse('2026-11-21T12:00:00.000Z');

/** An incident's id: `n` tells them apart, and later ones are greater. */
export function anIncidentId(n: number): string {
  return `01K${String(n).padStart(23, '0')}`;
}

export function aHead(over: Partial<IncidentProjection> = {}): IncidentProjection {
  return {
    workflowId: 'inc-platform-1',
    id: anIncidentId(1),
    title: 'Payments are down',
    summary: 'no payment for 5 min',
    severity: 'SEV2',
    highestSeverity: 'SEV2',
    severityGuessed: false,
    phase: 'declared',
    outcome: null,
    test: false,
    restricted: false,
    team: 'platform',
    service: 'payments',
    component: 'Checkout',
    source: 'alertmanager',
    declaredBy: null,
    roles: { ic: null, technicalLead: null, communicationsLead: null, scribe: null },
    impact: null,
    decision: null,
    actionItems: [],
    postmortem: null,
    peopleInvolved: [],
    alertCount: 1,
    firingCount: 1,
    truncatedAlerts: 0,
    deadlines: [],
    detectedAt: null,
    declaredAt: new Date(NOON).toISOString(),
    acknowledgeDueAt: null,
    acknowledgedAt: null,
    publicDueAt: null,
    acknowledgedBy: null,
    mitigationStartedAt: null,
    mitigatedAt: null,
    resolvedAt: null,
    closedAt: null,
    resolution: null,
    recurrenceOf: null,
    mergedInto: null,
    channel: null,
    ticket: null,
    flapping: false,
    seq: 0,
    ...over,
  };
}

/** A batch whose head belongs to it. */
export function aRecordBatch({
  head = {},
  ...over
}: Partial<Omit<ProjectionBatch, 'projection'>> & { head?: Partial<IncidentProjection> } = {}): ProjectionBatch {
  const { workflowId = 'inc-platform-1', incidentId = anIncidentId(1) } = over;
  const own = aHead({ workflowId, id: incidentId, ...head });
  return {
    stateVersion: 1,
    entries: [],
    deliveries: [],
    messages: [],
    alerts: [],
    ...over,
    workflowId,
    incidentId,
    projection: own,
  };
}

export function aRecordedEntry(seq: number, over: Partial<RecordedTimelineEntry> = {}): RecordedTimelineEntry {
  return { seq, at: NOON + seq, kind: 'noted', by: null, text: `line ${seq}`, ...over };
}

export function aDelivery(key: string, over: Partial<RecordedDelivery> = {}): RecordedDelivery {
  return {
    at: new Date(NOON + 1).toISOString(),
    to: 'ana',
    method: 'webhook',
    key,
    state: 'accepted',
    reason: null,
    ...over,
  };
}

export function aMessage(n: number, over: Partial<RecordedOutboundMessage> = {}): RecordedOutboundMessage {
  return { n, at: NOON + n, kind: 'chat', about: 'declared', to: [], text: `message ${n}`, ...over };
}

export function aRecordedAlert(fingerprint: string, over: Partial<RecordedAlert> = {}): RecordedAlert {
  return {
    fingerprint,
    status: 'firing',
    startsAt: new Date(NOON).toISOString(),
    endsAt: null,
    labels: { alertname: 'Down' },
    annotations: {},
    links: {},
    ...over,
  };
}

export function aPublicUpdate(n: number, over: Partial<PublicUpdate> = {}): PublicUpdate {
  return {
    incidentId: anIncidentId(1),
    n,
    at: NOON + n,
    state: 'Investigating',
    impact: 'major',
    component: 'Checkout',
    text: `public ${n}`,
    nextUpdateAt: null,
    ...over,
  };
}
