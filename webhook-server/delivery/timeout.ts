/**
 * Time limits for waiting. The Temporal client enforces its own deadlines seconds late, so every wait has one of ours.
 */
import { TemporalTimeout } from './temporal-errors.ts';

/** Settles as `work` does, or rejects with `timeoutError` after `ms`. Late work is ignored, not stopped. */
export async function withTimeout<T>(
  ms: number,
  work: Promise<T>,
  timeoutError: () => Error = () => new TemporalTimeout(ms),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError()), ms);
  });
  work.catch(() => undefined); // a failure after the timeout is ignored
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
