/**
 * What the Temporal UI says about each signal, update and query. Signals between servers and workflows are marked as
 * internal here and not by their names, which must stay: while versions are mixed, a signal under a new name would wait
 * unseen for the next worker.
 */
import { COMMANDS, fieldsOf, type CommandType } from '../domain/kernel/commands.ts';
import * as contract from './contract.ts';

const DESCRIPTIONS = {
  [contract.INCIDENT_QUERY]: 'The incident as the API shows it.',
  [contract.TIMELINE_QUERY]: 'The timeline, as far as this run still has it.',
  [contract.EXPLAIN_QUERY]: 'Who is paged next and why, or why nobody is.',
  [contract.STORM_MEMBERS_QUERY]: 'The workflow ids of the groups that joined this storm.',
  [contract.HEARTBEAT_QUERY]: 'The heartbeat: its setting, the last beat, whether it is missed.',
  [contract.MAINTENANCE_QUERY]: 'The maintenance window.',
  [contract.ALERTS_SIGNAL]: 'Internal: a server reports alerts.',
  [contract.WITHDRAW_SIGNAL]: 'Internal: a server takes back an update that no worker took in time.',
  [contract.MERGE_SIGNAL]: 'Internal: from another incident, when one is merged into the other.',
  [contract.REOPEN_HANDOVER_SIGNAL]: 'Internal: the post-incident flow hands a reopened incident back.',
  [contract.REOPEN_HANDOVER_TAKEN_SIGNAL]: 'Internal: the answer to a reopened incident that was handed back.',
  [contract.WINDOW_END_SIGNAL]: 'Internal: a maintenance window says when it ends.',
  [contract.SUPPRESSION_SIGNAL]: 'Internal: a run says that this window suppresses its alerts.',
  [contract.END_WINDOW_SIGNAL]: 'Internal: ends the window now; use tocsin maintenance end.',
  [contract.MOVE_WINDOW_SIGNAL]: 'Internal: moves the end of the window; use tocsin maintenance extend.',
  [contract.BEAT_SIGNAL]: 'Internal: the monitored job checked in.',
  [contract.LISTENING_SIGNAL]: 'Internal: a server was able to receive beats until now.',
  [contract.SYNTHETIC_ALERT_SIGNAL]: 'Internal: begins a check of the way from an alert to a page.',
  [contract.ACKNOWLEDGE_CHECK_UPDATE]: 'Internal: acknowledges the page of such a check.',
} as const;

export const described = (name: keyof typeof DESCRIPTIONS): { readonly description: string } => ({
  description: DESCRIPTIONS[name],
});

/** "Raise or lower the severity. Takes { by, severity, reason }; tocsin severity does the same." */
export function describedCommand(type: CommandType): { readonly description: string } {
  const { summary, cli } = COMMANDS[type];
  const fields = Object.entries(fieldsOf(type)).map(([name, { optional }]) => (optional ? `${name}?` : name));
  const sentence = summary.charAt(0).toUpperCase() + summary.slice(1);
  return { description: `${sentence}. Takes { ${['by', ...fields].join(', ')} }; tocsin ${cli.name} does the same.` };
}
