/**
 * Notifications: chat posts, public entries, notices, tickets, stakeholder updates, others' alarms and the records; each line in its order and
 * beside the others. What one line could not deliver is left to the runbook, so that one vendor's trouble holds up
 * nobody else.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { tellStakeholderUpdates } from './stakeholder-updates.ts';
import { inTime, orTrouble, tellLine } from './line.ts';
import type { LineOutcome, Progress } from './line.ts';
import { linesOf } from './lines.ts';
import type { Ports } from './ports.ts';
import { createRecorder } from './recorder.ts';
import { createScene } from './scene.ts';
import type { TellAnswer, TellRequest } from './types.ts';

/** One attempt, of a call that insists or not: a hanging vendor must not keep the other lines' news waiting. */
const ATTEMPT_MS = 12_000;
/** The records go first, for they give the number; the others wait for them no longer than this. */
const RECORDS_FIRST_MS = 1_500;

export function createTell(ports: Ports): (request: TellRequest) => Promise<TellAnswer> {
  return async (request) => {
    const { attempt, ...info } = activityInfo();
    const before = info.heartbeatDetails as Progress | undefined;
    const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]);
    const scene = createScene(request, ports.links, before?.refs ?? {});
    const recorder = createRecorder(ports, request);
    const again = request.insists || attempt > 1;
    const stakeholderUpdates = new Map(before?.stakeholderUpdates?.map(({ n, text }) => [n, text]));
    const call = {
      ports,
      request,
      scene,
      signal,
      again,
      deliveries: [...(before?.deliveries ?? [])],
      stakeholderUpdates,
    };
    const done = new Set(before?.done ?? []);

    const recording = orTrouble('records', recorder.record());
    const recorded = await inTime(recording, request.insists ? ATTEMPT_MS : RECORDS_FIRST_MS);
    const numbered = recorder.numbered();
    if (numbered !== null) scene.number(numbered);
    const telling = linesOf(call).map(({ line, acts }) => tellLine(line, acts, done));
    const told = await Promise.all([...telling, tellStakeholderUpdates(call, telling[0], done)]);
    await recorder.learn(scene, call.deliveries);

    const outcomes: readonly LineOutcome[] = [recorded ?? tooLate, ...told];
    const troubles = outcomes.flatMap(({ line, trouble }) => (trouble === null ? [] : [{ line, ...trouble }]));
    const progress: Progress = {
      done: [...done],
      deliveries: call.deliveries,
      refs: scene.learned(),
      refused: [
        ...(before?.refused ?? []),
        ...outcomes.flatMap(({ line, refused }) => refused.map((reason) => ({ line, reason }))),
      ],
      ...writtenOf(stakeholderUpdates, done),
    };
    const [first] = troubles;
    // A stakeholder update that is out is told at once, so that no attempt sends it again.
    const isNews =
      request.stakeholderUpdates !== undefined && call.deliveries.length > (before?.deliveries.length ?? 0);
    if (request.insists && first !== undefined && !isNews) {
      heartbeat(progress);
      throw ApplicationFailure.create({
        message: first.reason,
        type: 'NotificationNotTaken',
        ...(first.retryAfterMs === null ? {} : { nextRetryDelay: first.retryAfterMs }),
      });
    }
    return {
      ...progress,
      troubled: troubles.map(({ line }) => line),
      recorded: recorder.revision(),
      numbered: recorder.numbered(),
      searchable: ports.searchable(),
    };
  };
}

/** Stakeholder updates that are out; nothing where there are none, so that most answers are as they were. */
function writtenOf(
  stakeholderUpdates: ReadonlyMap<number, string>,
  done: ReadonlySet<number>,
): Pick<Progress, 'stakeholderUpdates'> {
  const out = [...stakeholderUpdates].filter(([n]) => done.has(n)).map(([n, text]) => ({ n, text }));
  return out.length === 0 ? {} : { stakeholderUpdates: out };
}

const tooLate: LineOutcome = {
  line: 'records',
  trouble: { reason: 'records: no answer in time', retryAfterMs: null },
  refused: [],
};
