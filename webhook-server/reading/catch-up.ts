/** Waiting for the records to have what somebody has already been told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Memory } from './memory.ts';
import type { TimeLimit } from './time-limit.ts';
import type { Subject } from './subject.ts';

/** Which incident the records are to be asked for, and whether they had caught up in time. */
export interface Recorded {
  readonly incidentId: string;
  readonly isBehind: boolean;
}

const WAIT_MS = 1000;
const LOOK_EVERY_MS = 50;

/**
 * Waits up to 1 s. Null: the records do not know it. Throws `RecordsDown`.
 * `minSeq`: what the request asks for; 0: nothing.
 */
export async function caughtUp(
  subject: Subject,
  minSeq: number,
  { memory, timeLimit }: { readonly memory: Memory; readonly timeLimit: TimeLimit },
): Promise<Recorded | null> {
  const found = await timeLimit.ask((records) => records.find(subject.incidentId ?? subject.workflowId));
  if (found === null) return null;
  const told = memory.of(subject.workflowId);
  const isNews = subject.incidentId === null && told?.incidentId != null && told.incidentId > found.incidentId;
  const incidentId = isNews ? (told.incidentId ?? found.incidentId) : found.incidentId;
  const isTold = told !== null && (told.incidentId ?? incidentId) === incidentId;
  const wanted = Math.max(minSeq, isTold ? told.seq : 0);

  const end = performance.now() + WAIT_MS;
  let seq = isNews ? 0 : found.seq;
  while (seq < wanted && performance.now() < end) {
    await sleep(LOOK_EVERY_MS);
    seq = await timeLimit.ask((records) => records.seqOf(incidentId));
  }
  return { incidentId, isBehind: seq < wanted || (isNews && seq === 0) };
}
