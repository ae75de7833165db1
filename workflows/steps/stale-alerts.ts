/**
 * Asks the sources about alerts in doubt: those that have not been reported for too long, and those that were reported
 * firing right after their end.
 */
import type { SourceAnswer, SourceQuestion } from '../../domain/alerts/stale.ts';
import { nextStale, eventsFromSourceAnswer } from '../../domain/alerts/stale.ts';
import { nextLateCopies } from '../../domain/alerts/late-copies.ts';
import { eventsAboutLeftOut, nextLeftOut } from '../../domain/alerts/left-out.ts';
import { answerAboutLateCopies } from '../../domain/engine/late-copy-answers.ts';
import { notifications } from '../activity-proxies.ts';
import { observeAlerts } from '../signal-handlers.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = 'ask the source';
const LATE_COPIES_CALL = `${CALL} about late copies`;
const LEFT_OUT_CALL = `${CALL} about alerts never sent`;

/** A firing alert must not go unheard for minutes because its source does not answer. */
const ANSWER_TIMEOUT = '20 seconds';

export function askAboutAlerts(run: IncidentRun): void {
  askAboutStaleAlerts(run);
  askAboutLateCopies(run);
  askAboutLeftOut(run);
}

function askAboutStaleAlerts(run: IncidentRun): void {
  if (run.isCalling(CALL)) return;
  const due = nextStale(run.incident);
  if (due === null) return;
  if (due.at > Date.now()) {
    run.wakeAt(due.at, `ask ${due.source} about alerts not heard of`);
    return;
  }
  const { incidentId } = run.incident;
  const { source, fingerprints } = due;
  const answered = (said: SourceAnswer): void => {
    if (run.incident.incidentId !== incidentId) return;
    const events = eventsFromSourceAnswer(run.incident, due, said, Date.now());
    if (events.length > 0) run.record(...events);
  };
  run.call(
    CALL,
    () => notifications.queryAlertSource.executeWithOptions({ summary: `ask ${source}` }, [{ source, fingerprints }]),
    answered,
    // Five minutes without an answer.
    () => answered({ firing: [], answer: 'unknown' }),
  );
}

function askAboutLateCopies(run: IncidentRun): void {
  if (run.isCalling(LATE_COPIES_CALL)) return;
  const due = nextLateCopies(run.incident);
  if (due === null) return;
  if (due.at > Date.now()) {
    run.wakeAt(due.at, `ask ${due.source} whether it is back`);
    return;
  }
  const { source, fingerprints } = due;
  const options = { summary: `ask ${source}`, scheduleToCloseTimeout: ANSWER_TIMEOUT } as const;
  run.call(
    LATE_COPIES_CALL,
    () => notifications.queryAlertSource.executeWithOptions(options, [{ source, fingerprints }]),
    (said) => settleLateCopies(run, due, said),
    () => settleLateCopies(run, due, { firing: [], answer: 'unknown' }),
  );
}

function settleLateCopies(run: IncidentRun, due: SourceQuestion, said: SourceAnswer): void {
  const at = Date.now();
  const { events, firing } = answerAboutLateCopies(run.incident, due, said, at);
  if (events.length > 0) run.record(...events);
  if (firing === null) return;
  observeAlerts(run, firing, at);
}

/** When all known alerts have cleared, whether those that were never sent have, too. */
function askAboutLeftOut(run: IncidentRun): void {
  const due = nextLeftOut(run.incident, Date.now());
  if (due === null || run.isCalling(LEFT_OUT_CALL)) return;
  const { source, fingerprints } = due;
  const { incidentId } = run.incident;
  const answered = (said: SourceAnswer): void => {
    if (run.incident.incidentId !== incidentId) return;
    const events = eventsAboutLeftOut(run.incident, due, said, Date.now());
    if (events.length > 0) run.record(...events);
  };
  const options = { summary: `ask ${source}`, scheduleToCloseTimeout: ANSWER_TIMEOUT } as const;
  run.call(
    LEFT_OUT_CALL,
    () => notifications.queryAlertSource.executeWithOptions(options, [{ source, fingerprints }]),
    answered,
    () => answered({ firing: [], answer: 'unknown' }),
  );
}

/** The next run asks again. */
export function cancelSourceQueries(run: IncidentRun): void {
  run.cancelCalls((name) => name.startsWith(CALL));
}
