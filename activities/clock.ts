/** What time it is, for an activity. */
import { activityInfo } from '@temporalio/activity';

/**
 * Epoch ms by the server's clock as far as it is known: a worker whose own clock is behind does not go before the
 * moment its task was made.
 */
export function now(): number {
  return Math.max(Date.now(), activityInfo().currentAttemptScheduledTimestampMs);
}

/** How long this call has been tried, by the server's clock alone, ms. */
function triedForMs(): number {
  const { currentAttemptScheduledTimestampMs, scheduledTimestampMs } = activityInfo();
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs;
}

/** The same two for a call that waits: they go on while it does. */
export function callClock(): { readonly now: () => number; readonly triedForMs: () => number } {
  const startedAt = performance.now();
  const scheduledAt = activityInfo().currentAttemptScheduledTimestampMs;
  const triedBefore = triedForMs();
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  return {
    // By the server's clock alone, too: the workflow compares with its own.
    now: () => scheduledAt + elapsedMs(),
    triedForMs: () => triedBefore + elapsedMs(),
  };
}
