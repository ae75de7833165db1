/**
 * A whole incident in the pure domain, with a clock: everything that time brings is done when it is due, as the
 * workflow does it, and nothing leaves. For walks through whatever may happen.
 */
import type { AlertReport } from '../../domain/alert.ts';
import { observe } from '../../domain/alerts.ts';
import { blankIncident } from '../../domain/begin.ts';
import { nextUpdate } from '../../domain/clocks.ts';
import { decide } from '../../domain/decide.ts';
import type { Decision } from '../../domain/decision.ts';
import { chainEvents, nextInChain } from '../../domain/escalation.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import { nextInactivity } from '../../domain/inactivity.ts';
import { nextInWatch } from '../../domain/watch.ts';
import { answer, type Outcome } from '../domain/chain.ts';
import { aBatch, anAlert, anOpening } from './builders.ts';
import type { SayableCommand } from './story.ts';

export interface Life {
  readonly incident: Incident;
  readonly at: number;
  /** Everything that has happened, from the declaration on. */
  readonly events: readonly IncidentEvent[];
}

/** Told of each event as it happens. */
export type Witness = (before: Incident, event: IncidentEvent, after: Incident) => void;

export interface LifeTeller {
  readonly life: () => Life;
  /** Lets time pass to the next moment at which something is due; false when nothing ever will be. */
  readonly tick: () => boolean;
  /** What vendors and people answer to every page that is under way. */
  readonly answerPages: (outcome: Outcome) => void;
  readonly say: (command: SayableCommand) => Decision;
  readonly hear: (...alerts: readonly Partial<AlertReport>[]) => void;
  /** Everything owed is told, and the records have it. */
  readonly tellAll: () => void;
  readonly wait: (ms: number) => void;
}

export function born(over: Partial<Opening> = {}): Life {
  const opening = anOpening(over);
  const declared: IncidentEvent = { type: 'declared', at: 0, opening };
  return { incident: evolve(blankIncident(opening, 0), declared), at: 0, events: [declared] };
}

/** Goes on from `start`, which stays as it is. */
export function resume(start: Life, witness: Witness = () => undefined): LifeTeller {
  let { incident, at } = start;
  const events = [...start.events];
  const record = (news: readonly IncidentEvent[]): void => {
    for (const event of news) {
      const before = incident;
      incident = evolve(before, event);
      events.push(event);
      witness(before, event, incident);
    }
  };
  return {
    life: () => ({ incident, at, events }),
    tick: () => {
      const due = soonest(incident);
      if (due === null) return false;
      at = Math.max(at, due.at);
      record(due.events(at));
      return true;
    },
    answerPages: (outcome) => {
      for (const order of incident.orders.pages) record(answer(incident, order, outcome, at));
    },
    say: ({ by = 'ana', ...command }) => {
      const decision = decide(incident, { by, ...command }, at);
      if (!decision.refused) record(decision.events);
      return decision;
    },
    hear: (...alerts) => record(observe(incident, aBatch(alerts.map(anAlert)), at).events),
    tellAll: () => record([allTold(incident, at)]),
    wait: (ms) => {
      at += ms;
    },
  };
}

interface Due {
  readonly at: number;
  readonly events: (at: number) => readonly IncidentEvent[];
}

/** What time alone brings next. */
function soonest(incident: Incident): Due | null {
  const dues = [chainDue(incident), silenceDue(incident), updateDue(incident), watchDue(incident)];
  return dues.reduce((first, due) => (due === null || (first !== null && first.at <= due.at) ? first : due), null);
}

function chainDue(incident: Incident): Due | null {
  const due = nextInChain(incident);
  return due && { at: due.at, events: (at) => chainEvents(incident, due, at) };
}

function silenceDue(incident: Incident): Due | null {
  const due = nextInactivity(incident);
  const types = { ask: 'inactivity-nudged', page: 'inactivity-paged', escalate: 'inactivity-escalated' } as const;
  return due && { at: due.at, events: (at) => [{ type: types[due.act], at }] };
}

function updateDue(incident: Incident): Due | null {
  const due = nextUpdate(incident);
  if (due === null) return null;
  const { act, audiences, dueAt } = due;
  return {
    at: due.at,
    events: (at) => {
      if (act === 'go-public') return [{ type: 'public-begun', at, why: 'acknowledged' }];
      return [{ type: act === 'remind' ? 'update-reminded' : 'update-missed', at, audiences, dueAt }];
    },
  };
}

function watchDue(incident: Incident): Due | null {
  const due = nextInWatch(incident);
  const types = { ask: 'confirmation-asked', resolve: 'resolved', 'end-test': 'test-ended' } as const;
  return due && { at: due.at, events: (at) => [{ type: types[due.act], at }] };
}

function allTold({ orders, revision }: Incident, at: number): IncidentEvent {
  const { pages: _pages, given: _given, splits: _splits, ...lines } = orders;
  const told = Object.values(lines).flatMap((line) => line.map((order) => ('n' in order ? order.n : 0)));
  return {
    type: 'notification-accepted',
    at,
    orders: told,
    deliveries: [],
    refs: {},
    recorded: revision,
    numbered: null,
  };
}
