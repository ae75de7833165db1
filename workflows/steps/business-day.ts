/** Reminds the team on each business day of a SEV4 that nobody has acknowledged. */
import { nextOnBusinessDay } from '../../domain/escalation/business-day.ts';
import { notifications } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = 'the next business day';
/** The pause before the calendar is asked again, after five minutes without an answer. */
const PAUSE_MS = 5 * 60_000;

export function remindOnBusinessDays(run: IncidentRun): void {
  const due = nextOnBusinessDay(run.incident);
  if (due === null || run.isCalling(CALL)) return;
  if (due.act === 'ask') {
    ask(run, due.from);
  } else if (due.at > Date.now()) {
    run.wakeAt(due.at, 'remind of what nobody has acknowledged');
  } else {
    run.record({ type: 'ticket-reminded', at: Date.now(), dueAt: due.at });
    remindOnBusinessDays(run);
  }
}

function ask(run: IncidentRun, from: number): void {
  const pausedUntil = run.pausedUntil.get(CALL) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, 'ask for the next business day again');
    return;
  }
  const { team, incidentId } = run.incident;
  const request = { team, at: from, want: 'next-business-day' } as const;
  run.call(
    CALL,
    () => notifications.businessTime.executeWithOptions({ summary: CALL }, [request]),
    ({ at: dueAt, timeZone, tzdata }) => {
      const isStillAsked = run.incident.incidentId === incidentId && nextOnBusinessDay(run.incident)?.act === 'ask';
      if (isStillAsked) run.record({ type: 'business-day-set', at: Date.now(), dueAt, timeZone, tzdata });
    },
    () => run.pausedUntil.set(CALL, Date.now() + PAUSE_MS),
  );
}
