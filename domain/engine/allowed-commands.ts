/** Which commands an incident takes now. RUNBOOK §4. Pure. */
import type { CommandType } from '../kernel/commands.ts';
import { COMMAND_TYPES, phasesAllowing } from '../kernel/commands.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeTarget } from '../kernel/merge-messages.ts';
import type { Phase } from '../kernel/phase.ts';

/** Commands that `phase` allows. */
export function commandsAllowedIn(phase: Phase): readonly CommandType[] {
  return COMMAND_TYPES.filter((type) => phasesAllowing(type).includes(phase));
}

/**
 * The allowed commands that apply to this incident: only a storm has groups to split off, and only an incident merged
 * into an open one can be taken back.
 */
export function commandsAllowedNow(incident: Incident): readonly CommandType[] {
  const isMeant: Partial<Record<CommandType, boolean>> = {
    decline: incident.escalation.paged.length > 0,
    // No configuration has actions yet.
    runAction: false,
    split: incident.alerts.storm !== undefined,
    reopen: incident.phase !== 'closed' || mergeTarget(incident) !== null,
    merge: !incident.test && incident.alerts.storm === undefined,
    completeActionItem: incident.postIncident.actionItems.some(({ doneAt }) => doneAt === null),
    completePostmortem: incident.postIncident.postmortem === null,
  };
  return commandsAllowedIn(incident.phase).filter((type) => isMeant[type] !== false);
}
