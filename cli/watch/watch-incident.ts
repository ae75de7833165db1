/** One incident as it unfolds: each line of its timeline once, in order, whatever becomes of the server meanwhile. */
import { PHASES, type Phase } from '../../domain/kernel/phase.ts';
import type { TimelineEntryView } from '../../domain/engine/view.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { CommandCall } from '../command.ts';
import { headline, timelineLines, type ApiIncident } from '../text/incident-text.ts';
import { incidentIn, incidentPath, timelineIn } from '../api/send-command.ts';
import { safeBlock, safeJsonLine } from '../text/terminal-text.ts';

/** Lines from before the watch that a person gets to see; a program gets them all. */
const ENTRIES_BEFORE = 10;

interface IncidentWatch {
  /** Prints what is new; true once the phase is reached or passed. */
  readonly poll: () => Promise<boolean>;
  /** As of the last look. */
  readonly phase: () => string;
}

/** The story of the incident that `id` names now: a later one of the same group does not take its place. */
export function watchIncident(call: CommandCall, { id, until }: { id: string; until: Phase }): IncidentWatch {
  const api = call.client();
  const print = call.options.flag('json') ? jsonPrinter(call) : textPrinter(call);
  let name = id;
  let last: ApiIncident | null = null;
  let printedSeq = 0;

  const find = async (): Promise<{ incident: ApiIncident; now: number }> => {
    const answer = await api.get(incidentPath(name));
    const incident = incidentIn(answer);
    if (name === id && last?.id !== undefined && incident.id !== last.id) {
      name = last.id;
      return find();
    }
    return { incident, now: answer.now };
  };

  const poll = async (): Promise<boolean> => {
    const { incident, now } = await find();
    const lines = await entriesAfter(api, { name, incident, printedSeq });
    const changed = last === null || last.phase !== incident.phase || last.severity !== incident.severity;
    print({ incident, now, lines, first: last === null, changed });
    last = incident;
    printedSeq = lines.at(-1)?.seq ?? printedSeq;
    return PHASES.indexOf(incident.phase) >= PHASES.indexOf(until);
  };
  return { poll, phase: () => last?.phase ?? 'unknown' };
}

interface TimelineChanges {
  readonly incident: ApiIncident;
  readonly now: number;
  readonly lines: readonly TimelineEntryView[];
  readonly first: boolean;
  /** Phase or severity are not what they were. */
  readonly changed: boolean;
}

async function entriesAfter(
  api: ApiClient,
  { name, incident, printedSeq }: { name: string; incident: ApiIncident; printedSeq: number },
): Promise<readonly TimelineEntryView[]> {
  if (incident.seq !== undefined && incident.seq <= printedSeq) return [];
  const query = incident.seq === undefined ? '' : `?minSeq=${incident.seq}`;
  const { timeline: lines } = timelineIn(await api.get(`${incidentPath(name)}/timeline${query}`));
  return lines.filter(({ seq }) => seq > printedSeq);
}

function textPrinter({ context }: CommandCall): (changes: TimelineChanges) => void {
  return ({ incident, now, lines, first, changed }) => {
    const all = timelineLines(lines, now);
    const shown = first ? all.slice(-ENTRIES_BEFORE) : all;
    const left = all.length - shown.length;
    const before =
      left > 0 ? [`(${left} earlier lines: tocsin show ${incident.reference ?? incident.workflowId} --timeline)`] : [];
    const text = [...(first ? [headline(incident)] : []), ...before, ...shown];
    if (changed && !first) text.push(headline(incident));
    if (text.length > 0) context.out(`${safeBlock(text.join('\n'))}\n`);
  };
}

function jsonPrinter({ context }: CommandCall): (changes: TimelineChanges) => void {
  return ({ incident: { id, reference, workflowId }, lines }) => {
    for (const line of lines) {
      context.out(`${safeJsonLine({ id: id ?? null, reference: reference ?? null, workflowId, ...line })}\n`);
    }
  };
}
