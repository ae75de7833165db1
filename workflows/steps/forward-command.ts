/** Commands that somebody else has to answer: the incident's post-incident flow, or the incident that it is a part of now. */
import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Command } from '../../domain/kernel/commands.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import { commandsAllowedIn, commandsAllowedNow } from '../../domain/engine/allowed-commands.ts';
import { mergeTarget } from '../../domain/kernel/merge-messages.ts';
import { postIncidentWorkflowId } from '../contract.ts';

/** Whoever holds the incident: its run, or its post-incident flow. */
export interface CommandHolder {
  readonly incident: Incident;
  record(...events: readonly IncidentEvent[]): void;
}

/** Once it is over, the incident's post-incident flow has the last word; a signal that came here finds its way. */
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

/** An answer to a page of an incident that was merged meanwhile is meant for what it is a part of now. */
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

/** Its post-incident flow alone can judge it. */
export function belongsToPostIncident({ incident }: Pick<CommandHolder, 'incident'>, { type }: Command): boolean {
  if (!incident.postIncident.handedOver) return false;
  // Whether items are open is known there alone.
  return (type === 'reopen' ? commandsAllowedNow(incident) : commandsAllowedIn(incident.phase)).includes(type);
}
