/** Tocsin as real processes: `up`, `server`, `worker`, started by the launcher a user has, and killed by their ids. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Bundled commands say where it is: their own address is another. */
const LAUNCHER = process.env['TOCSIN_LAUNCHER'] ?? fileURLToPath(new URL('../../bin/tocsin.js', import.meta.url));

export interface RunningProcess {
  readonly pid: number;
  readonly output: () => string;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface ProcessOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** It is up when this says so. */
  readonly ready: () => Promise<boolean>;
  readonly withinMs?: number;
}

export async function startProcess(
  command: string,
  { args, env, ready, withinMs = 60_000 }: ProcessOptions,
): Promise<RunningProcess> {
  let output = '';
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const end = Date.now() + withinMs;
  while (!(await ready().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`${command} ${args.join(' ')} is not ready (exit ${child.exitCode}):\n${output.slice(-3000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return running(child, exited, () => output);
}

function running(child: ChildProcess, exited: Promise<number | null>, output: () => string): RunningProcess {
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  return { pid: child.pid ?? 0, output, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}

/** `tocsin …` by the launcher. */
export function startTocsin(spawned: ProcessOptions): Promise<RunningProcess> {
  return startProcess(process.execPath, { ...spawned, args: [LAUNCHER, ...spawned.args] });
}

/** Runs one command to its end. */
export async function runTocsin(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; out: string }> {
  let out = '';
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, out };
}

export async function isOk(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}
