/**
 * Merging: one incident asks to become a part of another, which takes it in or says why not. Both go on as before until
 * the answer. RUNBOOK §3. Pure: words and commands in, events out.
 */
import type { Command } from './commands.ts';
import type { Decision, Refuse } from './decision.ts';
import { accept, already } from './decision.ts';
import type { IncidentEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { heardAnew } from './forwarded.ts';
import type { Incident } from './incident.ts';
import { absorbEvents, isAbsorbed, refusalOf, releaseEvents, standingEvents } from './absorb.ts';
import type { MergeMessage, MergePeer } from './merge-messages.ts';
import { mergeTarget, mergePeerOf } from './merge-peers.ts';
import { isOpen } from './phase.ts';

/** An answer that does not come, comes never: whoever was asked is no incident. */
const ANSWER_WITHIN_MS = 2 * 60_000;
const HOPS_AT_MOST = 10;

export function decideMerge(
  incident: Incident,
  { by, into, requestId }: Command & { type: 'merge' },
  at: number,
  refuse: Refuse,
): Decision {
  const { workflowId, incidentId, reference, merging, storm, test, revision } = incident;
  if (into === workflowId || into === incidentId || into === reference) {
    return refuse('an incident cannot be merged into itself');
  }
  if (test) return refuse('a test cannot be merged: it ends by itself');
  if (storm !== undefined) return refuse('a storm cannot be merged away: split groups out of it, or merge into it');
  if (merging) {
    const isRepeat = requestId !== undefined && requestId === merging.requestId;
    return isRepeat ? already(UNDER_WAY) : refuse(`it is being merged into ${merging.into} already`);
  }
  const request = requestId === undefined ? {} : { requestId };
  return accept(UNDER_WAY, { type: 'merge-asked', at, by, into, ask: revision + 1, ...request });
}

/** What a person hears when the answer of the other incident takes its time. */
export const UNDER_WAY = 'It is being merged: the timeline will say what came of it.';

/** What is asked has not been answered, and when that is given up; null: nothing is. */
export function answerDueAt({ merging }: Incident): number | null {
  return merging ? merging.askedAt + ANSWER_WITHIN_MS : null;
}

/** Nobody is there to answer, or nobody has. */
export function unanswered({ merging }: Incident, reason: string, at: number): readonly IncidentEvent[] {
  if (!merging) return [];
  const { by, into, ask } = merging;
  return [{ type: 'merge-refused', at, by, into, ask, reason }];
}

/** Whoever was asked may have taken it in, and its answer may be lost or void: it must not keep us. */
export function givenUp(incident: Incident, at: number): readonly IncidentEvent[] {
  const { merging } = incident;
  if (!merging) return [];
  const release = owed({ workflowId: merging.into }, { say: 'release', from: mergePeerOf(incident) }, at);
  return [...unanswered(incident, 'it did not answer', at), release];
}

/** What a word of another incident causes here. */
export function handleMergeMessage(incident: Incident, word: MergeMessage, at: number): readonly IncidentEvent[] {
  switch (word.say) {
    case 'absorb':
      return handleAbsorb(incident, word, at);
    case 'follow':
      return handleFollow(incident, word, at);
    case 'release':
      return handleRelease(incident, word.from, at);
    default:
      return word.incidentId === incident.incidentId || word.say === 'returned' ? handleTarget(incident, word, at) : [];
  }
}

function owed(to: Pick<MergePeer, 'workflowId'>, word: MergeMessage, at: number): IncidentEvent {
  return { type: 'merge-message-queued', at, to: to.workflowId, word };
}

function handleAbsorb(
  incident: Incident,
  asked: MergeMessage & { say: 'absorb' },
  at: number,
): readonly IncidentEvent[] {
  const { from, ask } = asked;
  const { incidentId } = from;
  const taken = owed(from, { say: 'taken', incidentId, ask, by: mergePeerOf(incident) }, at);
  if (isAbsorbed(incident, from)) return [taken];
  const there = mergeTarget(incident);
  if (there !== null && there.workflowId !== from.workflowId) {
    return [owed(from, { say: 'ask-there', incidentId, ask, workflowId: there.workflowId }, at)];
  }
  const reason = refusalOf(incident, asked);
  if (reason !== null) return [owed(from, { say: 'refused', incidentId, ask, reason }, at)];
  return [...absorbEvents(incident, asked, at), taken];
}

function handleFollow(
  incident: Incident,
  word: MergeMessage & { say: 'follow' },
  at: number,
): readonly IncidentEvent[] {
  const { from, incidentIds, standing } = word;
  const { incidentId } = from;
  if (isOpen(incident.phase)) {
    const joined: readonly IncidentEvent[] = isAbsorbed(incident, from)
      ? []
      : [{ type: 'incident-absorbed', at, by: null, from, incidentIds, standing }];
    return [...joined, ...standingEvents(joined.reduce(evolve, incident), from, { standing, by: null }, at)];
  }
  const there = mergeTarget(incident);
  const by = mergePeerOf(incident);
  if (there === null) return [owed(from, { say: 'over', incidentId, by }, at)];
  const { isOver: _, ...to } = there;
  return [owed(from, { say: 'moved', incidentId, by, to }, at)];
}

/** One that has gone on into another passes it on. */
function handleRelease(incident: Incident, from: MergePeer, at: number): readonly IncidentEvent[] {
  // Said twice: meanwhile it may have become a part of the same one by itself.
  if (!hasSomethingOf(incident, from)) return [];
  const there = mergeTarget(incident);
  if (there === null) return releaseEvents(incident, from, at);
  return [{ type: 'absorbed-released', at, from }, owed(there, { say: 'release', from }, at)];
}

/** Its alerts may have come by way of another, before it could follow itself. */
function hasSomethingOf(incident: Incident, from: MergePeer): boolean {
  return isAbsorbed(incident, from) || Object.values(incident.alerts).some(({ group }) => group === from.workflowId);
}

type TargetWord = Exclude<MergeMessage, { say: 'absorb' | 'follow' | 'release' }>;

function handleTarget(incident: Incident, word: TargetWord, at: number): readonly IncidentEvent[] {
  const { merging } = incident;
  const there = mergeTarget(incident);
  switch (word.say) {
    case 'taken':
      return handleTaken(incident, word, at);
    case 'refused':
      return merging?.ask === word.ask ? unanswered(incident, word.reason, at) : [];
    case 'ask-there':
      return merging?.ask === word.ask ? askThere(incident, merging.hops + 1, word.workflowId, at) : [];
    case 'moved':
      return there?.workflowId === word.by.workflowId ? [{ type: 'merge-moved', at, into: word.to }] : [];
    case 'over':
      return there?.workflowId === word.by.workflowId ? [{ type: 'merge-ended', at }] : [];
    case 'returned': {
      const over: readonly IncidentEvent[] =
        there?.workflowId === word.by.workflowId ? [{ type: 'merge-ended', at }] : [];
      return [...over, ...heardAnew(incident, word.alerts, at)];
    }
  }
}

/**
 * It has us now. What an earlier asking of it brought may have been undone since: each asking has an answer of its own.
 */
function handleTaken(
  incident: Incident,
  { by, ask }: MergeMessage & { say: 'taken' },
  at: number,
): readonly IncidentEvent[] {
  const { merging } = incident;
  if (merging?.into === by.workflowId) {
    if (merging.ask !== ask) return [];
    const merged: IncidentEvent = { type: 'merged', at, by: merging.by, into: by };
    const { requestId } = merging;
    const text = `Merged into ${by.name}.`;
    if (requestId === undefined) return [merged];
    return [merged, { type: 'answered', at, requestId, command: 'merge', changed: true, text }];
  }
  if (mergeTarget(incident)?.workflowId === by.workflowId) return [];
  // Over meanwhile, or given up: it must not keep us.
  return [owed(by, { say: 'release', from: mergePeerOf(incident) }, at)];
}

function askThere(incident: Incident, hops: number, into: string, at: number): readonly IncidentEvent[] {
  if (into === incident.workflowId) return unanswered(incident, 'that one is a part of this very incident', at);
  if (hops > HOPS_AT_MOST) return unanswered(incident, 'it leads from one incident to the next without end', at);
  return [{ type: 'merge-followed', at, into, hops, ask: incident.revision + 1 }];
}
