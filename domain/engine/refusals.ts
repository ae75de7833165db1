/** Why a phase does not allow a command, in the words of the command line, and what can be done instead. Pure. */
import { COMMANDS, type CommandType } from '../kernel/commands.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeTarget } from '../kernel/merge-messages.ts';
import type { Phase } from '../kernel/phase.ts';
import { referenceOf } from '../kernel/queries.ts';
import { holderOf } from '../kernel/roles.ts';

/** "tocsin decide is not possible while the incident is declared: acknowledge it first (tocsin ack INC-2026-003)". */
export function notPossibleNow(incident: Incident, type: CommandType): string {
  const command = `tocsin ${COMMANDS[type].cli.name}`;
  const there = mergeTarget(incident);
  if (there !== null) return `${command} is not possible here: this was merged into ${there.name}: run it there`;
  return `${command} is not possible while the incident is ${incident.phase}: ${insteadOf(incident, type)}`;
}

function insteadOf(incident: Incident, type: CommandType): string {
  const { phase } = incident;
  const name = referenceOf(incident);
  if (phase === 'closed' && type === 'close') return 'nothing is left to do';
  if (phase === 'closed' || phase === 'resolved') return insteadWhenOver(phase, name);
  switch (type) {
    case 'decline': {
      const more = `call more people (tocsin escalate ${name} --reason "…")`;
      return holderOf(incident) === null
        ? more
        : `somebody has it already; hand it over (tocsin assign ${name} ic NAME), or ${more}`;
    }
    case 'reopen':
      return 'it is still open';
    case 'close':
    case 'completePostmortem':
      if (incident.mitigation.monitoringWindow?.confirmed === true)
        return 'it resolves when the monitoring window ends quietly';
      return `resolve it first (tocsin resolve ${name} --resolution "…")`;
    default:
      return workInstead(phase, name);
  }
}

/** What can be done about an incident that is over. */
export function insteadWhenOver(phase: Phase, name: string): string {
  return phase === 'closed'
    ? 'it takes only notes and action items now; if it is back, declare a new one (tocsin declare)'
    : `if it is not over, reopen it (tocsin reopen ${name} --reason "…")`;
}

/** For `decide` and `mitigation`. */
function workInstead(phase: Phase, name: string): string {
  if (phase === 'declared') return `acknowledge it first (tocsin ack ${name})`;
  if (phase === 'investigating') return `decide first (tocsin decide ${name} rollback, or fix-forward)`;
  return `if the fix does not hold, reopen it (tocsin reopen ${name} --reason "…")`;
}
