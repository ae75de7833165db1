/** An incident played in the pure domain: events in, state out. Times are minutes since the declaration. */
import { observe } from '../../domain/alerts.ts';
import type { AlertBatch, AlertReport } from '../../domain/alert.ts';
import { blankIncident } from '../../domain/begin.ts';
import type { CommandType } from '../../domain/commands.ts';
import { decide } from '../../domain/decide.ts';
import type { Decision } from '../../domain/decision.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import { aBatch, anAlert, anOpening } from './builders.ts';
import type { SayableCommand } from './story.ts';

/** The declaration. */
export const T0 = Date.UTC(2026, 10, 21, 12);
/** So many minutes after it. */
export const at = (minutes: number): number => T0 + minutes * 60_000;

export function declared(over: Partial<Opening> = {}): Incident {
  const opening = anOpening(over);
  return evolve(blankIncident(opening, T0), { type: 'declared', at: T0, opening });
}

export function after(incident: Incident, ...events: readonly IncidentEvent[]): Incident {
  return events.reduce(evolve, incident);
}

/** What a message changes, and what it leaves for a new incident. */
export function heard(
  incident: Incident,
  minute: number,
  alerts: readonly Partial<AlertReport>[],
  over: Partial<AlertBatch> = {},
): { incident: Incident; events: readonly IncidentEvent[]; kinds: string[]; recurring: readonly AlertReport[] } {
  const { events, recurring } = observe(incident, aBatch(alerts.map(anAlert), over), at(minute));
  return { incident: after(incident, ...events), events, kinds: events.map(({ type }) => type), recurring };
}

/** The records say that they have everything up to `revision`. */
export const recorded = (revision: number): IncidentEvent => ({
  type: 'notification-accepted',
  at: at(1),
  orders: [],
  deliveries: [],
  refs: {},
  recorded: revision,
  numbered: null,
});

/** A declared incident with one alert firing from minute 0. */
export function alarmed(over: Partial<Opening> = {}): Incident {
  return heard(declared(over), 0, [{ severity: over.severity ?? 'SEV2' }]).incident;
}

export function judged(incident: Incident, { by = 'ana', ...command }: SayableCommand, minute = 1): Decision {
  return decide(incident, { by, ...command }, at(minute));
}

/** Gives a command that must not be refused. */
export function told(incident: Incident, command: SayableCommand, minute = 1): Incident {
  const decision = judged(incident, command, minute);
  if (decision.refused) throw new Error(decision.reason);
  return after(incident, ...decision.events);
}

/** Every command with arguments that are right. */
export const SAMPLES: { readonly [T in CommandType]: Extract<SayableCommand, { type: T }> } = {
  acknowledge: { type: 'acknowledge' },
  decline: { type: 'decline' },
  assignRole: { type: 'assignRole', role: 'scribe', person: 'bo' },
  setSeverity: { type: 'setSeverity', severity: 'SEV1', reason: 'worse' },
  postUpdate: { type: 'postUpdate', text: 'Working on it', audience: 'internal' },
  assessImpact: { type: 'assessImpact', summary: 'Checkout fails for some', scope: 'subset', usersAffected: 12 },
  addNote: { type: 'addNote', text: 'a note' },
  decideMitigation: { type: 'decideMitigation', decision: 'rollback' },
  reportMitigation: { type: 'reportMitigation', outcome: 'worked' },
  runAction: { type: 'runAction', action: 'cache:clear:all', parameters: { region: 'eu' } },
  resolve: { type: 'resolve', resolution: 'rolled back' },
  reopen: { type: 'reopen', reason: 'not fixed' },
  declareFalseAlarm: { type: 'declareFalseAlarm', reason: 'a test load' },
  merge: { type: 'merge', into: 'inc-platform-0002' },
  split: { type: 'split', alert: 'a group' },
  escalate: { type: 'escalate', reason: 'need help' },
  movePolicy: { type: 'movePolicy' },
  addActionItem: { type: 'addActionItem', text: 'Watch the pool', owner: 'bo', due: '2026-12-01' },
  completeActionItem: { type: 'completeActionItem', item: 'A1' },
  completePostmortem: { type: 'completePostmortem', url: 'https://wiki.example.com/pm' },
  close: { type: 'close' },
};
