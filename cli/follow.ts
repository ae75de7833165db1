/**
 * Looking again and again until something has happened: at an even pace while the server answers, ever more rarely
 * while it does not, and across its restarts.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { CliError, EXIT } from './failure.ts';

export interface Following {
  /** One look; true: what was waited for has happened. A `CliError` of exit code 69 is trouble to sit out. */
  readonly look: () => Promise<boolean>;
  /** Between two looks while all is well, ms. */
  readonly everyMs: number;
  /** Length of the whole, ms; null: without end. */
  readonly timeoutMs: number | null;
  readonly warn: (text: string) => void;
}

const RAREST_MS = 30_000;

/** `late`: the time is over. Throws what the first look throws, later whatever is not mere trouble, or lasts too long. */
export async function follow({ look, everyMs, timeoutMs, warn }: Following): Promise<'happened' | 'late'> {
  const endsAt = timeoutMs === null ? Infinity : Date.now() + timeoutMs;
  if (await look()) return 'happened';
  let trouble: CliError | null = null;
  for (let pause = everyMs; ;) {
    const left = endsAt - Date.now();
    if (left <= 0 && trouble !== null) throw trouble;
    if (left <= 0) return 'late';
    await sleep(Math.min(pause, left));
    const seen = await attempt(look);
    if (seen instanceof CliError) {
      if (trouble === null) warn(`${seen.message}; looking again until it answers`);
      trouble = seen;
      pause = Math.min(pause * 2, Math.max(RAREST_MS, everyMs));
      continue;
    }
    if (trouble !== null) warn('the server answers again');
    trouble = null;
    pause = everyMs;
    if (seen) return 'happened';
  }
}

async function attempt(look: Following['look']): Promise<boolean | CliError> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.unavailable) return error;
    throw error;
  }
}
