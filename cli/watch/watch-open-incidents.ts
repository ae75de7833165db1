/** The list of open incidents, kept current: drawn over on a terminal, printed anew elsewhere when it has changed. */
import type { CommandCall } from '../command.ts';
import { filterOf, fetchPage, incidentTable } from '../api/incident-pages.ts';
import type { ApiIncident } from '../text/incident-text.ts';
import { safeBlock, safeJsonLine } from '../text/terminal-text.ts';

const INCIDENTS_SHOWN = '100';
/** Cursor home, and everything after it erased. */
const CLEAR = '\u001b[H\u001b[J';

/** A look at the list that never has an end of its own. */
export function watchOpenIncidents(call: CommandCall): () => Promise<boolean> {
  const api = call.client();
  const draw = call.options.flag('json') ? jsonListPrinter(call) : textListPrinter(call);
  return async () => {
    const { incidents, next, note, now } = await fetchPage(api, { ...filterOf(call.options), limit: INCIDENTS_SHOWN });
    draw({ incidents, more: next !== null, note, now });
    return false;
  };
}

interface WatchedList {
  readonly incidents: readonly ApiIncident[];
  readonly more: boolean;
  readonly note: string | null;
  readonly now: number;
}

function textListPrinter({ context }: CommandCall): (shown: WatchedList) => void {
  let before = '';
  return ({ incidents, more, note, now }) => {
    const rows = incidents.length === 0 ? 'no open incidents' : incidentTable(incidents, now);
    const text = safeBlock(
      [`${clock(now)}  ${incidents.length} open`, rows, ...(more ? ['and more'] : []), note ?? []].flat().join('\n'),
    );
    const state = JSON.stringify(incidents.map(watchedFields));
    if (context.tty) context.out(`${CLEAR}${text}\n`);
    else if (state !== before) context.out(`${text}\n\n`);
    before = state;
  };
}

/** A line for each incident that is new or has changed, and for each that has left the list. */
function jsonListPrinter({ context }: CommandCall): (shown: WatchedList) => void {
  let before = new Map<string, { state: string; incident: ApiIncident }>();
  return ({ incidents, more }) => {
    const current = new Map(
      incidents.map((incident) => [keyOf(incident), { state: JSON.stringify(watchedFields(incident)), incident }]),
    );
    for (const [key, { state, incident }] of current) {
      if (before.get(key)?.state !== state) context.out(`${safeJsonLine(incident)}\n`);
    }
    for (const [key, { incident }] of before) {
      // What a full page pushed out may well be open.
      if (current.has(key) || more) continue;
      const { id = null, reference = null, workflowId } = incident;
      context.out(`${safeJsonLine({ id, reference, workflowId, gone: true })}\n`);
    }
    before = current;
  };
}

function watchedFields(incident: ApiIncident): unknown {
  const { reference, title, severity, phase, seq, roles, acknowledgedBy } = incident;
  return [keyOf(incident), reference, title, severity, phase, seq, roles?.ic, acknowledgedBy];
}

function keyOf({ workflowId, id }: ApiIncident): string {
  return id ?? workflowId;
}

function clock(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
