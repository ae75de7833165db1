/**
 * Asks the sources about alerts in doubt: those that have not been reported for too long, and those that were reported
 * firing right after their end.
 */
import type { SourceAnswer, SourceQuestion } from '../../domain/alerts/stale.ts';
import { nextStale, eventsFromSourceAnswer } from '../../domain/alerts/stale.ts';
import { nextLateCopies } from '../../domain/alerts/late-copies.ts';
import { eventsAboutLeftOut, nextLeftOut } from '../../domain/alerts/left-out.ts';
import { answerAboutLateCopies } from '../../domain/engine/late-copy-answers.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import { notifications } from '../activity-proxies.ts';
import { observeAlerts } from '../signal-handlers.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = 'ask the source';
const LATE_COPIES_CALL = `${CALL} about late copies`;
const LEFT_OUT_CALL = `${CALL} about alerts never sent`;

/** A firing alert must not go unheard for minutes because its source does not answer. */
const QUICKLY = { scheduleToCloseTimeout: '20 seconds' } as const;

export function askAboutAlerts(run: IncidentRun): void {
  askAboutStaleAlerts(run);
  askAboutLateCopies(run);
  askAboutLeftOut(run);
}

function askAboutStaleAlerts(run: IncidentRun): void {
  if (run.isCalling(CALL)) return;
  const due = nextStale(run.incident);
  if (due === null || !isTime(run, due, `ask ${due.source} about alerts not heard of`)) return;
  ask(
    run,
    CALL,
    due,
    {},
    recording(run, (said, at) => eventsFromSourceAnswer(run.incident, due, said, at)),
  );
}

function askAboutLateCopies(run: IncidentRun): void {
  if (run.isCalling(LATE_COPIES_CALL)) return;
  const due = nextLateCopies(run.incident);
  if (due === null || !isTime(run, due, `ask ${due.source} whether it is back`)) return;
  ask(run, LATE_COPIES_CALL, due, QUICKLY, (said) => settleLateCopies(run, due, said));
}

function settleLateCopies(run: IncidentRun, due: SourceQuestion, said: SourceAnswer): void {
  const at = Date.now();
  const { events, firing } = answerAboutLateCopies(run.incident, due, said, at);
  if (events.length > 0) run.record(...events);
  if (firing !== null) observeAlerts(run, firing, at);
}

/** When all known alerts have cleared, whether those that were never sent have, too. */
function askAboutLeftOut(run: IncidentRun): void {
  const due = nextLeftOut(run.incident, Date.now());
  if (due === null || run.isCalling(LEFT_OUT_CALL)) return;
  ask(
    run,
    LEFT_OUT_CALL,
    due,
    QUICKLY,
    recording(run, (said, at) => eventsAboutLeftOut(run.incident, due, said, at)),
  );
}

/** False: the run is woken when it is. */
function isTime(run: IncidentRun, { at }: SourceQuestion, summary: string): boolean {
  if (at > Date.now()) run.wakeAt(at, summary);
  return at <= Date.now();
}

/** Records what an answer causes, unless another incident has begun meanwhile. */
function recording(
  run: IncidentRun,
  eventsOf: (said: SourceAnswer, at: number) => readonly IncidentEvent[],
): (said: SourceAnswer) => void {
  const { incidentId } = run.incident;
  return (said) => {
    if (run.incident.incidentId !== incidentId) return;
    const events = eventsOf(said, Date.now());
    if (events.length > 0) run.record(...events);
  };
}

/** No answer in the time allowed means that nothing is known. */
function ask(
  run: IncidentRun,
  call: string,
  { source, fingerprints }: SourceQuestion,
  timeout: Partial<typeof QUICKLY>,
  answered: (said: SourceAnswer) => void,
): void {
  const options = { summary: `ask ${source}`, ...timeout };
  run.call(
    call,
    () => notifications.queryAlertSource.executeWithOptions(options, [{ source, fingerprints }]),
    answered,
    () => answered({ firing: [], answer: 'unknown' }),
  );
}

/** The next run asks again. */
export function cancelSourceQueries(run: IncidentRun): void {
  run.cancelCalls((name) => name.startsWith(CALL));
}
