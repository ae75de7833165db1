/**
 * A whole incident in the pure domain, with a clock: everything that time brings is done when it is due, as the
 * workflow does it, and nothing leaves. For walks through whatever may happen.
 */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import { observe } from '../../domain/engine/observe.ts';
import { blankIncident, evolve, NEXT_DUE } from '../../domain/engine/evolve.ts';
import { decide } from '../../domain/engine/decide.ts';
import type { Decision } from '../../domain/kernel/decision.ts';
import type { Due, IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { answerPageRequest, type PageOutcome } from '../domain/escalation-steps.ts';
import { anAlertBatch, anAlert, aDeclaration } from './builders.ts';
import type { TestCommand } from './scenario.ts';

export interface SimulatedIncident {
  readonly incident: Incident;
  readonly at: number;
  /** Everything that has happened, from the declaration on. */
  readonly events: readonly IncidentEvent[];
}

/** Told of each event as it happens. */
export type EventObserver = (before: Incident, event: IncidentEvent, after: Incident) => void;

export interface IncidentSimulator {
  readonly snapshot: () => SimulatedIncident;
  /** Lets time pass to the next moment at which something is due; false when nothing ever will be. */
  readonly advanceToNextDeadline: () => boolean;
  /** What vendors and people answer to every page that is under way. */
  readonly answerPages: (outcome: PageOutcome) => void;
  readonly execute: (command: TestCommand) => Decision;
  readonly receiveAlerts: (...alerts: readonly Partial<AlertReport>[]) => void;
  /** Everything owed is told, and the records have it. */
  readonly deliverAll: () => void;
  readonly advanceMs: (ms: number) => void;
}

export function declareSimulated(over: Partial<Declaration> = {}): SimulatedIncident {
  const declaration = aDeclaration(over);
  const declared: IncidentEvent = { type: 'declared', at: 0, declaration };
  return { incident: evolve(blankIncident(declaration, 0), declared), at: 0, events: [declared] };
}

/** Goes on from `start`, which stays as it is. */
export function simulateFrom(
  start: SimulatedIncident,
  observeEvent: EventObserver = () => undefined,
): IncidentSimulator {
  let { incident, at } = start;
  const events = [...start.events];
  const record = (newEvents: readonly IncidentEvent[]): void => {
    for (const event of newEvents) {
      const before = incident;
      incident = evolve(before, event);
      events.push(event);
      observeEvent(before, event, incident);
    }
  };
  return {
    snapshot: () => ({ incident, at, events }),
    advanceToNextDeadline: () => {
      const due = nextDeadline(incident);
      if (due === null) return false;
      at = Math.max(at, due.at);
      record(due.events(at));
      return true;
    },
    answerPages: (outcome) => {
      for (const order of incident.outbox.pages) record(answerPageRequest(incident, order, outcome, at));
    },
    execute: ({ by = 'ana', ...command }) => {
      const decision = decide(incident, { by, ...command }, at);
      if (!decision.refused) record(decision.events);
      return decision;
    },
    receiveAlerts: (...alerts) =>
      record(observe(incident, anAlertBatch(alerts.map(anAlert), { receivedAt: at }), at).events),
    deliverAll: () => record([everythingDelivered(incident, at)]),
    advanceMs: (ms) => {
      at += ms;
    },
  };
}

/** What time alone brings next, as the workflow finds it. */
function nextDeadline(incident: Incident): Due | null {
  const dues = NEXT_DUE.map((next) => next(incident));
  return dues.reduce((first, due) => (due === null || (first !== null && first.at <= due.at) ? first : due), null);
}

/** Every notification is accepted and the records have everything. */
function everythingDelivered({ outbox, stateVersion }: Incident, at: number): IncidentEvent {
  const { pages: _pages, lastNumber: _given, splits: _splits, ...lines } = outbox;
  const told = Object.values(lines).flatMap((line) => line.map((order) => ('n' in order ? order.n : 0)));
  return {
    type: 'notification-accepted',
    at,
    acceptedEntries: told,
    deliveries: [],
    refs: {},
    projectedVersion: stateVersion,
    assignedReference: null,
  };
}
