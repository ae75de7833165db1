/** What time alone brings: reminders, holding updates, the first public entry, and the end of the watch. */
import { nextUpdate } from '../../domain/communications/update-schedule.ts';
import { nextInactivity } from '../../domain/escalation/inactivity.ts';
import { nextInMonitoring } from '../../domain/mitigation/monitoring-window.ts';
import { whileDue } from '../while-due.ts';
import type { IncidentRun } from '../incident-run.ts';

/** Keeps both communication clocks. */
export function followUpdateSchedule(run: IncidentRun): void {
  whileDue(
    run,
    nextUpdate,
    ({ act, audiences, dueAt }) => {
      const at = Date.now();
      if (act === 'go-public') run.record({ type: 'public-communication-started', at, reason: publicBecause(run) });
      else if (act === 'remind') run.record({ type: 'update-reminded', at, audiences, dueAt });
      else run.record({ type: 'update-missed', at, audiences, dueAt });
    },
    ({ act, audiences }) =>
      act === 'go-public'
        ? 'first public entry'
        : `${act === 'remind' ? 'remind of' : 'holding update instead of'} the ${audiences.join(' and ')} update`,
  );
}

function publicBecause({ incident }: IncidentRun): string {
  return incident.acknowledgedAt === null ? 'the configuration publishes at once' : `${incident.severity} acknowledged`;
}

/** Acknowledged and silent: the IC is asked, then paged, then the next level is. */
export function nudgeWhenInactive(run: IncidentRun): void {
  const events = { ask: 'inactivity-nudged', page: 'inactivity-paged', escalate: 'inactivity-escalated' } as const;
  whileDue(
    run,
    nextInactivity,
    ({ act }) => run.record({ type: events[act], at: Date.now() }),
    ({ act }) => (act === 'ask' ? 'ask the IC: still on it?' : act === 'page' ? 'page the IC' : 'page the next level'),
  );
}

/** Ends the watch when it has been quiet long enough; asks the IC where quiet is not proof. */
export function monitorTheFix(run: IncidentRun): void {
  const events = { ask: 'confirmation-requested', resolve: 'resolved', 'end-test': 'test-ended' } as const;
  whileDue(
    run,
    nextInMonitoring,
    ({ act }) => run.record({ type: events[act], at: Date.now() }),
    ({ act }) => (act === 'resolve' ? 'resolved if quiet' : act === 'ask' ? 'ask the IC to confirm' : 'the test ends'),
  );
}
