/** Chooses who handles a command: the incident, its post-incident flow, or nobody. Pure. */
import type { Command, CommandType } from '../../domain/kernel/commands.ts';
import { commandsAllowedIn } from '../../domain/engine/allowed-commands.ts';
import { isOpen, type Phase } from '../../domain/kernel/phase.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { Refusal } from '../../workflows/contract.ts';

/** Commands that the post-incident flow accepts; a resolved incident accepts no others. */
const POST_INCIDENT_COMMANDS: readonly CommandType[] = commandsAllowedIn('resolved');
/** Those it still accepts once the incident is closed. */
const AFTER_CLOSING: readonly CommandType[] = commandsAllowedIn('closed').filter((type) => type !== 'reopen');
/** No open incident accepts these. */
const NEVER_WHILE_OPEN: readonly CommandType[] = ['close', 'reopen', 'completePostmortem'];

export const mayBeForPostIncident = ({ type }: Command): boolean => POST_INCIDENT_COMMANDS.includes(type);

/** Commands that are probably meant for the post-incident flow: the incident is queried before they are sent. */
export const needsLookupFirst = ({ type }: Command): boolean => NEVER_WHILE_OPEN.includes(type);

export type CommandDestination =
  | { readonly to: 'incident' }
  | { readonly to: 'postIncident'; readonly incidentId: string }
  | { readonly to: 'nobody'; readonly refusal: Refusal };

/**
 * `over`: the incident's run has ended, so it cannot answer. A command for an incident that is not the newest of its
 * workflow goes to that incident's post-incident flow, or to nobody.
 */
export function commandDestination(
  command: Command,
  { view, runHasEnded }: { view: IncidentView; runHasEnded: boolean },
): CommandDestination {
  const { phase, id: incidentId } = view;
  if (
    command.incidentId !== undefined &&
    command.incidentId !== incidentId &&
    !view.aliases?.includes(command.incidentId)
  ) {
    if (mayBeForPostIncident(command)) return { to: 'postIncident', incidentId: command.incidentId };
    return { to: 'nobody', refusal: refusalForOlderIncident(view, 'resolved') };
  }
  // A merged incident is reopened by its own run, which forwards its alerts until then.
  if (isOpen(phase) || (view.mergedTo?.isOver === false && !runHasEnded)) return { to: 'incident' };
  if (mayBeForPostIncident(command) && (runHasEnded || needsLookupFirst(command)))
    return { to: 'postIncident', incidentId };
  if (!runHasEnded) return { to: 'incident' };
  return { to: 'nobody', refusal: refusalWhenOver(view) };
}

/** The answer for a run that has ended. */
export function refusalWhenOver({ phase }: Pick<IncidentView, 'phase'>): Refusal {
  return { reason: `the incident is ${phase}`, phase, allowed: allowedCommandsIn(phase) };
}

/**
 * A run that has resolved or ended reports `resolved`. Its post-incident flow may have closed the incident since, which
 * allows fewer commands; `now`: the state of both together, null when it could not be queried.
 */
export function refusalInCurrentPhase(refusal: Refusal, now: Pick<IncidentView, 'phase'> | null): Refusal {
  return refusal.phase === 'resolved' && now?.phase === 'closed' ? refusalWhenOver(now) : refusal;
}

/** The answer for an incident that a newer one has replaced: `phase` is the older one's. */
export function refusalForOlderIncident(newer: Pick<IncidentView, 'id' | 'reference'>, phase: Phase): Refusal {
  const reason = `this incident is over, and a newer one has its place: ${newer.reference ?? newer.id}`;
  return { reason, phase, allowed: allowedCommandsIn(phase) };
}

const allowedCommandsIn = (phase: Phase): readonly CommandType[] =>
  phase === 'closed' ? AFTER_CLOSING : POST_INCIDENT_COMMANDS;
