/**
 * Commands in, answers and state out. A handler records or refuses, and waits for nothing except a reopened incident's
 * new run; the tasks of the loop do the work. One `decide` judges both signals and updates.
 */
import { ApplicationFailure, currentUpdateInfo, setHandler } from '@temporalio/workflow';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Command, CommandType, Problem } from '../domain/kernel/commands.ts';
import { COMMAND_TYPES, readCommand } from '../domain/kernel/commands.ts';
import type { Answer, Decision } from '../domain/kernel/decision.ts';
import { decide } from '../domain/engine/decide.ts';
import type { IncidentEvent } from '../domain/kernel/events.ts';
import { evolve } from '../domain/engine/evolve.ts';
import { commandsAllowedNow } from '../domain/engine/allowed-commands.ts';
import { pagingAccount } from '../domain/engine/explain.ts';
import type { AnsweredRequest, Incident } from '../domain/kernel/incident.ts';
import { membersOf } from '../domain/alerts/storm.ts';
import { plainText, truncate } from '../domain/kernel/text.ts';
import { toStanding, toTimeline, toView } from '../domain/engine/to-view.ts';
import type { IncidentStanding, IncidentView } from '../domain/engine/view.ts';
import type { Refusal, UpdateAnswer } from './contract.ts';
import {
  postIncidentWorkflowId,
  COMMAND_REFUSED,
  COMMAND_WITHDRAWN,
  EXPLAIN_QUERY,
  INCIDENT_QUERY,
  requestIdUsed,
  STORM_MEMBERS_QUERY,
  TIMELINE_QUERY,
  WITHDRAW_SIGNAL,
} from './contract.ts';
import { described, describedCommand } from './handler-descriptions.ts';
import type { CommandHolder } from './steps/forward-command.ts';
import { belongsToPostIncident, forwardToPostIncident, forwardToTarget } from './steps/forward-command.ts';
import type { ReopenHandover } from './steps/reopen-handover.ts';
import type { MergeOutcome } from './steps/merge.ts';
import { outcomeOfMerge } from './steps/merge.ts';
import type { IncidentRun } from './incident-run.ts';

/** What command handlers need from the workflow that owns the incident: its run, or its post-incident flow. */
interface Holder extends CommandHolder {
  /** The post-incident flow only: hands a reopened incident to a run; answers why not, or null. */
  readonly reopenHandover?: ReopenHandover['back'];
  /** Waits for the outcome of the merge in progress. */
  readonly outcomeOfMerge: () => Promise<MergeOutcome>;
  /** Ids of updates that their callers withdrew. Such an update may still arrive, and must then not be carried out. */
  readonly withdrawn: Set<string>;
}

/** Commands as signals and as updates, and the queries. */
export function installCommandHandlers(run: IncidentRun, reopenHandover?: ReopenHandover['back']): void {
  const holder: Holder = {
    get incident() {
      return run.incident;
    },
    record: (...events) => run.record(...events),
    outcomeOfMerge: () => outcomeOfMerge(run),
    withdrawn: new Set(),
    ...(reopenHandover === undefined ? {} : { reopenHandover }),
  };
  installQueries(holder);
  const withdraw = (updateId: string): void => void holder.withdrawn.add(updateId);
  setHandler(defineSignal<[string]>(WITHDRAW_SIGNAL), withdraw, described(WITHDRAW_SIGNAL));
  for (const type of COMMAND_TYPES) {
    const description = describedCommand(type);
    setHandler(defineSignal<[unknown]>(type), (raw) => onSignal(holder, type, raw), description);
    setHandler(defineUpdate<UpdateAnswer, [unknown]>(type), (raw) => onUpdate(holder, type, raw), {
      validator: (raw) => validate(holder, type, raw),
      ...description,
    });
  }
}

function installQueries(holder: CommandHolder): void {
  const incident = (part?: 'standing'): IncidentView | IncidentStanding =>
    part === 'standing' ? toStanding(holder.incident) : toView(holder.incident);
  const members = (): readonly string[] => membersOf(holder.incident).map(({ workflowId }) => workflowId);
  setHandler(defineQuery(INCIDENT_QUERY), incident, described(INCIDENT_QUERY));
  setHandler(defineQuery(STORM_MEMBERS_QUERY), members, described(STORM_MEMBERS_QUERY));
  setHandler(defineQuery(EXPLAIN_QUERY), () => pagingAccount(holder.incident), described(EXPLAIN_QUERY));
  setHandler(defineQuery(TIMELINE_QUERY), () => toTimeline(holder.incident), described(TIMELINE_QUERY));
}

/** What is wrong with a command, on one line. */
function problemsText(problems: readonly Problem[]): string {
  return problems.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`)).join('; ');
}

/** A signal cannot answer, so its refusal goes on the timeline. */
function onSignal(holder: Holder, type: CommandType, raw: unknown): void {
  const read = readCommand(type, raw);
  const at = Date.now();
  if ('problems' in read) {
    const reason = problemsText(read.problems);
    holder.record({ type: 'command-refused', at, by: 'signal', command: type, reason: truncate(reason, 500) });
    return;
  }
  const { command } = read;
  if (forwardToPostIncident(holder, command)) return;
  const before = repeated(holder.incident, command);
  if (before?.command === type) return;
  if (before) {
    holder.record({ type: 'command-refused', at, by: command.by, command: type, reason: usedFor(before).reason });
    return;
  }
  if (forwardToTarget(holder, command)) return;
  const decision = decide(holder.incident, command, at);
  if (decision.refused) {
    holder.record({ type: 'command-refused', at, by: command.by, command: type, reason: decision.reason });
  } else if (command.type === 'reopen' && holder.reopenHandover) {
    void reopenFromPostIncident(holder, command, decision, at).then((reason) => {
      if (reason !== null) holder.record({ type: 'command-refused', at, by: command.by, command: type, reason });
    });
  } else {
    applyCommand(holder, command, decision, at);
  }
}

/**
 * The incident moves to another run, unless that run already has a newer one. Returns the reason if it does, else null.
 */
async function reopenFromPostIncident(
  holder: Holder,
  command: Command,
  decision: Accepted,
  at: number,
): Promise<string | null> {
  const events = [...decision.events, ...answered(command, decision, at)];
  const reason = (await holder.reopenHandover?.(events.reduce(evolve, holder.incident))) ?? null;
  if (reason === null) holder.record(...events);
  return reason;
}

function validate(holder: Holder, type: CommandType, raw: unknown): void {
  const read = readCommand(type, raw);
  if ('problems' in read) {
    const reason = problemsText(read.problems);
    throw refusal({ reason, phase: holder.incident.phase, allowed: [] });
  }
  if (holder.withdrawn.has(currentUpdateInfo()?.id ?? '')) {
    throw ApplicationFailure.nonRetryable('withdrawn: no worker was there in time', COMMAND_WITHDRAWN);
  }
  const before = repeated(holder.incident, read.command);
  if (before?.command === type) return;
  if (before) throw refusal({ ...usedFor(before), phase: holder.incident.phase });
  if (belongsToPostIncident(holder, read.command)) {
    const reason = `the incident is over: tell its post-incident flow, ${postIncidentWorkflowId(holder.incident.incidentId)}`;
    throw refusal({ reason, phase: holder.incident.phase, allowed: [type] });
  }
  const decision = decide(holder.incident, read.command, Date.now());
  if (decision.refused) throw refusal({ ...decision, phase: holder.incident.phase });
}

function refusal({ reason, phase, allowed }: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(reason, COMMAND_REFUSED, { reason, phase, allowed } satisfies Refusal);
}

async function onUpdate(holder: Holder, type: CommandType, raw: unknown): Promise<UpdateAnswer> {
  const read = readCommand(type, raw);
  if ('problems' in read) throw refusal({ reason: 'unreadable command', phase: holder.incident.phase, allowed: [] });
  const { command } = read;
  const before = repeated(holder.incident, command);
  if (before?.command === type) return answer(holder.incident, type, before.changed, before.text);
  if (before) throw refusal({ ...usedFor(before), phase: holder.incident.phase });
  const at = Date.now();
  const decision = decide(holder.incident, command, at);
  // Another command of the same batch may have changed what the validator saw.
  if (decision.refused) throw refusal({ ...decision, phase: holder.incident.phase });
  if (type === 'reopen' && holder.reopenHandover) {
    const reason = await reopenFromPostIncident(holder, command, decision, at);
    if (reason !== null) throw refusal({ reason, phase: holder.incident.phase, allowed: withoutReopen(holder) });
    return answer(holder.incident, type, true, decision.text);
  }
  const changed = applyCommand(holder, command, decision, at);
  if (type !== 'merge') return answer(holder.incident, type, changed, decision.text);
  const { refused, text } = await holder.outcomeOfMerge();
  if (refused !== null) {
    throw refusal({ reason: refused, phase: holder.incident.phase, allowed: commandsAllowedNow(holder.incident) });
  }
  return answer(holder.incident, type, true, text);
}

function withoutReopen({ incident }: Holder): readonly CommandType[] {
  return commandsAllowedNow(incident).filter((type) => type !== 'reopen');
}

function answer({ phase, projection }: Incident, command: CommandType, changed: boolean, text: Answer): UpdateAnswer {
  const said = typeof text === 'string' ? { text } : { text: plainText(text), parts: text };
  return { command, changed, ...said, phase, seq: projection.seq };
}

function repeated({ answeredRequests }: Incident, { requestId }: Command): AnsweredRequest | undefined {
  return requestId === undefined ? undefined : answeredRequests.find((known) => known.requestId === requestId);
}

/** Refused, because the caller would mistake the first command's answer for an answer to this one. */
function usedFor({ requestId, command }: AnsweredRequest): Omit<Refusal, 'phase'> {
  return { reason: requestIdUsed(requestId, command), allowed: [] };
}

type Accepted = Decision & { refused: false };

function applyCommand(holder: Holder, command: Command, decision: Accepted, at: number): boolean {
  holder.record(...decision.events, ...answered(command, decision, at));
  return decision.events.length > 0;
}

/** The first answer is kept, so that a repeat of the request gets it again. */
function answered({ requestId, type }: Command, { events, text }: Accepted, at: number): readonly IncidentEvent[] {
  if (requestId === undefined || type === 'merge') return []; // only the other incident knows how a merge ends
  return [{ type: 'answered', at, requestId, command: type, changed: events.length > 0, text }];
}
