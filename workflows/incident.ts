/**
 * The runbook of one incident. Each duty does what is due now and says when it will be due again; then the run waits
 * for that moment, or for people and monitoring, who move the state through the handlers in `listen.ts`.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { isOpen } from '../domain/phase.ts';
import { careAfterwards } from './afterwards.ts';
import { keepPeopleInformed, watchTheFix } from './clocks.ts';
import type { IncidentInput } from './contract.ts';
import { listen } from './listen.ts';
import { climbTheChain, nameTheStorm, sendPages } from './page.ts';
import { takeTodaysPolicy } from './policy.ts';
import { IncidentRun } from './run.ts';
import { stayFindable } from './search.ts';
import { askAboutStaleAlerts, stopAskingSources } from './stale.ts';
import { splitOff } from './split.ts';
import { handoverOf, tellEveryone } from './tell.ts';

/** Runs until the incident is over and its alerts are forgotten, or hands over to a run with a fresh history. */
export async function incidentWorkflow(input: IncidentInput): Promise<void> {
  const run = new IncidentRun(input);
  listen(run);
  while (!run.over && !run.mustHandOver()) {
    climbTheChain(run); // the on-call, then level after level, until someone answers
    nameTheStorm(run); // a storm only: who joined since the last page
    watchTheFix(run); // 30 minutes, 60 after a fix forward; then resolved
    keepPeopleInformed(run); // both clocks: reminders, holding updates, the first public entry
    sendPages(run);
    if (run.mayBeCourteous()) {
      careAfterwards(run); // over: aftercare takes it, and the run lingers while alerts are remembered
      splitOff(run); // a storm only: groups that get an incident of their own
      tellEveryone(run); // the team, the public, people, the records
      takeTodaysPolicy(run);
      askAboutStaleAlerts(run); // not heard of for three repeat intervals: its source, then a person
      stayFindable(run);
    }
    if (!run.over) await run.untilSomethingHappens();
  }
  stopAskingSources(run); // a page must not wait for what monitoring says
  await run.letCallsFinish('60 seconds');
  await condition(allHandlersFinished);
  // What fired while the last calls ended has begun a new episode, which somebody must look after.
  if (!run.over || isOpen(run.incident.phase)) await continueAsNew<typeof incidentWorkflow>(handoverOf(run));
}
