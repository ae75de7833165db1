/** Who judges a command: the incident, its post-incident flow, or nobody any more. Pure. */
import type { Command, CommandType } from '../../domain/commands.ts';
import { allowedIn } from '../../domain/matrix.ts';
import { isOpen, type Phase } from '../../domain/phase.ts';
import type { IncidentView } from '../../domain/view.ts';
import type { Refusal } from '../../workflows/contract.ts';

/** What the post-incident flow takes; an incident that is resolved allows nothing else. */
const POST_INCIDENT_COMMANDS: readonly CommandType[] = allowedIn('resolved');
/** What it still takes of an incident that is closed. */
const AFTER_CLOSING: readonly CommandType[] = allowedIn('closed').filter((type) => type !== 'reopen');
/** Nothing that is open takes these. */
const NEVER_WHILE_OPEN: readonly CommandType[] = ['close', 'reopen', 'completePostmortem'];

export const mayBeForPostIncident = ({ type }: Command): boolean => POST_INCIDENT_COMMANDS.includes(type);

/** Commands that are most likely meant for the post-incident flow: the incident is looked at before they are sent anywhere. */
export const asksFirst = ({ type }: Command): boolean => NEVER_WHILE_OPEN.includes(type);

export type Destination =
  | { readonly to: 'incident' }
  | { readonly to: 'postIncident'; readonly incidentId: string }
  | { readonly to: 'nobody'; readonly refusal: Refusal };

/**
 * `over`: the incident's run has ended, so it cannot answer for itself. A command for an incident that is not the
 * incident's newest belongs to that incident's post-incident flow, or to nobody.
 */
export function destinationOf(command: Command, { view, over }: { view: IncidentView; over: boolean }): Destination {
  const { phase, id: incidentId } = view;
  if (
    command.incidentId !== undefined &&
    command.incidentId !== incidentId &&
    !view.aliases?.includes(command.incidentId)
  ) {
    if (mayBeForPostIncident(command)) return { to: 'postIncident', incidentId: command.incidentId };
    return { to: 'nobody', refusal: refusalOfOlder(view, 'resolved') };
  }
  // What is merged is reopened by its own run, which forwards its alerts until then.
  if (isOpen(phase) || (view.mergedTo?.isOver === false && !over)) return { to: 'incident' };
  if (mayBeForPostIncident(command) && (over || asksFirst(command))) return { to: 'postIncident', incidentId };
  if (!over) return { to: 'incident' };
  return { to: 'nobody', refusal: refusalWhenOver(view) };
}

/** The answer for a run that has ended. */
export function refusalWhenOver({ phase }: Pick<IncidentView, 'phase'>): Refusal {
  return { reason: `the incident is ${phase}`, phase, allowed: allowedWhen(phase) };
}

/**
 * A run that lingers or has ended says what it was: resolved. Its post-incident flow may have closed the incident since, which allows less;
 * `now`: the two together, null when they could not be asked.
 */
export function refusalAsItIs(refusal: Refusal, now: Pick<IncidentView, 'phase'> | null): Refusal {
  return refusal.phase === 'resolved' && now?.phase === 'closed' ? refusalWhenOver(now) : refusal;
}

/** The answer for an incident whose place a newer one has: `phase` is the older one's. */
export function refusalOfOlder(newer: Pick<IncidentView, 'id' | 'reference'>, phase: Phase): Refusal {
  const reason = `this incident is over, and a newer one has its place: ${newer.reference ?? newer.id}`;
  return { reason, phase, allowed: allowedWhen(phase) };
}

const allowedWhen = (phase: Phase): readonly CommandType[] =>
  phase === 'closed' ? AFTER_CLOSING : POST_INCIDENT_COMMANDS;
