/** Why a phase does not allow a command, in the words of the command line, and what can be done instead. Pure. */
import { COMMANDS, type CommandType } from '../kernel/commands.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeTarget } from '../kernel/merge-messages.ts';
import { isOpen, type Phase } from '../kernel/phase.ts';
import { referenceOf } from '../kernel/queries.ts';

/** "tocsin decide is not possible while the incident is declared: acknowledge it first (tocsin ack INC-2026-003)". */
export function notPossibleNow(incident: Incident, type: CommandType): string {
  const command = `tocsin ${COMMANDS[type].cli.name}`;
  const there = mergeTarget(incident);
  if (there !== null) return `${command} is not possible here: this was merged into ${there.name}, so give it there`;
  const { phase } = incident;
  return `${command} is not possible while the incident is ${phase}: ${insteadOf(type, phase, referenceOf(incident))}`;
}

function insteadOf(type: CommandType, phase: Phase, name: string): string {
  if (phase === 'closed')
    return 'it takes only notes and action items now; if it is back, declare a new one (tocsin declare)';
  if (phase === 'resolved') return `if it is not over, reopen it (tocsin reopen ${name} --reason "…")`;
  switch (type) {
    case 'decline':
      return `somebody has it; hand it over (tocsin assign ${name} ic NAME) or call more people (tocsin escalate ${name} --reason "…")`;
    case 'reopen':
      return 'it is still open';
    case 'close':
    case 'completePostmortem':
      return `resolve it first (tocsin resolve ${name} --resolution "…")`;
    default:
      return workInstead(phase, name);
  }
}

/** For `decide` and `mitigation`. */
function workInstead(phase: Phase, name: string): string {
  if (phase === 'declared') return `acknowledge it first (tocsin ack ${name})`;
  if (phase === 'investigating') return `decide first (tocsin decide ${name} rollback, or fix-forward)`;
  return isOpen(phase) ? `if the fix does not hold, reopen it (tocsin reopen ${name} --reason "…")` : 'it is over';
}
