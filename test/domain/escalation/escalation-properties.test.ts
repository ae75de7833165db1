/** A walk through whatever may happen to the chain, held against the rules at every event. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escalationEvents, TIMER_DRIFT_MS, nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import { evolve } from '../../../domain/engine/evolve.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { SEVERITIES } from '../../../domain/kernel/severity.ts';
import { aPolicy } from '../../support/builders.ts';
import type { PageOutcome } from '../escalation-steps.ts';
import { answerPageRequest, declaredIncident } from '../escalation-steps.ts';

const MIN = 60_000;

const moves = fc.array(
  fc.record({
    outcome: fc.constantFrom<PageOutcome>('reached', 'reached', 'nobody', 'unreached'),
    lateMs: fc.constantFrom(0, 0, 0, TIMER_DRIFT_MS + 1, 7 * MIN, 300 * MIN),
    also: fc.constantFrom('nothing', 'nothing', 'nothing', 'decline', 'raise', 'comes back', 'is had and comes back'),
  }),
  { minLength: 1, maxLength: 60 },
);

test('[PAGE-7] [PAGE-12] [PAGE-18] [PAGE-31] whatever happens: no level is skipped, no pass is too short, no two pages share a key, and an answer ends it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SEVERITIES), fc.integer({ min: 1, max: 4 }), moves, (severity, levels, plan) => {
      const policy = aPolicy({ levels: Array.from({ length: levels }, (_, i) => [`person-${i + 1}`]) });
      walk(declaredIncident({ severity, policy }), plan);
    }),
    { numRuns: 500 },
  );
});

type Plan = readonly { readonly outcome: PageOutcome; readonly lateMs: number; readonly also: string }[];

function walk(start: Incident, plan: Plan): void {
  let incident = start;
  let now = 0;
  const watch = createWatcher(start);
  const record = (events: readonly IncidentEvent[]): void => {
    for (const event of events) {
      const before = incident;
      incident = evolve(incident, event);
      watch(before, event, incident);
    }
  };
  for (const { outcome, lateMs, also } of plan) {
    const next = nextEscalationStep(incident);
    if (next === null) break;
    now = Math.max(now, next.at) + lateMs;
    record(escalationEvents(incident, next, now));
    for (const order of incident.outbox.pages) record(answerPageRequest(incident, order, outcome, now));
    if (also === 'decline' && incident.escalation.paged.length > 0)
      record([{ type: 'declined', at: now, by: 'person-1' }]);
    const worse = SEVERITIES[SEVERITIES.indexOf(incident.severity) - 1];
    if (also === 'raise' && worse !== undefined) {
      record([{ type: 'severity-changed', at: now, by: null, from: incident.severity, to: worse, reason: 'worse' }]);
    }
    if (also === 'is had and comes back') record([{ type: 'acknowledged', at: now, by: 'person-1' }]);
    if (also.endsWith('comes back')) {
      record([{ type: 'monitoring-started', at: now, by: null, resolution: null }]);
      expect(nextEscalationStep(incident)).toBeNull();
      record([{ type: 'recurred', at: now, titles: ['again'] }]);
    }
  }
  record([{ type: 'acknowledged', at: now, by: 'person-1' }]);
  expect(nextEscalationStep(incident)).toBeNull();
  expect(incident.outbox.pages.filter(({ reason }) => reason !== 'leadership')).toEqual([]);
}

/** Holds every event against the rules. */
function createWatcher(start: Incident) {
  const keys = new Set<string>();
  let given = 0;
  let passBegan = -Infinity;
  const check = (before: Incident, event: IncidentEvent, after: Incident): void => {
    for (const { n, cycle, targets } of after.outbox.pages.filter((order) => order.n > given)) {
      given = Math.max(given, n);
      for (const { level, attempt } of targets) {
        expect(keys).not.toContain(`${cycle}.${level}.${attempt}`);
        keys.add(`${cycle}.${level}.${attempt}`);
      }
    }
    if (event.type !== 'level-started') return;
    const { escalation, policy, severity } = before;
    const last = policy.levels.length;
    if (escalation.level === 0) passBegan = event.at;
    if (escalation.level === 0 || event.cycle === escalation.cycle) {
      expect(event.level).toBe(escalation.level + 1);
    } else {
      expect(escalation.level).toBe(last);
      expect(event).toMatchObject({ cycle: escalation.cycle + 1, level: event.together ? last : 1 });
      expect(event.at - passBegan).toBeGreaterThanOrEqual(policy.severities[severity].escalateEveryMs ?? 0);
      passBegan = event.at;
    }
  };
  check(start, { type: 'alerts-seen', at: 0, fingerprints: [], truncated: 0 }, start);
  return check;
}
