/** The chain as a pure thing. */
import { expect, test } from '@jest/globals';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import { evolve } from '../../../domain/engine/evolve.ts';
import { shouldReissuePage, pageLatenessMs } from '../../../domain/escalation/page-requests.ts';
import { answerPageRequest, declaredIncident, takeNextStep, acceptAllPages } from '../escalation-steps.ts';

const MIN = 60_000;

test('[PAGE-6] the steps of a SEV2 fall at +2, +4, +8, +10, +12 for three methods, before the level ends', () => {
  const first = takeNextStep(declaredIncident()).incident;
  const order = first.outbox.pages[0];
  if (order === undefined) throw new Error('no page');
  const paged: IncidentEvent = {
    type: 'paged',
    at: 5,
    requestNumber: order.n,
    deliveries: [],
    methods: 3,
    unknown: [],
    again: false,
  };
  let incident = evolve(first, paged);
  const at: number[] = [];
  while (nextEscalationStep(incident)?.act === 'next-attempt') {
    at.push((nextEscalationStep(incident)?.at ?? 0) / MIN);
    incident = takeNextStep(incident).incident;
  }
  expect(at).toEqual([2, 4, 8, 10, 12]);
  expect(nextEscalationStep(incident)).toEqual({ act: 'next-level', at: 15 * MIN });
});

test('[PAGE-32] steps missed while no worker was up are one page, and the notification rules go on with the next', () => {
  const begun = acceptAllPages(takeNextStep(declaredIncident({ severity: 'SEV1' })).incident, 5);
  const late = takeNextStep(begun, 4 * MIN + 30_000);
  expect(late.events).toEqual([{ type: 'notification-rule-due', at: 4 * MIN + 30_000, dueAt: 2 * MIN }]);
  expect(nextEscalationStep(acceptAllPages(late.incident, 5 * MIN - 1))).toEqual({ act: 'next-level', at: 5 * MIN });
});

test('[PAGE-32] a level that is overdue goes before the steps below it, and has its full time', () => {
  const begun = acceptAllPages(takeNextStep(declaredIncident()).incident, 5);
  const late = takeNextStep(begun, 100 * MIN);
  expect(late.events).toMatchObject([{ type: 'level-started', level: 2, nextLevelAt: 115 * MIN }]);
});

test('[PAGE-32] a level whose own page has not left is paged late, instead of it and the next at once', () => {
  const begun = takeNextStep(declaredIncident()).incident;
  const late = takeNextStep(begun, 100 * MIN);
  expect(late.events).toMatchObject([{ type: 'level-extended', nextLevelAt: 115 * MIN }]);
  expect(late.incident.outbox.pages).toHaveLength(1);
  expect(nextEscalationStep(late.incident)?.at).toBeGreaterThan(100 * MIN);
  const [order] = late.incident.outbox.pages;
  expect(order && pageLatenessMs(order, 100 * MIN)).toBe(100 * MIN);
});

test('[PAGE-10] a page beside the chain is not dropped for another beside the chain', () => {
  const sev1 = declaredIncident({ severity: 'SEV1' });
  const [leadership] = sev1.outbox.pages;
  if (leadership === undefined) throw new Error('no page');
  const byHand = evolve(sev1, { type: 'escalated', at: 1, by: 'ana', to: 'hal', reason: 'x' });
  expect(shouldReissuePage(byHand, leadership)).toBe(true);
});

test('[PAGE-10] a page that returns late does not change the notification rules of the level that runs now', () => {
  const first = takeNextStep(declaredIncident()).incident;
  const [order] = first.outbox.pages;
  if (order === undefined) throw new Error('no page');
  const unreached = answerPageRequest(first, order, 'unreached', MIN).reduce(evolve, first);
  const second = takeNextStep(unreached).incident;
  const opening = second.outbox.pages.find(({ targets }) => targets[0]?.level === 2);
  if (opening === undefined) throw new Error('level 2 was not paged');
  const reached = answerPageRequest(second, opening, 'reached', MIN + 1).reduce(evolve, second);
  expect(
    answerPageRequest(reached, order, 'reached', 2 * MIN)
      .map((e) => ({ ...e, methods: 9 }))
      .reduce(evolve, reached).escalation.methods,
  ).toBe(2);
});
