/**
 * What people see on the terminal of `tocsin up`: each incident's timeline as it is recorded, and what is due next.
 * The lines ride along with what the worker writes into the records, so no page waits for them.
 */
import type { Config } from '../config/config.ts';
import { printable } from '../runtime/log.ts';
import type { ProjectionBatch } from '../domain/engine/projection.ts';
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
export function printTimelineOn(print: Print, records: Records, config: () => Pick<Config, 'timeZone'>): Records {
  const known = new Map<string, Shown>();
  return {
    ...records,
    async project(batch) {
      const printedSoFar = known.get(batch.incidentId) ?? { seq: 0, due: '', name: '' };
      known.set(batch.incidentId, printedSoFar);
      if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? '');
      const lines = linesOf(batch, printedSoFar, config().timeZone);
      if (lines.length > 0) print(`${lines.join('\n')}\n`);
      const numbered = await records.project(batch);
      if (numbered.reference !== null) printedSoFar.name = numbered.reference;
      return numbered;
    },
  };
}

function linesOf(batch: ProjectionBatch, printedSoFar: Shown, timeZone: string): string[] {
  const { projection } = batch;
  const newEntries = batch.entries.filter(({ seq }) => seq > printedSoFar.seq);
  if (projection !== null && printedSoFar.name === '') printedSoFar.name = `"${projection.title}"`;
  const lines = newEntries.map(
    ({ at, text }) => `${clock(at, timeZone)}  ${printedSoFar.name || batch.workflowId}  ${text}`,
  );
  printedSoFar.seq = newEntries.at(-1)?.seq ?? printedSoFar.seq;
  if (projection === null) return lines.map(printable);
  const [next] = projection.deadlines;
  const due = next === undefined ? '' : `next: ${next.text} at ${clock(Date.parse(next.at), timeZone)}`;
  if (due !== '' && due !== printedSoFar.due) lines.push(`${' '.repeat(10)}${due}`);
  printedSoFar.due = due;
  return lines.map(printable);
}

function clock(at: number, timeZone: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone });
}
