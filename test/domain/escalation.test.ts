/** The chain as a pure thing. */
import { expect, test } from '@jest/globals';
import { nextInChain } from '../../domain/escalation.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { isWorthRepeating, latenessMs } from '../../domain/page-orders.ts';
import { answer, declared, due, reachAll } from './chain.ts';

const MIN = 60_000;

test('[PAGE-6] the steps of a SEV2 fall at +2, +4, +8, +10, +12 for three methods, before the level ends', () => {
  const first = due(declared()).incident;
  const order = first.orders.pages[0];
  if (order === undefined) throw new Error('no page');
  const paged: IncidentEvent = {
    type: 'paged',
    at: 5,
    order: order.n,
    deliveries: [],
    methods: 3,
    unknown: [],
    again: false,
  };
  let incident = evolve(first, paged);
  const at: number[] = [];
  while (nextInChain(incident)?.act === 'step') {
    at.push((nextInChain(incident)?.at ?? 0) / MIN);
    incident = due(incident).incident;
  }
  expect(at).toEqual([2, 4, 8, 10, 12]);
  expect(nextInChain(incident)).toEqual({ act: 'climb', at: 15 * MIN });
});

test('[PAGE-32] steps missed while no worker was up are one page, and the notification rules go on with the next', () => {
  const begun = reachAll(due(declared({ severity: 'SEV1' })).incident, 5);
  const late = due(begun, 4 * MIN + 30_000);
  expect(late.events).toEqual([{ type: 'notification-rule-due', at: 4 * MIN + 30_000, dueAt: 2 * MIN }]);
  expect(nextInChain(reachAll(late.incident, 5 * MIN - 1))).toEqual({ act: 'climb', at: 5 * MIN });
});

test('[PAGE-32] a level that is overdue goes before the steps below it, and has its full time', () => {
  const begun = reachAll(due(declared()).incident, 5);
  const late = due(begun, 100 * MIN);
  expect(late.events).toMatchObject([{ type: 'level-begun', level: 2, nextLevelAt: 115 * MIN }]);
});

test('[PAGE-32] a level whose own page has not left is paged late, instead of it and the next at once', () => {
  const begun = due(declared()).incident;
  const late = due(begun, 100 * MIN);
  expect(late.events).toMatchObject([{ type: 'level-extended', nextLevelAt: 115 * MIN }]);
  expect(late.incident.orders.pages).toHaveLength(1);
  expect(nextInChain(late.incident)?.at).toBeGreaterThan(100 * MIN);
  const [order] = late.incident.orders.pages;
  expect(order && latenessMs(order, 100 * MIN)).toBe(100 * MIN);
});

test('[PAGE-10] a page beside the chain is not dropped for another beside the chain', () => {
  const sev1 = declared({ severity: 'SEV1' });
  const [leadership] = sev1.orders.pages;
  if (leadership === undefined) throw new Error('no page');
  const byHand = evolve(sev1, { type: 'escalated', at: 1, by: 'ana', to: 'hal', reason: 'x' });
  expect(isWorthRepeating(byHand, leadership)).toBe(true);
});

test('[PAGE-10] a page that returns late does not change the notification rules of the level that runs now', () => {
  const first = due(declared()).incident;
  const [order] = first.orders.pages;
  if (order === undefined) throw new Error('no page');
  const unreached = answer(first, order, 'unreached', MIN).reduce(evolve, first);
  const second = due(unreached).incident;
  const opening = second.orders.pages.find(({ targets }) => targets[0]?.level === 2);
  if (opening === undefined) throw new Error('level 2 was not paged');
  const reached = answer(second, opening, 'reached', MIN + 1).reduce(evolve, second);
  expect(
    answer(reached, order, 'reached', 2 * MIN)
      .map((e) => ({ ...e, methods: 9 }))
      .reduce(evolve, reached).chain.methods,
  ).toBe(2);
});
