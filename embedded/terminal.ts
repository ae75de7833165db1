/**
 * What people see on the terminal of `tocsin up`: each incident's timeline as it is recorded, and what is due next.
 * The lines ride along with what the worker writes into the records, so no page waits for them.
 */
import type { Config } from '../config/config.ts';
import { printable } from '../config/log.ts';
import type { RecordBatch } from '../domain/record.ts';
import type { Records } from '../records/records.ts';

type Print = (text: string) => void;

/** Incidents that are remembered, so that a batch written again is not shown again. */
const REMEMBERED = 500;

interface Shown {
  seq: number;
  due: string;
  name: string;
}

/** The same records; whatever is written to them is shown first. */
export function shownOn(print: Print, records: Records, config: () => Pick<Config, 'timeZone'>): Records {
  const known = new Map<string, Shown>();
  return {
    ...records,
    async write(batch) {
      const shown = known.get(batch.incidentId) ?? { seq: 0, due: '', name: '' };
      known.set(batch.incidentId, shown);
      if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? '');
      const lines = linesOf(batch, shown, config().timeZone);
      if (lines.length > 0) print(`${lines.join('\n')}\n`);
      const numbered = await records.write(batch);
      if (numbered.reference !== null) shown.name = numbered.reference;
      return numbered;
    },
  };
}

function linesOf(batch: RecordBatch, shown: Shown, timeZone: string): string[] {
  const { head } = batch;
  const news = batch.lines.filter(({ seq }) => seq > shown.seq);
  if (head !== null && shown.name === '') shown.name = `"${head.title}"`;
  const lines = news.map(({ at, text }) => `${clock(at, timeZone)}  ${shown.name || batch.workflowId}  ${text}`);
  shown.seq = news.at(-1)?.seq ?? shown.seq;
  if (head === null) return lines.map(printable);
  const [next] = head.deadlines;
  const due = next === undefined ? '' : `next: ${next.text} at ${clock(Date.parse(next.at), timeZone)}`;
  if (due !== '' && due !== shown.due) lines.push(`${' '.repeat(10)}${due}`);
  shown.due = due;
  return lines.map(printable);
}

function clock(at: number, timeZone: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone });
}
