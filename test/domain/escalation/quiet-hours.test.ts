/** A level that waits until people may be disturbed. */
import { expect, test } from '@jest/globals';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { EventOf } from '../../../domain/kernel/events.ts';
import { evolve } from '../../../domain/engine/evolve.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { deadlines } from '../../../domain/engine/to-view.ts';
import { declaredIncident, escalationStateOf, takeNextStep } from '../escalation-steps.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
/** The opening of business. */
const OPEN = 20 * HOUR;

/** The newest order comes back: two methods, and nobody to be disturbed before `loudAt`. */
function back(incident: Incident, at: number, audibleFrom?: number): Incident {
  const { n = 0, targets = [] } = incident.outbox.pages.at(-1) ?? {};
  const to = `person-${targets[0]?.level}`;
  const delivery = { at, to, method: 'mail', key: `k${n}`, state: 'accepted', reason: null } as const;
  const deliveries = targets.map(({ level }) => ({ ...delivery, level }));
  const paged: EventOf<'paged'> = {
    type: 'paged',
    at,
    requestNumber: n,
    deliveries,
    methods: 2,
    unknown: [],
    again: false,
  };
  return evolve(incident, audibleFrom === undefined ? paged : { ...paged, audibleFrom });
}

const begun = (): Incident => takeNextStep(declaredIncident({ severity: 'SEV3' })).incident;
const held = (): Incident => back(begun(), HOUR + 5, OPEN);
const next = (incident: Incident) => nextEscalationStep(incident);

test('[PAGE-34] the level waits: its notification rules begin when business opens, with the first method', () => {
  const waiting = held();
  expect(next(waiting)).toEqual({ act: 'next-attempt', at: OPEN });
  const open = takeNextStep(waiting);
  expect(open.events).toMatchObject([{ type: 'notification-rule-due', dueAt: OPEN }]);
  expect(open.incident.outbox.pages).toMatchObject([
    { reason: 'repeat', method: 0, startsLevel: false, targets: [{ level: 1, attempt: 2 }] },
  ]);
  const loud = back(open.incident, OPEN + 5);
  expect(next(loud)).toEqual({ act: 'next-attempt', at: OPEN + 10 * MIN });
  expect(next(takeNextStep(loud).incident)).toEqual({ act: 'next-level', at: OPEN + HOUR });
});

test('[PAGE-34] the next level has to wait as well, and so does each after it', () => {
  const loud = back(takeNextStep(takeNextStep(held()).incident).incident, OPEN + 15 * MIN);
  const second = takeNextStep(loud).incident;
  expect(second.escalation).toMatchObject({ level: 2, nextLevelAt: OPEN + 2 * HOUR });
  const again = back(second, OPEN + HOUR + 5, 3 * OPEN);
  expect(next(again)).toEqual({ act: 'next-attempt', at: 3 * OPEN });
  expect(again.escalation.nextLevelAt).toBe(3 * OPEN + HOUR);
});

test('[PAGE-34] the timeline says until when, and the deadlines what comes then', () => {
  const waiting = held();
  expect(waiting.projection.timeline.at(-1)?.text).toBe(
    'Paged person-1 by mail. Outside working hours: quiet methods only until 1970-01-01T20:00:00.000Z.',
  );
  expect(deadlines(waiting).filter(({ kind }) => kind !== 'internal-update')).toEqual([
    { kind: 'page-again', at: OPEN, text: 'level 1 is paged again' },
    { kind: 'escalation', at: OPEN + HOUR, text: 'level 2 is paged unless somebody acknowledges' },
  ]);
});

test('[PAGE-34] [SEV-7] a severity that is raised meanwhile pages at once', () => {
  const changed = { by: 'ana', from: 'SEV3', to: 'SEV2', reason: 'worse' } as const;
  const raised = evolve(held(), { type: 'severity-changed', at: 2 * HOUR, ...changed });
  expect(raised.outbox.pages).toMatchObject([{ reason: 'severity-raised', dueAt: 2 * HOUR }]);
  expect(raised.escalation.nextLevelAt).toBe(2 * HOUR + 15 * MIN);
});

test('[PAGE-34] [SEV-7] the quiet page comes back after the severity was raised: nothing waits for it', () => {
  const changed = { by: 'ana', from: 'SEV3', to: 'SEV2', reason: 'worse' } as const;
  const level = begun();
  const [quiet] = level.outbox.pages;
  const raised = evolve(level, { type: 'severity-changed', at: HOUR + 2, ...changed });
  const paged = { requestNumber: quiet?.n ?? 0, deliveries: [], methods: 2, unknown: [], again: false, loudAt: OPEN };
  expect(evolve(raised, { type: 'paged', at: HOUR + 5, ...paged }).escalation.nextLevelAt).toBe(
    raised.escalation.nextLevelAt,
  );
});

test('[PAGE-34] a page that comes back when business has opened holds nothing up', () => {
  const level = begun();
  expect(back(level, OPEN + 1, OPEN).escalation.nextLevelAt).toBe(level.escalation.nextLevelAt);
  expect(back(level, OPEN, OPEN).escalation.nextLevelAt).toBe(level.escalation.nextLevelAt);
});

test('[PAGE-34] a page beside the chain holds nothing up', () => {
  const byHand = evolve(declaredIncident({ severity: 'SEV3' }), {
    type: 'escalated',
    at: 5,
    by: 'ana',
    to: 'bo',
    reason: 'x',
  });
  expect(escalationStateOf(back(byHand, 10, OPEN))).toEqual({
    ...escalationStateOf(byHand),
    pagedInCycle: [],
    calledFor: { 'person-0': expect.objectContaining({ reason: 'by-hand' }) },
  });
});

test('[PAGE-25] [PAGE-34] the IC is told quietly that it is back: the chain behind that page begins when it would', () => {
  const events = [
    { type: 'acknowledged', at: 10, by: 'ana' },
    { type: 'monitoring-started', at: 20, by: 'ana', resolution: 'x' },
    { type: 'recurred', at: 30, titles: ['x'] },
  ] as const;
  const again = events.reduce<Incident>(evolve, declaredIncident({ severity: 'SEV3' }));
  expect(again.outbox.pages).toMatchObject([{ reason: 'recurrence', cycle: 1, targets: [{ level: 0 }] }]);
  expect(escalationStateOf(back(again, 40, OPEN))).toEqual({
    ...escalationStateOf(again),
    calledFor: { 'person-0': expect.objectContaining({ reason: 'recurrence' }) },
  });
});

test('[PAGE-32] [PAGE-34] nobody was up when business opened: one page, late, and the level keeps its order', () => {
  const late = takeNextStep(held(), OPEN + 5 * MIN);
  expect(late.events).toMatchObject([{ type: 'notification-rule-due', dueAt: OPEN }]);
  expect(next(back(late.incident, OPEN + 5 * MIN))).toEqual({ act: 'next-attempt', at: OPEN + 10 * MIN });
});
