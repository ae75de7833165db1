/**
 * Polls until something has happened: at an even pace while the server answers, ever more rarely while it does not, and
 * across its restarts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, EXIT } from '../cli-error.ts';

interface Polling {
  /** One look; true: what was waited for has happened. A `CliError` of exit code 69 is trouble to sit out. */
  readonly poll: () => Promise<boolean>;
  /** Between two looks while all is well, ms. */
  readonly everyMs: number;
  /** Length of the whole, ms; null: without end. */
  readonly timeoutMs: number | null;
  readonly warn: (text: string) => void;
}

const LONGEST_PAUSE_MS = 30_000;

/** `late`: the time is over. Throws what the first look throws, later whatever is not mere trouble, or lasts too long. */
export async function pollUntil({ poll, everyMs, timeoutMs, warn }: Polling): Promise<'happened' | 'late'> {
  const endsAt = timeoutMs === null ? Infinity : Date.now() + timeoutMs;
  if (await poll()) return 'happened';
  let error: CliError | null = null;
  for (let pause = everyMs; ;) {
    const left = endsAt - Date.now();
    if (left <= 0 && error !== null) throw error;
    if (left <= 0) return 'late';
    await sleep(Math.min(pause, left));
    const outcome = await tryPoll(poll);
    if (outcome instanceof CliError) {
      if (error === null) warn(`${outcome.message}; retrying until it answers`);
      error = outcome;
      pause = Math.min(pause * 2, Math.max(LONGEST_PAUSE_MS, everyMs));
      continue;
    }
    if (error !== null) warn('the server answers again');
    error = null;
    pause = everyMs;
    if (outcome) return 'happened';
  }
}

async function tryPoll(look: Polling['poll']): Promise<boolean | CliError> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.unavailable) return error;
    throw error;
  }
}
