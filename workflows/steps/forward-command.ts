/** Forwards commands that another workflow must answer: the post-incident flow, or the incident merged into. */
import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Command } from '../../domain/kernel/commands.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import { commandsAllowedIn, commandsAllowedNow } from '../../domain/engine/allowed-commands.ts';
import { mergeTarget } from '../../domain/kernel/merge-messages.ts';
import { postIncidentWorkflowId } from '../contract.ts';

/** The workflow that owns the incident: its run, or its post-incident flow. */
export interface CommandHolder {
  readonly incident: Incident;
  record(...events: readonly IncidentEvent[]): void;
}

/** Once the incident is over, its post-incident flow decides; a signal that arrives here is forwarded to it. */
export function forwardToPostIncident(holder: CommandHolder, command: Command): boolean {
  const { incidentId, postIncident } = holder.incident;
  if (!postIncident.handedOver) return false;
  getExternalWorkflowHandle(postIncidentWorkflowId(incidentId))
    .signal(command.type, command)
    .catch(() => {
      const reason = 'the incident is closed';
      if (holder.incident.incidentId !== incidentId) return;
      holder.record({ type: 'command-refused', at: Date.now(), by: command.by, command: command.type, reason });
    });
  return true;
}

/** An answer to a page of an incident that has been merged since is meant for the merge target. */
export function forwardToTarget(holder: CommandHolder, command: Command): boolean {
  const { incident } = holder;
  const there = mergeTarget(incident);
  if (there === null || command.type !== 'acknowledge') return false;
  const { by, incidentId = incident.incidentId } = command;
  getExternalWorkflowHandle(there.workflowId)
    .signal(command.type, { ...command, incidentId })
    .catch(() => {
      holder.record({
        type: 'command-refused',
        at: Date.now(),
        by,
        command: command.type,
        reason: `${there.name} is over`,
      });
    });
  return true;
}

/** True when only the post-incident flow can decide the command. */
export function belongsToPostIncident({ incident }: Pick<CommandHolder, 'incident'>, { type }: Command): boolean {
  if (!incident.postIncident.handedOver) return false;
  // Only that flow knows whether action items are open.
  return (type === 'reopen' ? commandsAllowedNow(incident) : commandsAllowedIn(incident.phase)).includes(type);
}
