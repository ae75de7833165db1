/** Finding a program: several places in order, the first that has it wins, each other says in one line why not. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lock } from 'proper-lockfile';

/** Says a line to the person who waits. */
export type Print = (line: string) => void;

/** Where the search reports: what took time or went wrong, and what was only looked at (shown with `--verbose`). */
export interface SearchReport {
  readonly say: Print;
  readonly verbose: Print;
}

/** Nothing went wrong: a place was empty, or a way does not exist on this machine. */
export class NotAvailable extends Error {}

/** The program is there but must not open this state directory's database. */
export class Incompatible extends Error {}

/** A place to look in: resolves with what was found, or rejects with an Error whose message says why not. */
export interface ProgramSource<T> {
  readonly name: string;
  readonly find: () => Promise<T>;
}

/** Every answer of a search that found nothing, in order. */
export class ProgramNotFound extends Error {
  readonly reasons: readonly Error[];

  constructor(program: string, answers: readonly string[], reasons: readonly Error[]) {
    super([`${program} was not found:`, ...answers].join('\n  '));
    this.reasons = reasons;
  }
}

/** The first source that has it wins; each other says in one line why not. Throws `NotFound`. */
export async function firstAvailable<T>(
  program: string,
  sources: readonly ProgramSource<T>[],
  report: SearchReport,
): Promise<T> {
  const answers: string[] = [];
  const reasons: Error[] = [];
  let failed = false;
  for (const { name, find } of sources) {
    try {
      const found = await find();
      (failed ? report.say : report.verbose)(`${program}: found: ${name}`);
      return found;
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      const answer = `${name}: ${oneLine(reason)}`;
      reasons.push(reason);
      answers.push(answer);
      failed ||= !(reason instanceof NotAvailable);
      const quiet = reason instanceof NotAvailable || reason instanceof Incompatible;
      (quiet ? report.verbose : report.say)(`${program}: ${answer}`);
    }
  }
  throw new ProgramNotFound(program, answers, reasons);
}

/** The file that `path` names. Throws `Absent` when `path` is empty, and Error when nothing is there. */
export function givenFile(path: string | undefined): string {
  if (!path) throw new NotAvailable('not set');
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  return path;
}

/** The file in a cache. Throws `Absent` when it was not fetched yet. */
export function cachedFile(path: string): string {
  if (!existsSync(path)) throw new NotAvailable('nothing there yet');
  return path;
}

/** The first executable called `name` in `path`, as a shell would find it. Throws `Absent` when there is none. */
export function onPath(name: string, path: string | undefined, otherwise = 'not there'): string {
  for (const dir of (path ?? '').split(delimiter).filter((entry) => entry !== '')) {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return join(dir, name);
    } catch {
      continue;
    }
  }
  throw new NotAvailable(otherwise);
}

const STALE_MS = 20_000;

/**
 * Makes `<dir>/<name>` appear complete or not at all. `make(temporary)` creates a file or directory at the given path.
 * Several processes may ask at once: one works, the others wait and take its result.
 */
export async function installOnce<T>(
  { dir, name, say }: { dir: string; name: string; say: Print },
  { existing, make }: { existing: () => Promise<T>; make: (temporary: string) => Promise<void> },
): Promise<T> {
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

async function lockOrWait(path: string, say: Print): Promise<() => Promise<void>> {
  // A compromised lock only means that two may do the same work: the rename still leaves one complete result.
  const settings = { realpath: false, stale: STALE_MS, update: STALE_MS / 4, onCompromised: () => undefined };
  try {
    return await lock(path, settings);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
  }
  say('another process is fetching the same; waiting for it …');
  return lock(path, { ...settings, retries: { retries: 1200, factor: 1, minTimeout: 1000, maxTimeout: 1000 } });
}

/** The first line of an error that says something, without the noise of a stack. */
function oneLine({ message }: Error): string {
  const lines = message.split('\n').map((line) => line.trim());
  return (lines.find((line) => line !== '') ?? 'failed').slice(0, 300);
}
