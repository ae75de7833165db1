/**
 * The runbook of one incident. Each duty does what is due now and says when it will be due again; then the run waits
 * for that moment, or for people and monitoring, who move the state through the handlers in `listen.ts`.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { undeliveredAlerts } from '../domain/forwarding.ts';
import { isOpen } from '../domain/phase.ts';
import { nextRelease } from '../domain/suppressed-alerts.ts';
import { careAfterwards } from './afterwards.ts';
import { remindOnBusinessDays } from './business-day.ts';
import { askWhetherSomebodyIsThere, keepPeopleInformed, watchTheFix } from './clocks.ts';
import type { IncidentInput } from './contract.ts';
import { letHeldIn, makeKnownToWindows } from './held.ts';
import { holdBack, isHeldBack } from './hold.ts';
import { handleAlerts, listen } from './listen.ts';
import { openForUndelivered, owesOthers, tellTheOthers } from './merge.ts';
import { climbTheChain, nameTheStorm, sendPages } from './page.ts';
import { takeTodaysPolicy } from './policy.ts';
import { IncidentRun } from './run.ts';
import { stayFindable } from './search.ts';
import { askAboutStaleAlerts, stopAskingSources } from './stale.ts';
import { splitOff } from './split.ts';
import { handoverOf, tellEveryone } from './tell.ts';

/** Runs until the incident is over and its alerts are forgotten, or hands over to a run with a fresh history. */
export async function incidentWorkflow(input: IncidentInput): Promise<void> {
  const begun = isHeldBack(input) ? await holdBack(input.opening, input.waiting) : { input, batches: [] };
  if (begun === null) return; // maintenance, and all cleared before its end
  const run = new IncidentRun(begun.input);
  listen(run);
  for (const batch of begun.batches) handleAlerts(run, batch);
  for (;;) {
    letHeldIn(run); // maintenance is over: what waited and still fires
    askWhetherSomebodyIsThere(run); // acknowledged and silent: the IC, then the next level
    climbTheChain(run); // the on-call, then level after level, until someone answers
    nameTheStorm(run); // a storm only: who joined since the last page
    watchTheFix(run); // 30 minutes, 60 after a fix forward; then resolved
    keepPeopleInformed(run); // both clocks: reminders, holding updates, the first public entry
    sendPages(run);
    if (run.isEnding) {
      stopAskingSources(run); // a page must not wait for what monitoring says
    } else if (run.mayBeCourteous()) {
      careAfterwards(run); // over: the post-incident flow takes it, and the run lingers while alerts are remembered
      openForUndelivered(run); // merged: what fired while the other one ended
      tellTheOthers(run); // merging: what incidents say to each other
      splitOff(run); // a storm only: groups that get an incident of their own
      tellEveryone(run); // the team, the public, people, the records
      takeTodaysPolicy(run);
      askAboutStaleAlerts(run); // not heard of for three repeat intervals: its source, then a person
      remindOnBusinessDays(run); // a SEV4 that nobody has acknowledged: its ticket and the chat
      stayFindable(run);
      makeKnownToWindows(run); // so that an early end of maintenance is heard of here
    }
    if (run.mayEnd()) break; // everything is called off or handed over; until then pages go out as ever
    await run.untilSomethingHappens();
  }
  await run.endCalls();
  await condition(allHandlersFinished);
  // What fired while the last calls ended has begun a new incident, which somebody must look after.
  const { waiting, incident } = run;
  const isDone = run.over && !owesOthers(run) && undeliveredAlerts(incident).length === 0;
  if (isDone && !isOpen(incident.phase) && nextRelease(waiting) === null) return;
  await continueAsNew<typeof incidentWorkflow>({ ...handoverOf(run), waiting });
}
