/**
 * As much of Jest as the tests of the domain use, so that a mutant is judged in a second: runs every test in order, and
 * ends the process at the first that fails. Stands in for `@jest/globals`.
 */
import { expect as expectation } from 'expect';

type Body = (...values: never[]) => unknown;

const queue: { readonly title: string; readonly body: () => unknown }[] = [];

function add(title: string, body: () => unknown): void {
  queue.push({ title, body });
}

const each =
  (table: readonly unknown[]) =>
  (title: string, body: Body): void => {
    for (const row of table) {
      const values = (Array.isArray(row) ? row : [row]) as never[];
      add(`${title} ${JSON.stringify(values[0])}`, () => body(...values));
    }
  };

export const test = Object.assign(add, { each });
export const describe = Object.assign((_title: string, body: () => void) => body(), {
  each: (table: readonly unknown[]) => (_title: string, body: Body) => {
    for (const row of table) body(...((Array.isArray(row) ? row : [row]) as never[]));
  },
});
export const expect = expectation;
// Some tests use what Jest puts everywhere.
Object.assign(globalThis, { test, describe, expect });

/** Exit code 1: some test saw the mistake. */
export async function runAll(): Promise<void> {
  for (const { title, body } of queue) {
    try {
      await body();
    } catch {
      process.stdout.write(`${title}\n`);
      process.exit(1);
    }
  }
  process.exit(0);
}
