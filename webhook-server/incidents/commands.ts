/**
 * Commands are updates: judged by the incident and answered. Where no worker takes one in time, the three that must
 * not get lost go again as signals with the same request id, so that they count once whichever arrives.
 */
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ulid } from 'ulid';
import type { Command, CommandType } from '../../domain/commands.ts';
import { isOpen } from '../../domain/phase.ts';
import type { IncidentView } from '../../domain/view.ts';
import {
  aftercareWorkflowId,
  COMMAND_REFUSED,
  INCIDENT_QUERY,
  type CommandAnswer,
  type Refusal,
} from '../../workflows/contract.ts';
import { Refused, Unavailable, UnknownIncident } from '../gateway.ts';
import { grpcStatus } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Reads } from './reads.ts';
import { asksFirst, destinationOf, refusalWhenOver } from './route-command.ts';

export interface CommandParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly reads: Reads;
}

const ACCEPTED_WITHIN_MS = 2000;
const SIGNALLED_WITHIN_MS = 1500;
const KEPT_AS_SIGNALS: readonly CommandType[] = ['acknowledge', 'resolve', 'addNote'];

type Answer = CommandAnswer | 'pending';

export function createCommands({ client, gate, reads }: CommandParts) {
  return async (workflowId: string, said: Command): Promise<Answer> => {
    const command = { ...said, requestId: said.requestId ?? ulid() };
    const answer = asksFirst(command) ? null : await attempt(workflowId, command);
    if (answer !== null) return answer;

    const view = await reads.ask<IncidentView>(workflowId, INCIDENT_QUERY);
    if (view === null) throw new UnknownIncident(workflowId);
    const destination = destinationOf(command, { view, over: !asksFirst(command) });
    if (destination.to === 'nobody') throw new Refused(destination.refusal);
    const target = destination.to === 'incident' ? workflowId : aftercareWorkflowId(destination.episode);
    const second = await attempt(target, command);
    if (second !== null) return second;
    throw await overRefusal(target, view);
  };

  /** The answer of the run, or null when it has ended (or never was). Throws `Refused` or `Unavailable`. */
  async function attempt(workflowId: string, command: Command & { requestId: string }): Promise<Answer | null> {
    const handle = client.workflow.getHandle(workflowId);
    const { type, requestId } = command;
    try {
      return await gate.ask(ACCEPTED_WITHIN_MS, () =>
        handle.executeUpdate<CommandAnswer, [Command]>(type, { updateId: requestId, args: [command] }),
      );
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      if (err instanceof WorkflowUpdateFailedError) throw whyFailed(err);
      if (!KEPT_AS_SIGNALS.includes(type)) throw new Unavailable(`${type} was not taken: ${grpcStatus(err).text}`);
    }
    try {
      await gate.ask(SIGNALLED_WITHIN_MS, () => handle.signal(type, command));
      return 'pending';
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new Unavailable(`${type} was not taken: ${grpcStatus(err).text}`);
    }
  }

  /** Both the incident and its aftercare have ended: the last to speak knows the phase. */
  async function overRefusal(target: string, view: IncidentView): Promise<Error> {
    if (isOpen(view.phase)) return new Unavailable(`the run of ${target} was stopped from outside`);
    const last = await reads.ask<IncidentView>(target, INCIDENT_QUERY);
    if (last === null) return new UnknownIncident(target);
    return new Refused(refusalWhenOver(last.seq > view.seq ? last : view));
  }
}

function whyFailed({ cause }: WorkflowUpdateFailedError): Error {
  if (cause instanceof ApplicationFailure && cause.type === COMMAND_REFUSED) {
    return new Refused(cause.details?.[0] as Refusal);
  }
  return new Unavailable(`the incident could not take the command: ${cause?.message ?? 'no reason given'}`);
}
