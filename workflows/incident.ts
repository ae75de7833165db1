/**
 * The runbook of one incident. Each task of the loop does what is due now and asks to be woken when it is next due.
 * Then the run waits for that time, or for a command or an alert, which change the state through `signal-handlers.ts`.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { firingUndeliveredAlerts } from '../domain/merge/forwarding.ts';
import { isOpen } from '../domain/kernel/phase.ts';
import { nextRelease } from '../domain/alerts/suppressed-alerts.ts';
import { handOverWhenOver } from './steps/hand-to-post-incident.ts';
import { remindOnBusinessDays } from './steps/business-day.ts';
import type { IncidentInput } from './contract.ts';
import { releaseSuppressedAlerts, registerWithWindows } from './steps/suppressed-alerts.ts';
import { waitForRelease } from './suppressed-start.ts';
import { handleAlerts, installHandlers } from './signal-handlers.ts';
import { startNewIncidentForUndelivered, hasPendingMergeMessages, sendMergeMessages } from './steps/merge.ts';
import { sendPages } from './steps/page.ts';
import { takeTodaysPolicy } from './steps/policy.ts';
import { IncidentRun } from './incident-run.ts';
import { updateSearchAttributes } from './steps/temporal-ui.ts';
import { askAboutAlerts, cancelSourceQueries } from './steps/stale-alerts.ts';
import { splitOff } from './steps/split.ts';
import { handoverOf, deliverNotifications } from './steps/deliver-notifications.ts';

/** Runs until the incident is over and its alerts are forgotten, or hands over to a run with a fresh history. */
export async function incidentWorkflow(input: IncidentInput): Promise<void> {
  const released =
    'declaration' in input && input.declaration.suppressed // maintenance suppresses every alert that fires
      ? await waitForRelease(input.declaration, input.suppressedAlerts)
      : { input, batches: [] };
  if (released === null) return; // every alert cleared before maintenance ended
  const run = new IncidentRun(released.input);
  installHandlers(run);
  for (const batch of released.batches) handleAlerts(run, batch);
  for (;;) {
    releaseSuppressedAlerts(run); // alerts that still fire when their maintenance ends
    run.recordWhatIsDue(); // escalation levels, inactivity, the monitoring window, updates
    sendPages(run);
    if (run.isEnding) {
      cancelSourceQueries(run); // a page must not wait for an answer from monitoring
    } else if (run.mayNotify()) {
      handOverWhenOver(run); // the post-incident flow takes over; this run waits for late alerts
      startNewIncidentForUndelivered(run); // alerts that fired while the merge target was ending
      sendMergeMessages(run); // messages between incidents that merge
      splitOff(run); // groups that leave a storm and get an incident of their own
      deliverNotifications(run); // the team, the public, people, the records
      takeTodaysPolicy(run);
      askAboutAlerts(run); // alerts not reported for too long, and what may be late copies
      remindOnBusinessDays(run); // reminders for a SEV4 that nobody has acknowledged
      updateSearchAttributes(run);
      registerWithWindows(run); // so that windows signal this run if they end early
    }
    if (run.mayEnd()) break; // calls have returned or timed out; until then pages still go out
    await run.untilSomethingHappens();
  }
  await run.endCalls();
  await condition(allHandlersFinished);
  // If an alert fired while the last calls were ending, it has started a new incident, which needs a run.
  const { suppressedAlerts, incident } = run;
  const isDone = run.over && !hasPendingMergeMessages(run) && firingUndeliveredAlerts(incident).length === 0;
  if (isDone && !isOpen(incident.phase) && nextRelease(suppressedAlerts) === null) return;
  await continueAsNew<typeof incidentWorkflow>({ ...handoverOf(run), suppressedAlerts });
}
