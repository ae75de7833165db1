/** When a run's history is long enough, or large enough, for a fresh run to go on. */
import { workflowInfo } from '@temporalio/workflow';

/** As many replay in well under a second; an incident of an ordinary length has less. */
const EVENTS_BEFORE_HANDING_OVER = 500;
const BYTES_BEFORE_HANDING_OVER = 1_000_000;
/** What a run was given is large by itself when much is owed: it must get on with it before the next one is given it. */
const EVENTS_AT_LEAST = 100;

/** Of an incident, its post-incident flow, or what maintenance holds back before there is one. */
export function mustHandOver(): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  const isLong = historyLength >= EVENTS_BEFORE_HANDING_OVER;
  const isLarge = historySize >= BYTES_BEFORE_HANDING_OVER && historyLength >= EVENTS_AT_LEAST;
  return continueAsNewSuggested || isLong || isLarge;
}
