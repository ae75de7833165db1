/** Moves an incident's chain without any clock or server. */
import { blankIncident, evolve } from '../../domain/engine/evolve.ts';
import { escalationEvents, nextEscalationStep } from '../../domain/escalation/escalation.ts';
import type { IncidentEvent, PageDelivery } from '../../domain/kernel/events.ts';
import type { EscalationState, Incident } from '../../domain/kernel/incident.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { PageRequest } from '../../domain/kernel/outbox.ts';
import { shouldReissuePage } from '../../domain/escalation/page-requests.ts';
import { aDeclaration } from '../support/builders.ts';

export function declaredIncident(over: Partial<Declaration> = {}): Incident {
  const declaration = aDeclaration(over);
  return evolve(blankIncident(declaration, 0), { type: 'declared', at: 0, declaration });
}

/** Where the levels stand, without what the escalation remembers beside. */
export function escalationStateOf({ escalation }: Incident): EscalationState {
  const { attempts: _a, paged: _p, leadershipPaged: _l, leadershipPageRequested: _r, ...rest } = escalation;
  const { responseTargets: _t, businessDay: _b, lastActivityAt: _la, inactivity: _i, ...others } = rest;
  const { commanderPaged: _c, aliases: _as, askedSince: _s, nextCause: _n, calls: _ca, ...state } = others;
  return state;
}

/** Does what is due at `at`, or at its own time. */
export function takeNextStep(
  incident: Incident,
  at?: number,
): { readonly incident: Incident; readonly events: readonly IncidentEvent[] } {
  const next = nextEscalationStep(incident);
  if (next === null) throw new Error('nothing is due');
  const events = escalationEvents(incident, next, at ?? next.at);
  return { incident: events.reduce(evolve, incident), events };
}

/** What the outside answers to an order: everybody reached, nobody there, or no vendor answering. */
export function answerPageRequest(
  incident: Incident,
  request: PageRequest,
  outcome: PageOutcome,
  at: number,
): readonly IncidentEvent[] {
  const deliveries = outcome === 'reached' ? request.targets.map((target) => delivery(request, target, at)) : [];
  const again = outcome === 'unreached' && shouldReissuePage(incident, request);
  const paged: IncidentEvent = {
    type: 'paged',
    at,
    requestNumber: request.n,
    deliveries,
    methods: 2,
    unknown: [],
    again,
  };
  const { escalation } = incident;
  const current = request.cycle === escalation.cycle && request.targets.some(({ level }) => level === escalation.level);
  const isLevelUnreachable =
    request.startsLevel && current && escalation.open && !incident.test && outcome !== 'reached';
  return isLevelUnreachable
    ? [paged, { type: 'level-unreachable', at, level: escalation.level, reason: outcome }]
    : [paged];
}

export type PageOutcome = 'reached' | 'nobody' | 'unreached';

function delivery(
  { cycle }: PageRequest,
  { level, attempt }: PageRequest['targets'][number],
  at: number,
): PageDelivery {
  const to = `person-${level}`;
  return {
    at,
    to,
    method: 'webhook',
    key: `${cycle}.${level}.${attempt}/${to}`,
    state: 'accepted',
    reason: null,
    level,
  };
}

export function acceptAllPages(incident: Incident, at: number): Incident {
  return incident.outbox.pages.reduce(
    (now, order) => answerPageRequest(now, order, 'reached', at).reduce(evolve, now),
    incident,
  );
}
