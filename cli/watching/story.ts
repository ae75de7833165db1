/** One incident as it unfolds: each line of its timeline once, in order, whatever becomes of the server meanwhile. */
import { PHASES, type Phase } from '../../domain/phase.ts';
import type { TimelineLine } from '../../domain/view.ts';
import type { Client } from '../client.ts';
import type { Call } from '../command.ts';
import { headline, timeline, type ShownIncident } from '../incident-text.ts';
import { incidentOf, pathOf, timelineOf } from '../commands/tell.ts';
import { safeBlock, safeJsonLine } from '../text.ts';

/** Lines from before the watch that a person gets to see; a program gets them all. */
const LINES_BEFORE = 10;

interface Story {
  /** Prints what is new; true once the phase is reached or passed. */
  readonly look: () => Promise<boolean>;
  /** As of the last look. */
  readonly phase: () => string;
}

/** The story of the incident that `id` names now: a later one of the same group does not take its place. */
export function storyOf(call: Call, { id, until }: { id: string; until: Phase }): Story {
  const api = call.client();
  const tellers = call.options.flag('json') ? jsonTeller(call) : textTeller(call);
  let name = id;
  let last: ShownIncident | null = null;
  let told = 0;

  const find = async (): Promise<{ incident: ShownIncident; now: number }> => {
    const answer = await api.get(pathOf(name));
    const incident = incidentOf(answer);
    if (name === id && last?.id !== undefined && incident.id !== last.id) {
      name = last.id;
      return find();
    }
    return { incident, now: answer.now };
  };

  const look = async (): Promise<boolean> => {
    const { incident, now } = await find();
    const lines = await linesAfter(api, { name, incident, told });
    const changed = last === null || last.phase !== incident.phase || last.severity !== incident.severity;
    tellers({ incident, now, lines, first: last === null, changed });
    last = incident;
    told = lines.at(-1)?.seq ?? told;
    return PHASES.indexOf(incident.phase) >= PHASES.indexOf(until);
  };
  return { look, phase: () => last?.phase ?? 'unknown' };
}

interface News {
  readonly incident: ShownIncident;
  readonly now: number;
  readonly lines: readonly TimelineLine[];
  readonly first: boolean;
  /** Phase or severity are not what they were. */
  readonly changed: boolean;
}

async function linesAfter(
  api: Client,
  { name, incident, told }: { name: string; incident: ShownIncident; told: number },
): Promise<readonly TimelineLine[]> {
  if (incident.seq !== undefined && incident.seq <= told) return [];
  const query = incident.seq === undefined ? '' : `?minSeq=${incident.seq}`;
  const { timeline: lines } = timelineOf(await api.get(`${pathOf(name)}/timeline${query}`));
  return lines.filter(({ seq }) => seq > told);
}

function textTeller({ context }: Call): (news: News) => void {
  return ({ incident, now, lines, first, changed }) => {
    const shown = timeline(first ? lines.slice(-LINES_BEFORE) : lines, now);
    const left = first ? lines.length - shown.length : 0;
    const before =
      left > 0 ? [`(${left} earlier lines: tocsin show ${incident.reference ?? incident.workflowId} --timeline)`] : [];
    const text = [...(first ? [headline(incident)] : []), ...before, ...shown];
    if (changed && !first) text.push(headline(incident));
    if (text.length > 0) context.out(`${safeBlock(text.join('\n'))}\n`);
  };
}

function jsonTeller({ context }: Call): (news: News) => void {
  return ({ incident: { id, reference, workflowId }, lines }) => {
    for (const line of lines) {
      context.out(`${safeJsonLine({ id: id ?? null, reference: reference ?? null, workflowId, ...line })}\n`);
    }
  };
}
