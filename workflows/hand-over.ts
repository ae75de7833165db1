/** When a run's history is long enough, or large enough, for a fresh run to go on. */
import { workflowInfo } from '@temporalio/workflow';

const EVENTS_BEFORE_HANDING_OVER = 1_000;
const BYTES_BEFORE_HANDING_OVER = 1_000_000;

/** Of an incident, its aftercare, or what maintenance holds back before there is one. */
export function mustHandOver(): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  const isLarge = historyLength >= EVENTS_BEFORE_HANDING_OVER || historySize >= BYTES_BEFORE_HANDING_OVER;
  return continueAsNewSuggested || isLarge;
}
