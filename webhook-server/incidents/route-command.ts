/** Who judges a command: the incident, its post-incident flow, or nobody any more. Pure. */
import type { Command, CommandType } from '../../domain/kernel/commands.ts';
import { commandsAllowedIn } from '../../domain/engine/allowed-commands.ts';
import { isOpen, type Phase } from '../../domain/kernel/phase.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { Refusal } from '../../workflows/contract.ts';

/** What the post-incident flow takes; an incident that is resolved allows nothing else. */
const POST_INCIDENT_COMMANDS: readonly CommandType[] = commandsAllowedIn('resolved');
/** What it still takes of an incident that is closed. */
const AFTER_CLOSING: readonly CommandType[] = commandsAllowedIn('closed').filter((type) => type !== 'reopen');
/** Nothing that is open takes these. */
const NEVER_WHILE_OPEN: readonly CommandType[] = ['close', 'reopen', 'completePostmortem'];

export const mayBeForPostIncident = ({ type }: Command): boolean => POST_INCIDENT_COMMANDS.includes(type);

/** Commands that are most likely meant for the post-incident flow: the incident is looked at before they are sent anywhere. */
export const needsLookupFirst = ({ type }: Command): boolean => NEVER_WHILE_OPEN.includes(type);

export type CommandDestination =
  | { readonly to: 'incident' }
  | { readonly to: 'postIncident'; readonly incidentId: string }
  | { readonly to: 'nobody'; readonly refusal: Refusal };

/**
 * `over`: the incident's run has ended, so it cannot answer for itself. A command for an incident that is not the
 * incident's newest belongs to that incident's post-incident flow, or to nobody.
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
  // What is merged is reopened by its own run, which forwards its alerts until then.
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
 * A run that lingers or has ended says what it was: resolved. Its post-incident flow may have closed the incident since, which allows less;
 * `now`: the two together, null when they could not be asked.
 */
export function refusalInCurrentPhase(refusal: Refusal, now: Pick<IncidentView, 'phase'> | null): Refusal {
  return refusal.phase === 'resolved' && now?.phase === 'closed' ? refusalWhenOver(now) : refusal;
}

/** The answer for an incident whose place a newer one has: `phase` is the older one's. */
export function refusalForOlderIncident(newer: Pick<IncidentView, 'id' | 'reference'>, phase: Phase): Refusal {
  const reason = `this incident is over, and a newer one has its place: ${newer.reference ?? newer.id}`;
  return { reason, phase, allowed: allowedCommandsIn(phase) };
}

const allowedCommandsIn = (phase: Phase): readonly CommandType[] =>
  phase === 'closed' ? AFTER_CLOSING : POST_INCIDENT_COMMANDS;
