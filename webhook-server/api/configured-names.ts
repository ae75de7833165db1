/** Names in requests that must exist in the configuration. A problem says which ones do. */
import type { Config } from '../../config/config.ts';
import type { Command, Problem } from '../../domain/kernel/commands.ts';
import { HttpProblem } from '../http/problem.ts';

/** Enough to spot one's own misspelling. */
const NAMES_SHOWN = 30;

export const unknownPerson = ({ people }: Config, at: string, name: string): Problem | null =>
  people.has(name) ? null : { at, message: `no such person; known: ${joinList(people.keys())}` };

export const unknownTeam = ({ teams }: Config, at: string, name: string): Problem | null =>
  teams.has(name) ? null : { at, message: `no such team; known: ${joinList(teams.keys())}` };

/** The first name in `command` that nobody defined; null when all are known. */
export function unknownName(config: Config, command: Command): Problem | null {
  if (command.type === 'assignRole') return unknownPerson(config, 'person', command.person);
  if (command.type === 'addActionItem') {
    return command.owner === undefined ? null : unknownPerson(config, 'owner', command.owner);
  }
  if (command.type !== 'escalate' || command.to === undefined) return null;
  const { people, teams } = config;
  if (people.has(command.to) || teams.has(command.to)) return null;
  return { at: 'to', message: `no such person or team; known: ${joinList([...people.keys(), ...teams.keys()])}` };
}

/** Throws `HttpProblem` (422) for an action that the configuration does not have: no phase will ever allow it. */
export function requireConfiguredAction({ actions }: Config, command: Command): void {
  if (command.type !== 'runAction' || actions.has(command.action)) return;
  const known = actions.size === 0 ? 'none is configured' : `known: ${joinList(actions)}`;
  const message = `no such action; ${known}`;
  throw new HttpProblem(422, message, { problems: [{ at: 'action', message }], reason: 'not_configured' });
}

function joinList(names: Iterable<string>): string {
  const all = [...names].sort();
  return all.length > NAMES_SHOWN
    ? `${all.slice(0, NAMES_SHOWN).join(', ')} and ${all.length - NAMES_SHOWN} more`
    : all.join(', ');
}
