/** Only what an event concerns runs, so nothing may be left out that would have done something. */
import { expect, test } from '@jest/globals';
import type { EventTexts } from '../../../domain/communications/catalogue.ts';
import { EVENT_TEXTS } from '../../../domain/communications/catalogue.ts';
import { DEADLINES, evolve, isAboutMerges } from '../../../domain/engine/evolve.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { mergeOutbox, reduceMerge } from '../../../domain/merge/merge-state.ts';
import { declareSimulated, simulateFrom } from '../../support/incident-simulator.ts';
import { MESSAGE_SCENARIOS } from '../message-scenarios.ts';

const events = new Map<string, IncidentEvent>();
const incidents: Incident[] = [];
for (const { declaration, run } of Object.values(MESSAGE_SCENARIOS)) {
  run(
    simulateFrom(declareSimulated(declaration), (_before, event, after) => {
      events.set(event.type, event);
      incidents.push(after);
    }),
  );
}
const peer = { workflowId: 'inc-b', incidentId: 'B', reference: null, name: '"b"', component: null };
const merged = evolve(incidents[3] as Incident, { type: 'merged', at: 1, by: 'ana', into: peer });

test('an event that is not about merges changes nothing of them, whatever the state', () => {
  const left: string[] = [];
  for (const before of [...incidents, merged]) {
    for (const event of events.values()) {
      const after = evolve(before, event);
      if (isAboutMerges(before, event, after)) continue;
      left.push(event.type);
      if (JSON.stringify(reduceMerge(before, event, after)) !== JSON.stringify(before.merge))
        throw new Error(`${event.type} changes the merge`);
      if (mergeOutbox(before, event, after) !== after.outbox) throw new Error(`${event.type} sends a merge message`);
    }
  }
  expect(new Set(left).size).toBeGreaterThan(30);
  expect(isAboutMerges(merged, { type: 'alerts-fired', at: 2, alerts: [], staleAfterMs: 1 }, merged)).toBe(true);
});

test('a feature whose deadlines are not asked for has none', () => {
  let skipped = 0;
  for (const incident of incidents) {
    for (const { when, next } of DEADLINES) {
      if (when(incident)) continue;
      skipped += 1;
      expect(next(incident)).toBeNull();
    }
  }
  expect(skipped).toBeGreaterThan(100);
});

test('every text to somebody belongs to an event that is announced at all', () => {
  for (const texts of Object.values<EventTexts>(EVENT_TEXTS)) {
    const { timeline: _timeline, own: _own, chat, ticket, notice, public: everybody, ...others } = texts;
    if (Object.keys(others).length > 0) expect(chat ?? ticket ?? notice ?? everybody).toBeDefined();
  }
});
