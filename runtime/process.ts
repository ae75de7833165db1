/** How a process ends: exit codes with a remedy for the person, signals, and how long draining may take. */
import { closeSync, constants, openSync } from 'node:fs';

export const EXIT_UNAVAILABLE = 69;
export const EXIT_CONFIGURATION = 78;

/** `message`: what is wrong; `remedy`: what the person can do. A sentence each. */
export class ExitError extends Error {
  readonly exitCode: number;
  readonly remedy: string;
  constructor(exitCode: number, message: string, remedy: string) {
    super(message);
    this.name = 'ExitError';
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/**
 * Calls `reload` at each SIGHUP. A process started in a terminal stops instead (SIGTERM) when that terminal closes:
 * that is no request to reload, and nobody can watch the process any more.
 */
export function onHangup(reload: () => void): void {
  const { stdin, stdout, stderr } = process;
  // `nohup` and services have no terminal, and should keep running.
  const isAtTerminal = stdin.isTTY || stdout.isTTY || stderr.isTTY;
  process.on('SIGHUP', () => {
    if (!isAtTerminal || hasTerminal()) return reload();
    // Output reaches nobody any more; failing to write it must not end the process early.
    for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
    process.kill(process.pid, 'SIGTERM');
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    // However it fails, nobody can be reached there.
    return false;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Resolves at the first SIGTERM or SIGINT. Later ones change nothing: a terminal and npm each send their own, and
 * draining is bounded in time anyway. The death of the npm or npx that started this process counts as a SIGTERM, because
 * npx does not pass one on.
 */
export function untilStopSignal(env: Env = process.env): Promise<NodeJS.Signals> {
  return new Promise((stop) => {
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    if (wasStartedByNpm(env)) whenParentDies(() => stop('SIGTERM'));
  });
}

/**
 * Whether npm or npx runs this very process: `npx tocsin up`, or a script of package.json that names it. A process that
 * somebody starts from a shell of npm's inherits npm's variables too, and may be left running.
 */
export function wasStartedByNpm({ npm_command: command, npm_lifecycle_script: script }: Env): boolean {
  return command !== undefined && script !== undefined && /\btocsin\b/.test(script);
}

const LOOK_AT_PARENT_MS = 500;

/** A process that loses its parent gets another one, without an event. */
function whenParentDies(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, LOOK_AT_PARENT_MS);
  timer.unref();
}

/** SIGTERM promises an end within 30 s; whatever still hangs then is safe in Temporal. */
const DRAIN_MS = 25_000;

/** Waits for `draining` up to a limit. False: it did not finish in time. */
export async function finishesWithin(draining: Promise<unknown>, withinMs = DRAIN_MS): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<false>((give) => {
    timer = setTimeout(give, withinMs, false);
  });
  try {
    return await Promise.race([draining.then(() => true as const), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
