/** How a process is asked to stop, and how long it may take to do so. */

/**
 * Resolves at the first SIGTERM or SIGINT. Later ones change nothing: a terminal and npm each send their own, and the
 * draining that follows is bounded in time anyway. The death of the npm or npx that has started this process counts as a
 * SIGTERM: npx ends at one without passing it on.
 */
export function untilStopSignal(env: NodeJS.ProcessEnv = process.env): Promise<NodeJS.Signals> {
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
export function wasStartedByNpm({ npm_command: command, npm_lifecycle_script: script }: NodeJS.ProcessEnv): boolean {
  return command !== undefined && script !== undefined && /\btocsin\b/.test(script);
}

const LOOK_AT_PARENT_MS = 500;

/** A process that loses its parent gets another one; there is no event for it. */
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

/** Waits for `draining`, but not for ever. False: it was not done in time. */
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
