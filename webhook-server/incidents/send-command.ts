/**
 * Commands are updates: the incident decides and answers. If no worker takes one in time, the three commands that must
 * not get lost are sent again as signals with the same request id, so that they count once whichever arrives. The
 * others are withdrawn; otherwise Temporal would apply them long after their sender was told that they failed.
 */
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ulid } from 'ulid';
import type { Command, CommandType } from '../../domain/kernel/commands.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
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
import { CommandRefused, IncidentsUnavailable, UnknownIncident } from './gateway.ts';
import { grpcStatus, type Circuit } from '../delivery/circuit-breaker.ts';
import type { IncidentQueries } from './incident-queries.ts';
import {
  needsLookupFirst,
  commandDestination,
  mayBeForPostIncident,
  refusalInCurrentPhase,
  refusalForOlderIncident,
  refusalWhenOver,
} from './route-command.ts';

export interface SendCommandParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly queries: IncidentQueries;
}

const ACCEPTED_WITHIN_MS = 2000;
const SIGNALLED_WITHIN_MS = 1500;
const RESENT_AS_SIGNALS: readonly CommandType[] = ['acknowledge', 'resolve', 'addNote'];

type CommandOutcome = CommandAnswer | 'pending';

export function createSendCommand({ client, circuitBreaker, queries }: SendCommandParts) {
  return async (workflowId: string, requested: Command): Promise<CommandOutcome> => {
    const command = { ...requested, requestId: requested.requestId ?? ulid() };
    const first = needsLookupFirst(command) ? null : await refusalAsResult(sendUpdate(workflowId, command));
    if (first !== null && !(first instanceof CommandRefused)) return first;
    if (first !== null && !mayBelongToAnotherRun(command)) throw await inCurrentPhase(workflowId, first);

    const view = await queries.queryRun<IncidentView>(workflowId, INCIDENT_QUERY);
    if (view === null) return sendToPostIncident(workflowId, command);
    const runHasEnded = !needsLookupFirst(command) && (first === null || mayBeForPostIncident(command));
    const destination = commandDestination(command, { view, runHasEnded });
    if (destination.to === 'nobody') {
      const refused = new CommandRefused(destination.refusal);
      throw isOlder(command, view) ? refused : await inCurrentPhase(workflowId, refused);
    }
    // Its own run has already refused it.
    if (destination.to === 'incident' && first !== null) throw await inCurrentPhase(workflowId, first);
    const target = destination.to === 'incident' ? workflowId : postIncidentWorkflowId(destination.incidentId);
    const second = await sendUpdate(target, command);
    if (second !== null) return second;
    throw await refusalWhenRunHasEnded(target, { command, view });
  };

  /** Temporal no longer has the run, but the post-incident flow may last for weeks. */
  async function sendToPostIncident(
    workflowId: string,
    command: Command & { requestId: string },
  ): Promise<CommandOutcome> {
    const { incidentId } = command;
    const isTaken = incidentId !== undefined && mayBeForPostIncident(command);
    const answer = isTaken ? await sendUpdate(postIncidentWorkflowId(incidentId), command) : null;
    if (answer === null) throw new UnknownIncident(workflowId);
    return answer;
  }

  /** The run's answer, or null when it has ended or never existed. Throws `Refused` or `Unavailable`. */
  async function sendUpdate(
    workflowId: string,
    command: Command & { requestId: string },
    updateId = command.requestId,
  ): Promise<CommandOutcome | null> {
    const handle = client.workflow.getHandle(workflowId);
    const { type } = command;
    try {
      const { command: answered, ...answer } = await circuitBreaker.callWithin(ACCEPTED_WITHIN_MS, () =>
        handle.executeUpdate<UpdateAnswer, [Command]>(type, { updateId, args: [command] }),
      );
      if (answered === type) return answer;
      throw new CommandRefused({ reason: requestIdUsed(updateId, answered), phase: answer.phase, allowed: [] });
    } catch (err) {
      if (err instanceof CommandRefused) throw err;
      if (err instanceof WorkflowNotFoundError) return null;
      // An earlier attempt with this request id was withdrawn; this one counts.
      if (isWithdrawn(err)) return sendUpdate(workflowId, command, `${command.requestId}/${ulid()}`);
      if (err instanceof WorkflowUpdateFailedError) throw errorFromUpdate(err);
      if (!RESENT_AS_SIGNALS.includes(type) || !circuitBreaker.allowsCalls()) {
        await withdrawUpdate(workflowId, updateId);
        throw new IncidentsUnavailable(`${type} was not taken: ${grpcStatus(err).text}`);
      }
    }
    try {
      await circuitBreaker.callWithin(SIGNALLED_WITHIN_MS, () => handle.signal(type, command));
      return 'pending';
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new IncidentsUnavailable(`${type} was not taken: ${grpcStatus(err).text}`);
    }
  }

  /** The refusal of a run that is resolved or has ended, with the phase that the incident has reached by now. */
  async function inCurrentPhase(workflowId: string, refused: CommandRefused): Promise<CommandRefused> {
    if (refused.refusal.phase !== 'resolved') return refused;
    return new CommandRefused(refusalInCurrentPhase(refused.refusal, await queries.show(workflowId).catch(() => null)));
  }

  /** The sender is told that it failed, so it must not be applied later. Never rejects. */
  async function withdrawUpdate(workflowId: string, updateId: string): Promise<void> {
    if (!circuitBreaker.allowsCalls()) return;
    const handle = client.workflow.getHandle(workflowId);
    await circuitBreaker
      .callWithin(SIGNALLED_WITHIN_MS, () => handle.signal(WITHDRAW_SIGNAL, updateId))
      .catch(() => undefined);
  }

  /** Nobody is left to decide: the last one to answer knows the phase. */
  async function refusalWhenRunHasEnded(
    target: string,
    { command, view }: { command: Command; view: IncidentView },
  ): Promise<Error> {
    const older = isOlder(command, view);
    if (!older && isOpen(view.phase)) return new IncidentsUnavailable(`the run of ${target} was stopped from outside`);
    const last = await queries.queryRun<IncidentView>(target, INCIDENT_QUERY);
    if (older)
      return new CommandRefused(withoutAllowedIfClosed(refusalForOlderIncident(view, last?.phase ?? 'closed')));
    if (last === null) return new IncidentsUnavailable(`${target} has not begun yet`);
    return new CommandRefused(withoutAllowedIfClosed(refusalWhenOver(last.seq > view.seq ? last : view)));
  }
}

/** The command is for an incident that a newer one has replaced. */
const isOlder = ({ incidentId }: Command, view: IncidentView): boolean =>
  incidentId !== undefined && incidentId !== view.id;

/** Closed so long ago that its post-incident flow is over too: no command is accepted any more. */
function withoutAllowedIfClosed(refusal: Refusal): Refusal {
  return refusal.phase === 'closed' ? { ...refusal, allowed: [] } : refusal;
}

/** Returns a refusal as a value: another workflow may have to decide. */
async function refusalAsResult(
  attempt: Promise<CommandOutcome | null>,
): Promise<CommandOutcome | CommandRefused | null> {
  try {
    return await attempt;
  } catch (err) {
    if (err instanceof CommandRefused) return err;
    throw err;
  }
}

/** The run that refused may not be the one that was meant. */
function mayBelongToAnotherRun(command: Command): boolean {
  return mayBeForPostIncident(command) || command.incidentId !== undefined;
}

function isWithdrawn(err: unknown): boolean {
  const cause = err instanceof WorkflowUpdateFailedError ? err.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === COMMAND_WITHDRAWN;
}

function errorFromUpdate({ cause }: WorkflowUpdateFailedError): Error {
  if (cause instanceof ApplicationFailure && cause.type === COMMAND_REFUSED) {
    return new CommandRefused(cause.details?.[0] as Refusal);
  }
  return new IncidentsUnavailable(`the incident could not take the command: ${cause?.message ?? 'no reason given'}`);
}
