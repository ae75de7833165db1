/** An incident played in the pure domain: events in, state out. Times are minutes since the declaration. */
import type { Decision } from '../../domain/kernel/decision.ts';
import { observe } from '../../domain/engine/observe.ts';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import { blankIncident, evolve } from '../../domain/engine/evolve.ts';
import type { CommandType } from '../../domain/kernel/commands.ts';
import { decide } from '../../domain/engine/decide.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { anAlertBatch, anAlert, aDeclaration } from './builders.ts';
import type { TestCommand } from './scenario.ts';

/** The declaration. */
export const T0 = Date.UTC(2026, 10, 21, 12);

/** So many minutes after it. */
export const atMinute = (minutes: number): number => T0 + minutes * 60_000;

export function declaredIncident(over: Partial<Declaration> = {}): Incident {
  const declaration = aDeclaration(over);
  return evolve(blankIncident(declaration, T0), { type: 'declared', at: T0, declaration });
}

export function afterEvents(incident: Incident, ...events: readonly IncidentEvent[]): Incident {
  return events.reduce(evolve, incident);
}

/** What a message changes, and what it leaves for a new incident. */
export function afterAlerts(
  incident: Incident,
  minute: number,
  alerts: readonly Partial<AlertReport>[],
  over: Partial<AlertBatch> = {},
): { incident: Incident; events: readonly IncidentEvent[]; kinds: string[]; recurring: readonly AlertReport[] } {
  const batch = anAlertBatch(alerts.map(anAlert), { receivedAt: atMinute(minute), ...over });
  const { events, recurring } = observe(incident, batch, atMinute(minute));
  return { incident: afterEvents(incident, ...events), events, kinds: events.map(({ type }) => type), recurring };
}

/** The records say that they have everything up to `revision`. */
export const recordedUpTo = (revision: number): IncidentEvent => ({
  type: 'notification-accepted',
  at: atMinute(1),
  acceptedEntries: [],
  deliveries: [],
  refs: {},
  projectedVersion: revision,
  assignedReference: null,
});

/** A declared incident with one alert firing from minute 0. */
export function firingIncident(over: Partial<Declaration> = {}): Incident {
  return afterAlerts(declaredIncident(over), 0, [{ severity: over.severity ?? 'SEV2' }]).incident;
}

export function decideCommand(incident: Incident, { by = 'ana', ...command }: TestCommand, minute = 1): Decision {
  return decide(incident, { by, ...command }, atMinute(minute));
}

/** Gives a command that must not be refused. */
export function afterCommand(incident: Incident, command: TestCommand, minute = 1): Incident {
  const decision = decideCommand(incident, command, minute);
  if (decision.refused) throw new Error(decision.reason);
  return afterEvents(incident, ...decision.events);
}

/** Every command with arguments that are right. */
export const SAMPLE_COMMANDS: { readonly [T in CommandType]: Extract<TestCommand, { type: T }> } = {
  acknowledge: { type: 'acknowledge' },
  decline: { type: 'decline' },
  assignRole: { type: 'assignRole', role: 'scribe', person: 'bo' },
  setSeverity: { type: 'setSeverity', severity: 'SEV1', reason: 'worse' },
  postUpdate: { type: 'postUpdate', text: 'Working on it', audience: 'internal' },
  assessImpact: { type: 'assessImpact', summary: 'Checkout fails for some', scope: 'subset', usersAffected: 12 },
  cause: { type: 'cause', text: 'a full disk' },
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
