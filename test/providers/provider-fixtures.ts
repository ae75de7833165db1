/** Small valid things for providers: a page, an incident's scene, a post. A test states only what it is about. */
import type { ChatPost, Page, Refs, IncidentContext } from '../../activities/ports.ts';
import type { IncidentProjection } from '../../domain/engine/projection.ts';

export const INCIDENT_ID = '01HM5Z0000ABCDEFGHJKMNPQRS';
/** Monday 2024-01-15 14:05 in Berlin. */
const DECLARED_AT = Date.parse('2024-01-15T13:05:00Z');

export const INCIDENT: IncidentContext['incident'] = {
  reference: 'INC-2024-003',
  workflowId: 'platform-payments-0a1b2c3d',
  id: INCIDENT_ID,
  severity: 'SEV1',
  title: 'Payment processing down',
  summary: 'Nobody can pay',
  phase: 'declared',
  team: 'platform',
  service: 'payments',
  alerts: [],
  alertCount: 0,
  url: 'https://tocsin.example/incidents/platform-payments-0a1b2c3d',
};

export function aPage(over: Partial<Page> = {}): Page {
  return {
    key: `${INCIDENT_ID}/page/1.1.1/ana.webhook`,
    kind: 'page',
    reason: 'on-call',
    to: 'ana',
    level: 1,
    cycle: 1,
    attempt: 1,
    lateByMs: 0,
    text: 'SEV1 Payment processing down',
    why: 'You are on call',
    calledBy: null,
    incident: INCIDENT,
    acknowledgeUrl: 'https://tocsin.example/ack/token-for-ana',
    ...over,
  };
}

export function aPost(over: Partial<ChatPost> = {}): ChatPost {
  const text = 'INCIDENT DECLARED: Payment processing down';
  return {
    key: `${INCIDENT_ID}/post/1`,
    at: Date.now(),
    mayBeRepeat: false,
    about: 'declared',
    text,
    releases: null,
    ...over,
  };
}

function aHead(over: Partial<IncidentProjection> = {}): IncidentProjection {
  const { workflowId, id: incidentId, title, summary, severity, phase, team, service } = INCIDENT;
  return {
    ...{ workflowId, id: incidentId, title, summary, severity, phase, team, service },
    highestSeverity: 'SEV1',
    severityGuessed: false,
    outcome: null,
    test: false,
    restricted: false,
    component: 'Checkout',
    source: 'api',
    declaredBy: 'ana',
    roles: { ic: null, technicalLead: null, communicationsLead: null, scribe: null },
    impact: null,
    decision: null,
    actionItems: [],
    postmortem: null,
    peopleInvolved: [],
    alertCount: 0,
    firingCount: 0,
    truncatedAlerts: 0,
    deadlines: [],
    detectedAt: null,
    declaredAt: new Date(DECLARED_AT).toISOString(),
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
    seq: 1,
    ...over,
  };
}

interface SceneOver {
  readonly incident?: Partial<IncidentContext['incident']>;
  readonly head?: Partial<IncidentProjection>;
  readonly wantsChannel?: boolean;
  readonly responders?: readonly string[];
  /** Shared between scenes, as the incident's state is between calls. */
  readonly refs?: Record<string, string>;
}

/** A scene whose refs can be read from outside: `learn` writes into `over.refs`. */
export function anIncidentContext({
  incident,
  head,
  wantsChannel = true,
  responders = [],
  refs = {},
}: SceneOver = {}): IncidentContext {
  return {
    incident: { ...INCIDENT, ...incident },
    projection: aHead(head),
    wantsChannel,
    responders,
    nameOf: (person) => (person === 'ana' ? 'Ana Ruiz' : person),
    refs: (): Refs => refs,
    keepRefs: (news) => {
      Object.assign(refs, news);
    },
  };
}
