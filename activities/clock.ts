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
export function triedForMs(): number {
  const { currentAttemptScheduledTimestampMs, scheduledTimestampMs } = activityInfo();
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs;
}
