/** The command × phase matrix: what responders can say, and when. RUNBOOK §4. Pure. */
import type { CommandType } from '../kernel/commands.ts';
import { COMMAND_TYPES } from '../kernel/commands.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeTarget } from '../kernel/merge-peers.ts';
import type { Phase } from '../kernel/phase.ts';

const OPEN: readonly Phase[] = ['declared', 'investigating', 'mitigating', 'monitoring'];
const ALWAYS: readonly Phase[] = [...OPEN, 'resolved', 'closed'];

/** In which phases a command may be given at all. */
export const ALLOWED_IN: Readonly<Record<CommandType, readonly Phase[]>> = {
  acknowledge: OPEN,
  decline: ['declared'],
  assignRole: OPEN,
  setSeverity: OPEN,
  assessImpact: [...OPEN, 'resolved'],
  postUpdate: OPEN,
  addNote: ALWAYS,
  decideMitigation: ['investigating', 'mitigating'],
  reportMitigation: ['mitigating'],
  runAction: OPEN,
  resolve: OPEN,
  // Closed: only while it is merged into another that is open.
  reopen: ['monitoring', 'resolved', 'closed'],
  declareFalseAlarm: OPEN,
  merge: OPEN,
  split: OPEN,
  escalate: OPEN,
  movePolicy: OPEN,
  addActionItem: ALWAYS,
  completeActionItem: ALWAYS,
  completePostmortem: ['resolved'],
  close: ['resolved'],
};

/** Commands that `phase` allows. */
export function commandsAllowedIn(phase: Phase): readonly CommandType[] {
  return COMMAND_TYPES.filter((type) => ALLOWED_IN[type].includes(phase));
}

/**
 * Those of them that can be meant here: only a storm has groups to take out, only what is merged into an open one can
 * be taken back.
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
