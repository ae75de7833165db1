/** Finding a program: several places in order, the first that has it wins, each other says in one line why not. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { EXIT_UNAVAILABLE, ExitError } from '../config/exit-error.ts';

/** Says a line to the person who waits. */
export type Say = (line: string) => void;

/** A place to look in: resolves with the program's path, or rejects with an Error whose message says why not. */
export interface Source {
  readonly name: string;
  readonly find: () => Promise<string>;
}

/** Throws `ExitError` (69) listing what each source answered. */
export async function firstOf(program: string, sources: readonly Source[], say: Say, remedy: string): Promise<string> {
  const answers: string[] = [];
  for (const { name, find } of sources) {
    try {
      const path = await find();
      if (answers.length > 0) say(`${program}: found: ${name}`);
      return path;
    } catch (error) {
      const answer = `${name}: ${oneLine(error)}`;
      answers.push(answer);
      say(`${program}: ${answer}`);
    }
  }
  throw new ExitError(EXIT_UNAVAILABLE, [`${program} was not found:`, ...answers].join('\n  '), remedy);
}

const STALE_MS = 20_000;

/**
 * Makes `<dir>/<name>` appear complete or not at all. `make(temporary)` creates a file or directory at the given path.
 * Several processes may ask at once: one works, the others wait and take its result.
 */
export async function installOnce(
  { dir, name, say }: { dir: string; name: string; say: Say },
  { existing, make }: { existing: () => Promise<string>; make: (temporary: string) => Promise<void> },
): Promise<string> {
  mkdirSync(dir, { recursive: true });
  const release = await lockOrWait(join(dir, name), say);
  const temporary = join(dir, `.${name}.${process.pid}.tmp`);
  try {
    sweep(dir, name);
    const found = await existing().catch(() => null);
    if (found !== null) return found;
    await make(temporary);
    renameSync(temporary, join(dir, name));
    return await existing();
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    await release().catch(() => undefined);
  }
}

/** What a killed process left half-made; under the lock nobody else is making it. */
function sweep(dir: string, name: string): void {
  for (const file of readdirSync(dir)) {
    if (file.startsWith(`.${name}.`)) rmSync(join(dir, file), { recursive: true, force: true });
  }
}

async function lockOrWait(path: string, say: Say): Promise<() => Promise<void>> {
  // A compromised lock only means that two may do the same work: the rename still leaves one complete result.
  const settings = { realpath: false, stale: STALE_MS, update: STALE_MS / 4, onCompromised: () => undefined };
  try {
    return await lock(path, settings);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
  }
  say('another process is fetching or building the same; waiting for it …');
  return lock(path, { ...settings, retries: { retries: 1200, factor: 1, minTimeout: 1000, maxTimeout: 1000 } });
}

/** The first line of an error that says something, without the noise of a stack. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.find((line) => line !== '') ?? 'failed').slice(0, 300);
}
