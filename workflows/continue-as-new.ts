/** When a run's history is long or large enough to continue as new. */
import { workflowInfo } from '@temporalio/workflow';

/** This many replay in well under a second; an ordinary incident has fewer. */
const EVENTS_BEFORE_HANDING_OVER = 500;
const BYTES_BEFORE_HANDING_OVER = 1_000_000;
/** With a large outbox a run's input alone is large, so each run must make some progress before the next takes over. */
const EVENTS_AT_LEAST = 100;

/** For incidents, their post-incident flows, and starts suppressed by maintenance. */
export function mustHandOver(): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  const isLong = historyLength >= EVENTS_BEFORE_HANDING_OVER;
  const isLarge = historySize >= BYTES_BEFORE_HANDING_OVER && historyLength >= EVENTS_AT_LEAST;
  return continueAsNewSuggested || isLong || isLarge;
}
