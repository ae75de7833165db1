/** A level that waits until people may be disturbed. */
import { expect, test } from '@jest/globals';
import { nextInChain } from '../../domain/escalation.ts';
import type { EventOf } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import type { Incident } from '../../domain/incident.ts';
import { deadlines } from '../../domain/to-view.ts';
import { declared, due } from './chain.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
/** The opening of business. */
const OPEN = 20 * HOUR;

/** The newest order comes back: two methods, and nobody to be disturbed before `loudAt`. */
function back(incident: Incident, at: number, loudAt?: number): Incident {
  const { n = 0, targets = [] } = incident.orders.pages.at(-1) ?? {};
  const to = `person-${targets[0]?.level}`;
  const delivery = { at, to, method: 'mail', key: `k${n}`, state: 'accepted', reason: null } as const;
  const deliveries = targets.map(({ level }) => ({ ...delivery, level }));
  const paged: EventOf<'paged'> = { type: 'paged', at, order: n, deliveries, methods: 2, unknown: [], again: false };
  return evolve(incident, loudAt === undefined ? paged : { ...paged, loudAt });
}

const begun = (): Incident => due(declared({ severity: 'SEV3' })).incident;
const held = (): Incident => back(begun(), HOUR + 5, OPEN);
const next = (incident: Incident) => nextInChain(incident);

test('[PAGE-34] the level waits: its notification rules begin when business opens, with the first method', () => {
  const waiting = held();
  expect(next(waiting)).toEqual({ act: 'step', at: OPEN });
  const open = due(waiting);
  expect(open.events).toMatchObject([{ type: 'notification-rule-due', dueAt: OPEN }]);
  expect(open.incident.orders.pages).toMatchObject([
    { reason: 'repeat', method: 0, opensLevel: false, targets: [{ level: 1, attempt: 2 }] },
  ]);
  const loud = back(open.incident, OPEN + 5);
  expect(next(loud)).toEqual({ act: 'step', at: OPEN + 10 * MIN });
  expect(next(due(loud).incident)).toEqual({ act: 'climb', at: OPEN + HOUR });
});

test('[PAGE-34] the next level has to wait as well, and so does each after it', () => {
  const loud = back(due(due(held()).incident).incident, OPEN + 15 * MIN);
  const second = due(loud).incident;
  expect(second.chain).toMatchObject({ level: 2, nextLevelAt: OPEN + 2 * HOUR });
  const again = back(second, OPEN + HOUR + 5, 3 * OPEN);
  expect(next(again)).toEqual({ act: 'step', at: 3 * OPEN });
  expect(again.chain.nextLevelAt).toBe(3 * OPEN + HOUR);
});

test('[PAGE-34] the timeline says until when, and the deadlines what comes then', () => {
  const waiting = held();
  expect(waiting.timeline.at(-1)?.text).toBe(
    'paged person-1 by mail; by quiet methods only until 1970-01-01T20:00:00.000Z: outside working hours',
  );
  expect(deadlines(waiting).filter(({ kind }) => kind !== 'internal-update')).toEqual([
    { kind: 'page-again', at: OPEN, text: 'level 1 is paged again' },
    { kind: 'escalation', at: OPEN + HOUR, text: 'level 2 is paged unless somebody acknowledges' },
  ]);
});

test('[PAGE-34] [SEV-7] a severity that is raised meanwhile pages at once', () => {
  const changed = { by: 'ana', from: 'SEV3', to: 'SEV2', reason: 'worse' } as const;
  const raised = evolve(held(), { type: 'severity-changed', at: 2 * HOUR, ...changed });
  expect(raised.orders.pages).toMatchObject([{ reason: 'severity-raised', dueAt: 2 * HOUR }]);
  expect(raised.chain.nextLevelAt).toBe(2 * HOUR + 15 * MIN);
});

test('[PAGE-34] [SEV-7] the quiet page comes back after the severity was raised: nothing waits for it', () => {
  const changed = { by: 'ana', from: 'SEV3', to: 'SEV2', reason: 'worse' } as const;
  const level = begun();
  const [quiet] = level.orders.pages;
  const raised = evolve(level, { type: 'severity-changed', at: HOUR + 2, ...changed });
  const paged = { order: quiet?.n ?? 0, deliveries: [], methods: 2, unknown: [], again: false, loudAt: OPEN };
  expect(evolve(raised, { type: 'paged', at: HOUR + 5, ...paged }).chain.nextLevelAt).toBe(raised.chain.nextLevelAt);
});

test('[PAGE-34] a page that comes back when business has opened holds nothing up', () => {
  const level = begun();
  expect(back(level, OPEN + 1, OPEN).chain.nextLevelAt).toBe(level.chain.nextLevelAt);
  expect(back(level, OPEN, OPEN).chain.nextLevelAt).toBe(level.chain.nextLevelAt);
});

test('[PAGE-34] a page beside the chain holds nothing up', () => {
  const byHand = evolve(declared({ severity: 'SEV3' }), { type: 'escalated', at: 5, by: 'ana', to: 'bo', reason: 'x' });
  expect(back(byHand, 10, OPEN).chain).toEqual({ ...byHand.chain, pagedInCycle: [] });
});

test('[PAGE-25] [PAGE-34] the IC is told quietly that it is back: the chain behind that page begins when it would', () => {
  const events = [
    { type: 'acknowledged', at: 10, by: 'ana' },
    { type: 'monitoring-started', at: 20, by: 'ana', resolution: 'x' },
    { type: 'recurred', at: 30, titles: ['x'] },
  ] as const;
  const again = events.reduce<Incident>(evolve, declared({ severity: 'SEV3' }));
  expect(again.orders.pages).toMatchObject([{ reason: 'recurrence', cycle: 1, targets: [{ level: 0 }] }]);
  expect(back(again, 40, OPEN).chain).toEqual(again.chain);
});

test('[PAGE-32] [PAGE-34] nobody was up when business opened: one page, late, and the level keeps its order', () => {
  const late = due(held(), OPEN + 5 * MIN);
  expect(late.events).toMatchObject([{ type: 'notification-rule-due', dueAt: OPEN }]);
  expect(next(back(late.incident, OPEN + 5 * MIN))).toEqual({ act: 'step', at: OPEN + 10 * MIN });
});
