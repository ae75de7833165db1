/** Moves an incident's chain without any clock or server. */
import { blankIncident } from '../../domain/begin.ts';
import { chainEvents, nextInChain } from '../../domain/escalation.ts';
import type { IncidentEvent, PageDelivery } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import type { PageOrder } from '../../domain/orders.ts';
import { isWorthRepeating } from '../../domain/page-orders.ts';
import { anOpening } from '../support/builders.ts';

export function declared(over: Partial<Opening> = {}): Incident {
  const opening = anOpening(over);
  return evolve(blankIncident(opening, 0), { type: 'declared', at: 0, opening });
}

/** Does what is due at `at`, or at its own time. */
export function due(
  incident: Incident,
  at?: number,
): { readonly incident: Incident; readonly events: readonly IncidentEvent[] } {
  const next = nextInChain(incident);
  if (next === null) throw new Error('nothing is due');
  const events = chainEvents(incident, next, at ?? next.at);
  return { incident: events.reduce(evolve, incident), events };
}

/** What the outside answers to an order: everybody reached, nobody there, or no vendor answering. */
export function answer(incident: Incident, order: PageOrder, outcome: Outcome, at: number): readonly IncidentEvent[] {
  const deliveries = outcome === 'reached' ? order.targets.map((target) => delivery(order, target, at)) : [];
  const again = outcome === 'unreached' && isWorthRepeating(incident, order);
  const paged: IncidentEvent = { type: 'paged', at, order: order.n, deliveries, methods: 2, unknown: [], again };
  const { chain } = incident;
  const current = order.cycle === chain.cycle && order.targets.some(({ level }) => level === chain.level);
  const vacant = order.opensLevel && current && chain.open && !incident.test && outcome !== 'reached';
  return vacant ? [paged, { type: 'level-unreachable', at, level: chain.level, why: outcome }] : [paged];
}

export type Outcome = 'reached' | 'nobody' | 'unreached';

function delivery({ cycle }: PageOrder, { level, attempt }: PageOrder['targets'][number], at: number): PageDelivery {
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

export function reachAll(incident: Incident, at: number): Incident {
  return incident.orders.pages.reduce((now, order) => answer(now, order, 'reached', at).reduce(evolve, now), incident);
}
