/**
 * Finds a program: tries several sources in turn; the first that has it wins, and each other gives a one-line reason.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockFile } from '../runtime/file-lock.ts';

/** Says a line to the person who waits. */
export type Print = (line: string) => void;

/** Where the search reports: what took time or went wrong, and what was only looked at (shown with `--verbose`). */
export interface SearchReport {
  readonly say: Print;
  readonly verbose: Print;
}

/** No failure: the source had nothing, or does not exist on this machine. */
export class NotAvailable extends Error {}

/** The program is there but must not open this state directory's database. */
export class Incompatible extends Error {}

/** A source: resolves with what it found, or rejects with an Error whose message is the reason. */
export interface ProgramSource<T> {
  readonly name: string;
  readonly find: () => Promise<T>;
}

/** The reasons of all sources, in sequence, when none had it. */
export class ProgramNotFound extends Error {
  readonly reasons: readonly Error[];

  constructor(program: string, answers: readonly string[], reasons: readonly Error[]) {
    super([`${program} was not found:`, ...answers].join('\n  '));
    this.reasons = reasons;
  }
}

/** The first source that has it wins; the others give one-line reasons. Throws `ProgramNotFound`. */
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

/** The file that `path` names. Throws `NotAvailable` when `path` is empty, and Error when nothing is there. */
export function givenFile(path: string | undefined): string {
  if (!path) throw new NotAvailable('not set');
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  return path;
}

/** The file in a cache. Throws `NotAvailable` when it was not fetched yet. */
export function cachedFile(path: string): string {
  if (!existsSync(path)) throw new NotAvailable('nothing there yet');
  return path;
}

/** The first executable called `name` in `path`, as a shell would find it. Throws `NotAvailable` when there is none. */
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

const OTHER_FETCHES_MS = 20 * 60_000;

/**
 * Makes `<dir>/<name>` appear complete or not at all. `make(temporary)` creates a file or directory at the given path.
 * Several processes may ask at once: one works, the others wait and take its result.
 */
export async function installOnce<T>(
  { dir, name, say }: { dir: string; name: string; say: Print },
  { existing, make }: { existing: () => Promise<T>; make: (temporary: string) => Promise<void> },
): Promise<T> {
  mkdirSync(dir, { recursive: true });
  const release = await lockFile(join(dir, `${name}.lock`), {
    waitMs: OTHER_FETCHES_MS,
    onWait: () => say('another process is fetching the same; waiting for it …'),
  });
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

/** The first meaningful line of an error, without its stack. */
function oneLine({ message }: Error): string {
  const lines = message.split('\n').map((line) => line.trim());
  return (lines.find((line) => line !== '') ?? 'failed').slice(0, 300);
}

export interface ProgramRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Prints a line every five seconds: `<text>: 25 s`. */
  readonly progress?: { readonly text: string; readonly say: Print };
  /** Asked each second; true ends the program as stuck. */
  readonly stalled?: () => boolean;
}

const TAIL_BYTES = 4000;
const PROGRESS_MS = 5000;

/** Resolves with its standard output. Rejects with the last line of what it complained about. */
export function runProgram(run: ProgramRun): Promise<string> {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      cwd: run.cwd,
      env: run.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stopped: string | null = null;
    const stop = (why: string): void => {
      stopped = why;
      child.kill('SIGKILL');
    };
    const timers = [
      setTimeout(() => stop(`gave up after ${Math.round(run.timeoutMs / 1000)} s`), run.timeoutMs),
      setInterval(() => reportProgress(run, started), PROGRESS_MS),
      setInterval(() => run.stalled?.() === true && stop('nothing arrived'), 1000),
    ];
    // Interrupted while it works: it must not go on without us.
    const onExit = (): void => void child.kill('SIGKILL');
    process.once('exit', onExit);

    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.out = tail(output.out + chunk.toString())));
    child.stderr.on('data', (chunk: Buffer) => (output.err = tail(output.err + chunk.toString())));
    const done = (error: Error | null): void => {
      timers.forEach(clearTimeout);
      process.off('exit', onExit);
      if (error === null) resolve(output.out);
      else reject(error);
    };
    child.once('error', (error) => done(error));
    child.once('close', (code) => {
      if (code === 0 && stopped === null) done(null);
      else done(new Error(stopped ?? (failureText(output) || `${run.command} ended with ${code ?? 'a signal'}`)));
    });
  });
}

function reportProgress({ progress }: ProgramRun, started: number): void {
  progress?.say(`${progress.text}: ${Math.round((Date.now() - started) / 1000)} s`);
}

function tail(text: string): string {
  return text.slice(-TAIL_BYTES);
}

function failureText({ out, err }: { out: string; err: string }): string {
  const lines = (err.trim() || out.trim()).split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /error|failed|cannot|not found/i.test(line)) ?? lines.at(-1) ?? '';
}

/** The repository: `tools/` is needed at run time, and this code may run compiled from somewhere else. */
export function repositoryRoot(): string {
  const given = process.env['TOCSIN_ROOT'];
  if (given) return given;
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package-lock.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('cannot find the repository of tocsin: set TOCSIN_ROOT');
    dir = parent;
  }
  return dir;
}

/** Shared by every copy of Tocsin of this user, so that a server is fetched once. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tocsin');
}
