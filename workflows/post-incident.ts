/**
 * The post-incident flow of one incident that is over: delivers what is left in its outbox, owns
 * `close` and `reopen`, and archives the record. It is a separate workflow so that the correlation key is free for the
 * next incident.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { postIncidentEndsAt } from '../domain/post-incident/follow-ups.ts';
import type { Handover } from './contract.ts';
import { doFollowUps } from './steps/follow-ups.ts';
import { createReopenHandover } from './steps/reopen-handover.ts';
import { installCommandHandlers } from './command-handlers.ts';
import { notifications } from './activity-proxies.ts';
import { IncidentRun } from './incident-run.ts';
import { updateSearchAttributes } from './steps/temporal-ui.ts';
import { handoverOf, hasPendingNotifications, deliverNotifications } from './steps/deliver-notifications.ts';

export async function postIncidentWorkflow(input: Handover): Promise<void> {
  const run = new IncidentRun(input, { isPostIncident: true });
  const giving = createReopenHandover(run);
  installCommandHandlers(run, giving.back);
  for (;;) {
    if (!run.isEnding) {
      if (!giving.isUnderWay()) {
        doFollowUps(run); // export, draft, evidence, reminders; closed when nothing is left
        deliverNotifications(run);
        updateSearchAttributes(run);
      }
      keepTheRecord(run);
      stayForNotes(run);
    }
    if (run.mayEnd()) break;
    await run.untilSomethingHappens();
  }
  await run.endCalls();
  await condition(allHandlersFinished);
  if (run.over) return;
  await continueAsNew<typeof postIncidentWorkflow>(handoverOf(run));
}

const CALL = 'archive';
const PAUSE_MS = 5 * 60_000;

/** Archives a closed incident once everything is delivered, and again after every change. */
function keepTheRecord(run: IncidentRun): void {
  const { phase, incidentId, projection } = run.incident;
  if (phase !== 'closed' || run.recordKept === projection.seq || hasPendingNotifications(run)) return;
  const pausedUntil = run.pausedUntil.get(CALL) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, 'keep the record again');
    return;
  }
  run.call(
    CALL,
    () => notifications.archive.executeWithOptions({ summary: 'keep the record' }, [{ incidentId }]),
    () => {
      run.recordKept = projection.seq;
    },
    () => run.pausedUntil.set(CALL, Date.now() + PAUSE_MS),
  );
}

/**
 * A closed incident takes notes and action items for a while; the flow ends after that, once the record is archived.
 */
function stayForNotes(run: IncidentRun): void {
  const until = postIncidentEndsAt(run.incident);
  if (until === null || run.recordKept !== run.incident.projection.seq) return;
  if (until > Date.now()) run.wakeAt(until, 'no more notes are taken');
  else run.over = !hasPendingNotifications(run) && !run.isCalling(CALL);
}
