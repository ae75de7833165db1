/**
 * The runbook of one incident. Each duty does what is due now and says when it will be due again; then the run waits
 * for that moment, or for people and monitoring, who move the state through the handlers in `listen.ts`.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { firingUndeliveredAlerts } from '../domain/merge/forwarding.ts';
import { isOpen } from '../domain/kernel/phase.ts';
import { nextRelease } from '../domain/alerts/suppressed-alerts.ts';
import { handOverWhenOver } from './steps/hand-to-post-incident.ts';
import { remindOnBusinessDays } from './steps/business-day.ts';
import type { IncidentInput } from './contract.ts';
import { releaseSuppressedAlerts, registerWithWindows } from './steps/suppressed-alerts.ts';
import { waitForRelease, startsSuppressed } from './suppressed-start.ts';
import { handleAlerts, installHandlers } from './signal-handlers.ts';
import { startNewIncidentForUndelivered, hasPendingMergeMessages, sendMergeMessages } from './steps/merge.ts';
import { sendPages } from './steps/page.ts';
import { takeTodaysPolicy } from './steps/policy.ts';
import { IncidentRun } from './incident-run.ts';
import { updateSearchAttributes } from './steps/search-attributes.ts';
import { askAboutStaleAlerts, cancelSourceQueries } from './steps/stale-alerts.ts';
import { splitOff } from './steps/split.ts';
import { handoverOf, deliverNotifications } from './steps/deliver-notifications.ts';

/** Runs until the incident is over and its alerts are forgotten, or hands over to a run with a fresh history. */
export async function incidentWorkflow(input: IncidentInput): Promise<void> {
  const begun = startsSuppressed(input)
    ? await waitForRelease(input.declaration, input.suppressedAlerts)
    : { input, batches: [] };
  if (begun === null) return; // maintenance, and all cleared before its end
  const run = new IncidentRun(begun.input);
  installHandlers(run);
  for (const batch of begun.batches) handleAlerts(run, batch);
  for (;;) {
    releaseSuppressedAlerts(run); // maintenance is over: what waited and still fires
    run.recordWhatIsDue(); // levels, inactivity, the monitoring window, updates: what time alone brings
    sendPages(run);
    if (run.isEnding) {
      cancelSourceQueries(run); // a page must not wait for what monitoring says
    } else if (run.mayNotify()) {
      handOverWhenOver(run); // over: the post-incident flow takes it, and the run lingers while alerts are remembered
      startNewIncidentForUndelivered(run); // merged: what fired while the other one ended
      sendMergeMessages(run); // merging: what incidents say to each other
      splitOff(run); // a storm only: groups that get an incident of their own
      deliverNotifications(run); // the team, the public, people, the records
      takeTodaysPolicy(run);
      askAboutStaleAlerts(run); // not heard of for three repeat intervals: its source, then a person
      remindOnBusinessDays(run); // a SEV4 that nobody has acknowledged: its ticket and the chat
      updateSearchAttributes(run);
      registerWithWindows(run); // so that an early end of maintenance is heard of here
    }
    if (run.mayEnd()) break; // everything is called off or handed over; until then pages go out as ever
    await run.untilSomethingHappens();
  }
  await run.endCalls();
  await condition(allHandlersFinished);
  // What fired while the last calls ended has begun a new incident, which somebody must look after.
  const { suppressedAlerts, incident } = run;
  const isDone = run.over && !hasPendingMergeMessages(run) && firingUndeliveredAlerts(incident).length === 0;
  if (isDone && !isOpen(incident.phase) && nextRelease(suppressedAlerts) === null) return;
  await continueAsNew<typeof incidentWorkflow>({ ...handoverOf(run), suppressedAlerts });
}
