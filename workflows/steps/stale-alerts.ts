/** Asks the source about alerts that have not been reported for too long. */
import type { SourceAnswer, StaleDue } from '../../domain/alerts/stale.ts';
import { nextStale, eventsFromSourceAnswer } from '../../domain/alerts/stale.ts';
import { notifications } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = 'ask the source';

export function askAboutStaleAlerts(run: IncidentRun): void {
  if (run.isCalling(CALL)) return;
  const due = nextStale(run.incident);
  if (due === null) return;
  if (due.at > Date.now()) {
    run.wakeAt(due.at, `ask ${due.source} about alerts not heard of`);
    return;
  }
  const { incidentId } = run.incident;
  const { source, fingerprints } = due;
  run.call(
    CALL,
    () => notifications.queryAlertSource.executeWithOptions({ summary: `ask ${source}` }, [{ source, fingerprints }]),
    (said) => recordAnswer(run, { incidentId, due, said }),
    // Five minutes without an answer.
    () => recordAnswer(run, { incidentId, due, said: { firing: [], answer: 'unknown' } }),
  );
}

/** The next run asks again. */
export function cancelSourceQueries(run: IncidentRun): void {
  run.cancelCalls((name) => name === CALL);
}

interface Answered {
  readonly incidentId: string;
  readonly due: StaleDue;
  readonly said: SourceAnswer;
}

function recordAnswer(run: IncidentRun, { incidentId, due, said }: Answered): void {
  if (run.incident.incidentId !== incidentId) return;
  const events = eventsFromSourceAnswer(run.incident, due, said, Date.now());
  if (events.length > 0) run.record(...events);
}
