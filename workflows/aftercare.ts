/**
 * Aftercare of one incident that is over: tells what is still owed, owns `close` and `reopen`, and keeps the record. A
 * workflow of its own, so that the correlation key is free for the next incident while this one is learned from.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import type { Incident } from '../domain/incident.ts';
import type { Handover } from './contract.ts';
import { createGiveBack } from './give-back.ts';
import { listenToCommands } from './listen-commands.ts';
import { courtesies } from './proxies.ts';
import { IncidentRun } from './run.ts';
import { handoverOf, owesAnything, tellEveryone } from './tell.ts';

export async function aftercareWorkflow(input: Handover): Promise<void> {
  const run = new IncidentRun(input, { isAftercare: true });
  const giving = createGiveBack(run);
  listenToCommands(run, giving.back);
  while (!run.over && !run.mustHandOver()) {
    closeWhenDutiesAreDone(run);
    if (!giving.isUnderWay()) tellEveryone(run);
    keepTheRecord(run);
    if (!run.over) await run.untilSomethingHappens();
  }
  await run.letCallsFinish('60 seconds');
  await condition(allHandlersFinished);
  if (run.over) return;
  await continueAsNew<typeof aftercareWorkflow>(handoverOf(run));
}

function closeWhenDutiesAreDone(run: IncidentRun): void {
  if (run.incident.phase !== 'resolved' || hasDuties(run.incident)) return;
  run.record({ type: 'closed', at: Date.now(), by: null, reason: 'nothing left to do' });
}

/** A post-mortem is owed by the highest severity reached, unless nobody ever had to act. */
function hasDuties({ policy, highestSeverity, outcome }: Incident): boolean {
  return outcome === 'resolved' && policy.severities[highestSeverity].postmortemWithinMs !== null;
}

const CALL = 'archive';
const PAUSE_MS = 5 * 60_000;

/** Closed, and everything told: the whole record goes into a file of its own, and this is over. */
function keepTheRecord(run: IncidentRun): void {
  if (run.incident.phase !== 'closed' || owesAnything(run)) return;
  const pausedUntil = run.pausedUntil.get(CALL) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, 'keep the record again');
    return;
  }
  const { episode } = run.incident;
  run.call(
    CALL,
    () => courtesies.archive.executeWithOptions({ summary: 'keep the record' }, [{ episode }]),
    () => {
      // A note may have come meanwhile.
      run.over = !owesAnything(run);
    },
    () => run.pausedUntil.set(CALL, Date.now() + PAUSE_MS),
  );
}
