/** Who judges a command: the incident, its aftercare, or nobody any more. Pure. */
import type { Command, CommandType } from '../../domain/commands.ts';
import { isOpen } from '../../domain/phase.ts';
import type { IncidentView } from '../../domain/view.ts';
import type { Refusal } from '../../workflows/contract.ts';

/** What aftercare takes; an incident that is resolved allows nothing else. */
const AFTERCARE_COMMANDS: readonly CommandType[] = ['reopen', 'close', 'addNote'];

/** Commands that may be meant for aftercare: the incident is looked at before they are sent anywhere. */
export const asksFirst = ({ type }: Command): boolean => type === 'close' || type === 'reopen';

export type Destination =
  | { readonly to: 'incident' }
  | { readonly to: 'aftercare'; readonly episode: string }
  | { readonly to: 'nobody'; readonly refusal: Refusal };

/**
 * `over`: the incident's run has ended, so it cannot answer for itself. A command for an episode that is not the
 * incident's newest belongs to that episode's aftercare.
 */
export function destinationOf(command: Command, { view, over }: { view: IncidentView; over: boolean }): Destination {
  const { phase, episode } = view;
  const forAftercare = AFTERCARE_COMMANDS.includes(command.type);
  const older = command.episode !== undefined && command.episode !== episode;
  if (older && forAftercare) return { to: 'aftercare', episode: command.episode ?? episode };
  if (isOpen(phase)) return { to: 'incident' };
  if (forAftercare && (over || asksFirst(command))) return { to: 'aftercare', episode };
  if (!over) return { to: 'incident' };
  return { to: 'nobody', refusal: refusalWhenOver(view) };
}

/** The answer for a run that has ended. */
export function refusalWhenOver({ phase }: Pick<IncidentView, 'phase'>): Refusal {
  const allowed = phase === 'closed' ? [] : AFTERCARE_COMMANDS;
  return { reason: `the incident is ${phase}`, phase, allowed };
}
