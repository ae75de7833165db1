/** Runs a helper program to its end, quietly, with a time limit and signs of life. */
import { spawn } from 'node:child_process';
import type { Print } from './find-program.ts';

export interface ProgramRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Every five seconds a line is said: `<text>: 25 s`. */
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
