/** "What responders can say" of docs/runbook.md, read as a program reads it: the page and the code cannot drift apart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PHASES, type Phase } from '../../domain/kernel/phase.ts';

const PAGE = join(import.meta.dirname, '../../docs/runbook.md');
const OPEN: readonly Phase[] = ['declared', 'investigating', 'mitigating', 'monitoring'];
const ROW = /^\| `(\w+)(?: \{([^}]+)\})?` *\| ([^|]+?) *\| ([^|]+?) *\|$/;

export interface CommandRow {
  /** As written: an optional one ends with a question mark. */
  readonly args: readonly string[];
  readonly phases: readonly Phase[];
}

/** Command → its row. Throws for a row that is not written as the others are. */
export function commandTable(): ReadonlyMap<string, CommandRow> {
  const [, section = ''] = readFileSync(PAGE, 'utf8').split('\n## What responders can say\n');
  const table = section.split('\n- **')[0] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(rows.map(rowOf));
}

function rowOf(line: string): readonly [string, CommandRow] {
  const [, command, args = '', allowed] = ROW.exec(line) ?? [];
  if (command === undefined || allowed === undefined) throw new Error(`a row that cannot be read: ${line}`);
  // What stands behind the semicolon says for whom, or when.
  const [where = ''] = allowed.split(';');
  const phases = where.split(', ').flatMap((word) => phasesOf(word, line));
  return [command, { args: args === '' ? [] : args.split(', '), phases }];
}

function phasesOf(word: string, line: string): readonly Phase[] {
  if (word === 'open') return OPEN;
  if (word === 'always') return PHASES;
  const phase = PHASES.find((known) => known === word);
  if (phase === undefined) throw new Error(`"${word}" is no phase: ${line}`);
  return [phase];
}
