/**
 * Commands are updates: judged by the incident and answered. Where no worker takes one in time, the three that must
 * not get lost go again as signals with the same request id, so that they count once whichever arrives; the others are
 * withdrawn, or Temporal would have them done whenever a worker is back, long after their person was told otherwise.
 */
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ulid } from 'ulid';
import type { Command, CommandType } from '../../domain/commands.ts';
import { isOpen } from '../../domain/phase.ts';
import type { IncidentView } from '../../domain/view.ts';
import {
  postIncidentWorkflowId,
  COMMAND_REFUSED,
  COMMAND_WITHDRAWN,
  requestIdUsed,
  INCIDENT_QUERY,
  WITHDRAW_SIGNAL,
  type CommandAnswer,
  type Refusal,
  type UpdateAnswer,
} from '../../workflows/contract.ts';
import { Refused, Unavailable, UnknownIncident } from '../gateway.ts';
import { grpcStatus } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Reads } from './reads.ts';
import {
  asksFirst,
  destinationOf,
  mayBeForPostIncident,
  refusalAsItIs,
  refusalOfOlder,
  refusalWhenOver,
} from './route-command.ts';

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
    const first = asksFirst(command) ? null : await judged(attempt(workflowId, command));
    if (first !== null && !(first instanceof Refused)) return first;
    if (first !== null && !mayBeElsewhere(command)) throw await asItIs(workflowId, first);

    const view = await reads.ask<IncidentView>(workflowId, INCIDENT_QUERY);
    if (view === null) return forgotten(workflowId, command);
    const over = !asksFirst(command) && (first === null || mayBeForPostIncident(command));
    const destination = destinationOf(command, { view, over });
    if (destination.to === 'nobody') {
      const refused = new Refused(destination.refusal);
      throw isOlder(command, view) ? refused : await asItIs(workflowId, refused);
    }
    // Its own run has refused it already.
    if (destination.to === 'incident' && first !== null) throw await asItIs(workflowId, first);
    const target = destination.to === 'incident' ? workflowId : postIncidentWorkflowId(destination.incidentId);
    const second = await attempt(target, command);
    if (second !== null) return second;
    throw await overRefusal(target, { command, view });
  };

  /** Temporal has no run of it any more, but its post-incident flow may take weeks. */
  async function forgotten(workflowId: string, command: Command & { requestId: string }): Promise<Answer> {
    const { incidentId } = command;
    const isTaken = incidentId !== undefined && mayBeForPostIncident(command);
    const answer = isTaken ? await attempt(postIncidentWorkflowId(incidentId), command) : null;
    if (answer === null) throw new UnknownIncident(workflowId);
    return answer;
  }

  /** The answer of the run, or null when it has ended (or never was). Throws `Refused` or `Unavailable`. */
  async function attempt(
    workflowId: string,
    command: Command & { requestId: string },
    updateId = command.requestId,
  ): Promise<Answer | null> {
    const handle = client.workflow.getHandle(workflowId);
    const { type } = command;
    try {
      const { command: answered, ...answer } = await gate.ask(ACCEPTED_WITHIN_MS, () =>
        handle.executeUpdate<UpdateAnswer, [Command]>(type, { updateId, args: [command] }),
      );
      if (answered === type) return answer;
      throw new Refused({ reason: requestIdUsed(updateId, answered), phase: answer.phase, allowed: [] });
    } catch (err) {
      if (err instanceof Refused) throw err;
      if (err instanceof WorkflowNotFoundError) return null;
      // An earlier attempt with this request id was withdrawn; this one counts.
      if (isWithdrawn(err)) return attempt(workflowId, command, `${command.requestId}/${ulid()}`);
      if (err instanceof WorkflowUpdateFailedError) throw whyFailed(err);
      if (!KEPT_AS_SIGNALS.includes(type) || !gate.isOpen()) {
        await withdraw(workflowId, updateId);
        throw new Unavailable(`${type} was not taken: ${grpcStatus(err).text}`);
      }
    }
    try {
      await gate.ask(SIGNALLED_WITHIN_MS, () => handle.signal(type, command));
      return 'pending';
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new Unavailable(`${type} was not taken: ${grpcStatus(err).text}`);
    }
  }

  /** What a run that lingers, or has ended, refuses: in the phase that the incident has reached by now. */
  async function asItIs(workflowId: string, refused: Refused): Promise<Refused> {
    if (refused.refusal.phase !== 'resolved') return refused;
    return new Refused(refusalAsItIs(refused.refusal, await reads.show(workflowId).catch(() => null)));
  }

  /** Who said it is told that it was not taken, so it must not be done later. Never rejects. */
  async function withdraw(workflowId: string, updateId: string): Promise<void> {
    if (!gate.isOpen()) return;
    const handle = client.workflow.getHandle(workflowId);
    await gate.ask(SIGNALLED_WITHIN_MS, () => handle.signal(WITHDRAW_SIGNAL, updateId)).catch(() => undefined);
  }

  /** Nobody is there to judge it: the last to speak knows the phase. */
  async function overRefusal(
    target: string,
    { command, view }: { command: Command; view: IncidentView },
  ): Promise<Error> {
    const older = isOlder(command, view);
    if (!older && isOpen(view.phase)) return new Unavailable(`the run of ${target} was stopped from outside`);
    const last = await reads.ask<IncidentView>(target, INCIDENT_QUERY);
    if (older) return new Refused(whenForgotten(refusalOfOlder(view, last?.phase ?? 'closed')));
    if (last === null) return new Unavailable(`${target} has not begun yet`);
    return new Refused(whenForgotten(refusalWhenOver(last.seq > view.seq ? last : view)));
  }
}

/** It means an incident whose place a newer one has. */
const isOlder = ({ incidentId }: Command, view: IncidentView): boolean =>
  incidentId !== undefined && incidentId !== view.id;

/** Closed so long ago that its post-incident flow is over too: nothing is taken any more. */
function whenForgotten(refusal: Refusal): Refusal {
  return refusal.phase === 'closed' ? { ...refusal, allowed: [] } : refusal;
}

/** A refusal is an answer here: another may have to judge. */
async function judged(attempt: Promise<Answer | null>): Promise<Answer | Refused | null> {
  try {
    return await attempt;
  } catch (err) {
    if (err instanceof Refused) return err;
    throw err;
  }
}

/** The run that refused it may not be the one it was meant for. */
function mayBeElsewhere(command: Command): boolean {
  return mayBeForPostIncident(command) || command.incidentId !== undefined;
}

function isWithdrawn(err: unknown): boolean {
  const cause = err instanceof WorkflowUpdateFailedError ? err.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === COMMAND_WITHDRAWN;
}

function whyFailed({ cause }: WorkflowUpdateFailedError): Error {
  if (cause instanceof ApplicationFailure && cause.type === COMMAND_REFUSED) {
    return new Refused(cause.details?.[0] as Refusal);
  }
  return new Unavailable(`the incident could not take the command: ${cause?.message ?? 'no reason given'}`);
}
