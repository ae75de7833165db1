/**
 * Commands are updates: the incident decides and answers. If no worker takes one in time, the three commands that must
 * not get lost are sent again as signals with the same request id, so that they count once whichever arrives. The
 * others are withdrawn; otherwise Temporal would apply them long after their sender was told that they failed.
 */
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ulid } from 'ulid';
import type { Command, CommandType } from '../../domain/kernel/commands.ts';
import { commandsAllowedIn } from '../../domain/engine/allowed-commands.ts';
import { insteadWhenOver } from '../../domain/engine/refusals.ts';
import { isOpen, type Phase } from '../../domain/kernel/phase.ts';
import { plainText } from '../../domain/kernel/text.ts';
import type { IncidentStanding } from '../../domain/engine/view.ts';
import {
  postIncidentWorkflowId,
  COMMAND_REFUSED,
  COMMAND_WITHDRAWN,
  requestIdUsed,
  WITHDRAW_SIGNAL,
  type CommandAnswer,
  type Refusal,
  type UpdateAnswer,
} from '../../workflows/contract.ts';
import { IncidentsUnavailable, UnknownIncident, type IncidentQueries } from './incident-queries.ts';
import { grpcStatus, type Circuit } from '../delivery/circuit-breaker.ts';

/** The incident refused a command; the answer says why, and what it accepts. */
export class CommandRefused extends Error {
  override name = 'CommandRefused';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

export interface CommandSenderParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly queries: IncidentQueries;
  /** What a person of the configuration is called. */
  readonly nameOf?: ((person: string) => string) | undefined;
}

const ACCEPTED_WITHIN_MS = 2000;
const SIGNALLED_WITHIN_MS = 1500;
const RESENT_AS_SIGNALS: readonly CommandType[] = ['acknowledge', 'resolve', 'addNote'];

type CommandOutcome = CommandAnswer | 'pending';
type SentCommand = Command & { readonly requestId: string };

export class CommandSender {
  private readonly parts: CommandSenderParts;

  constructor(parts: CommandSenderParts) {
    this.parts = parts;
  }

  /** Throws `CommandRefused`, `UnknownIncident` or `IncidentsUnavailable`. */
  async send(workflowId: string, requested: Command): Promise<CommandOutcome> {
    const command = { ...requested, requestId: requested.requestId ?? ulid() };
    const first = needsLookupFirst(command) ? null : await refusalAsResult(this.sendUpdate(workflowId, command));
    if (first !== null && !(first instanceof CommandRefused)) return first;
    if (first !== null && !mayBelongToAnotherRun(command)) throw await this.inCurrentPhase(workflowId, first);

    const view = await this.parts.queries.standing(workflowId);
    if (view === null) return this.sendToPostIncident(workflowId, command);
    const runHasEnded = !needsLookupFirst(command) && (first === null || mayBeForPostIncident(command));
    const destination = commandDestination(command, { view, runHasEnded });
    if (destination.to === 'nobody') {
      const refused = new CommandRefused(destination.refusal);
      throw isOlder(command, view) ? refused : await this.inCurrentPhase(workflowId, refused);
    }
    // Its own run has already refused it.
    if (destination.to === 'incident' && first !== null) throw await this.inCurrentPhase(workflowId, first);
    const target = destination.to === 'incident' ? workflowId : postIncidentWorkflowId(destination.incidentId);
    const second = await this.sendUpdate(target, command);
    if (second !== null) return second;
    throw await this.refusalWhenRunHasEnded(target, { command, view });
  }

  /** Temporal no longer has the run, but the post-incident flow may last for weeks. */
  private async sendToPostIncident(workflowId: string, command: SentCommand): Promise<CommandOutcome> {
    const { incidentId } = command;
    const isTaken = incidentId !== undefined && mayBeForPostIncident(command);
    const answer = isTaken ? await this.sendUpdate(postIncidentWorkflowId(incidentId), command) : null;
    if (answer === null) throw new UnknownIncident(workflowId);
    return answer;
  }

  /** The run's answer, or null when it has ended or never existed. Throws `Refused` or `Unavailable`. */
  private async sendUpdate(
    workflowId: string,
    command: SentCommand,
    updateId = command.requestId,
  ): Promise<CommandOutcome | null> {
    const { client, circuitBreaker, nameOf } = this.parts;
    const handle = client.workflow.getHandle(workflowId);
    const { type } = command;
    try {
      const {
        command: answered,
        parts,
        ...answer
      } = await circuitBreaker.callWithin(ACCEPTED_WITHIN_MS, () =>
        handle.executeUpdate<UpdateAnswer, [Command]>(type, { updateId, args: [command] }),
      );
      if (answered === type)
        return parts === undefined ? answer : { ...answer, text: plainText(parts, undefined, nameOf) };
      throw new CommandRefused({ reason: requestIdUsed(updateId, answered), phase: answer.phase, allowed: [] });
    } catch (err) {
      if (err instanceof CommandRefused) throw err;
      if (err instanceof WorkflowNotFoundError) return null;
      // An earlier attempt with this request id was withdrawn; this one counts.
      if (isWithdrawn(err)) return this.sendUpdate(workflowId, command, `${command.requestId}/${ulid()}`);
      if (err instanceof WorkflowUpdateFailedError) throw errorFromUpdate(err);
      if (!RESENT_AS_SIGNALS.includes(type) || !circuitBreaker.allowsCalls()) {
        await this.withdrawUpdate(workflowId, updateId);
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
  private async inCurrentPhase(workflowId: string, refused: CommandRefused): Promise<CommandRefused> {
    if (refused.refusal.phase !== 'resolved') return refused;
    return new CommandRefused(
      refusalInCurrentPhase(refused.refusal, await this.parts.queries.show(workflowId).catch(() => null)),
    );
  }

  /** The sender is told that it failed, so it must not be applied later. Never rejects. */
  private async withdrawUpdate(workflowId: string, updateId: string): Promise<void> {
    const { client, circuitBreaker } = this.parts;
    if (!circuitBreaker.allowsCalls()) return;
    const handle = client.workflow.getHandle(workflowId);
    await circuitBreaker
      .callWithin(SIGNALLED_WITHIN_MS, () => handle.signal(WITHDRAW_SIGNAL, updateId))
      .catch(() => undefined);
  }

  /** Nobody is left to decide: the last one to answer knows the phase. */
  private async refusalWhenRunHasEnded(
    target: string,
    { command, view }: { command: Command; view: IncidentStanding },
  ): Promise<Error> {
    const older = isOlder(command, view);
    if (!older && isOpen(view.phase)) return new IncidentsUnavailable(`the run of ${target} was stopped from outside`);
    const last = await this.parts.queries.standing(target);
    if (older)
      return new CommandRefused(withoutAllowedIfClosed(refusalForOlderIncident(view, last?.phase ?? 'closed')));
    if (last === null) return new IncidentsUnavailable(`${target} has not begun yet`);
    return new CommandRefused(withoutAllowedIfClosed(refusalWhenOver(last.seq > view.seq ? last : view)));
  }
}

/** The command is for an incident that a newer one has replaced. */
const isOlder = ({ incidentId }: Command, view: IncidentStanding): boolean =>
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

/** Commands that the post-incident flow accepts; a resolved incident accepts no others. */
const POST_INCIDENT_COMMANDS: readonly CommandType[] = commandsAllowedIn('resolved');
/** Those it still accepts once the incident is closed. */
const AFTER_CLOSING: readonly CommandType[] = commandsAllowedIn('closed').filter((type) => type !== 'reopen');
/** No open incident accepts these. */
const NEVER_WHILE_OPEN: readonly CommandType[] = ['close', 'reopen', 'completePostmortem'];

const mayBeForPostIncident = ({ type }: Command): boolean => POST_INCIDENT_COMMANDS.includes(type);

/** Commands that are probably meant for the post-incident flow: the incident is queried before they are sent. */
export const needsLookupFirst = ({ type }: Command): boolean => NEVER_WHILE_OPEN.includes(type);

export type CommandDestination =
  | { readonly to: 'incident' }
  | { readonly to: 'postIncident'; readonly incidentId: string }
  | { readonly to: 'nobody'; readonly refusal: Refusal };

/**
 * `over`: the incident's run has ended, so it cannot answer. A command for an incident that is not the newest of its
 * workflow goes to that incident's post-incident flow, or to nobody.
 */
export function commandDestination(
  command: Command,
  { view, runHasEnded }: { view: IncidentStanding; runHasEnded: boolean },
): CommandDestination {
  const { phase, id: incidentId } = view;
  if (
    command.incidentId !== undefined &&
    command.incidentId !== incidentId &&
    !view.aliases?.includes(command.incidentId)
  ) {
    if (mayBeForPostIncident(command)) return { to: 'postIncident', incidentId: command.incidentId };
    return { to: 'nobody', refusal: refusalForOlderIncident(view, 'resolved') };
  }
  // A merged incident is reopened by its own run, which forwards its alerts until then.
  if (isOpen(phase) || (view.mergedTo?.isOver === false && !runHasEnded)) return { to: 'incident' };
  if (mayBeForPostIncident(command) && (runHasEnded || needsLookupFirst(command)))
    return { to: 'postIncident', incidentId };
  if (!runHasEnded) return { to: 'incident' };
  return { to: 'nobody', refusal: refusalWhenOver(view) };
}

/** The answer for a run that has ended. */
function refusalWhenOver({ phase, reference, id }: Pick<IncidentStanding, 'phase' | 'reference' | 'id'>): Refusal {
  const instead = insteadWhenOver(phase, reference ?? id);
  return { reason: `the incident is ${phase}: ${instead}`, phase, allowed: allowedCommandsIn(phase) };
}

/**
 * A run that has resolved or ended reports `resolved`. Its post-incident flow may have closed the incident since, which
 * allows fewer commands; `now`: the state of both together, null when it could not be queried.
 */
export function refusalInCurrentPhase(
  refusal: Refusal,
  now: Pick<IncidentStanding, 'phase' | 'reference' | 'id'> | null,
): Refusal {
  return refusal.phase === 'resolved' && now?.phase === 'closed' ? refusalWhenOver(now) : refusal;
}

/** The answer for an incident that a newer one has replaced: `phase` is the older one's. */
function refusalForOlderIncident(newer: Pick<IncidentStanding, 'id' | 'reference'>, phase: Phase): Refusal {
  const reason = `this incident is over, and a newer one has its place: ${newer.reference ?? newer.id}`;
  return { reason, phase, allowed: allowedCommandsIn(phase) };
}

const allowedCommandsIn = (phase: Phase): readonly CommandType[] =>
  phase === 'closed' ? AFTER_CLOSING : POST_INCIDENT_COMMANDS;
