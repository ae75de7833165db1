/** Methods of a page that are still being tried, in the state and in the record. */
import { evolve } from '../../../domain/engine/evolve.ts';
import { nextProjectionBatch } from '../../../domain/engine/projection.ts';
import { pausedUntil } from '../../../domain/escalation/unsettled-pages.ts';
import type { EventOf, PageDelivery } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { PageRequest, UnsettledPage } from '../../../domain/kernel/outbox.ts';
import { aPolicy } from '../../support/builders.ts';
import { declaredIncident, takeNextStep } from '../escalation-steps.ts';

const webhook = { key: 'E1/page/1.1.1/ana.webhook', to: 'ana', method: 'webhook', level: 1 };
const mail = { key: 'E1/page/1.1.1/ana.mail', to: 'ana', method: 'mail', level: 1 };

const delivery = (of: typeof webhook, over: Partial<PageDelivery>): PageDelivery => ({
  ...{ ...of, at: 0, state: 'accepted', reason: null },
  ...over,
});
const trying = (of: typeof webhook, over: Partial<UnsettledPage> = {}): UnsettledPage => ({
  ...of,
  ...{ state: 'retrying', reason: 'webhook: HTTP 503', failures: 1, refusals: 0, retryAt: 1_000 },
  ...over,
});
const FAILED_ONCE = delivery(webhook, { state: 'retrying', reason: 'webhook: HTTP 503' });

function paged(incident: Incident, over: Partial<EventOf<'paged'>> = {}): Incident {
  const requestNumber = incident.outbox.pages[0]?.n ?? 0;
  return evolve(incident, {
    type: 'paged',
    ...{ at: 500, requestNumber, deliveries: [], methods: 2, unknown: [], again: true, unsettled: [], calledAt: 100 },
    ...over,
  });
}

/** The on-call level is being paged, and nobody else. */
const begun = (): Incident =>
  takeNextStep(declaredIncident({ severity: 'SEV1', policy: aPolicy({ leadership: [] }) })).incident;

/** The mail was accepted, and the webhook has failed once. */
const retrying = (incident = begun()): Incident =>
  paged(onlyLevelPage(incident), { deliveries: [FAILED_ONCE, delivery(mail, {})], unsettled: [trying(webhook)] });

function onlyLevelPage(incident: Incident): Incident {
  return {
    ...incident,
    outbox: { ...incident.outbox, pages: incident.outbox.pages.filter(({ startsLevel }) => startsLevel) },
  };
}

const request = ({ outbox }: Incident): PageRequest => {
  const [first] = outbox.pages;
  if (first === undefined) throw new Error('no page');
  return first;
};
const states = ({ deliveries }: Incident): string[] =>
  deliveries.map(({ method, state, reason }) => `${method} ${state} ${reason ?? ''}`.trim());
const lastEntry = ({ projection }: Incident): string | undefined => projection.timeline.at(-1)?.text;

test('one method is accepted and another one has failed: the page stays, with what is left of it', () => {
  const incident = retrying();
  expect(request(incident)).toMatchObject({
    accepted: [mail.key],
    givenUp: [],
    unsettled: [{ key: webhook.key }],
    triedSince: 100,
  });
  expect(states(incident)).toEqual(['webhook retrying webhook: HTTP 503', 'mail accepted']);
  expect(lastEntry(incident)).toBe('Paged ana by mail. Page failed, trying again: ana by webhook (webhook: HTTP 503).');
});

test('the record has each method once, with its latest state; the records get every state', () => {
  const settled = paged(retrying(), { at: 1_500, again: false, deliveries: [delivery(webhook, { at: 1_500 })] });
  expect(states(settled)).toEqual(['mail accepted', 'webhook accepted']);
  expect(settled.outbox.pages).toEqual([]);
  expect(nextProjectionBatch(settled)?.deliveries.map(({ method, state }) => `${method} ${state}`)).toEqual([
    'webhook retrying',
    'mail accepted',
    'webhook accepted',
  ]);
});

test('what was accepted is never anything else again', () => {
  const incident = paged(retrying(), { deliveries: [delivery(mail, { at: 2_000, state: 'failed', reason: 'late' })] });
  expect(states(incident)).toContain('mail accepted');
});

test('a call that brings nothing new leaves no entry; one that gives up a method does', () => {
  const before = retrying();
  const quiet = paged(before, { at: 60_000, unsettled: [trying(webhook, { failures: 9 })] });
  expect(quiet.projection.seq).toBe(before.projection.seq);
  expect(request(quiet).unsettled).toMatchObject([{ failures: 9 }]);
  const gone = paged(quiet, {
    ...{ at: 61_000, again: false, unsettled: [] },
    deliveries: [delivery(webhook, { state: 'failed', reason: 'webhook: HTTP 404' })],
  });
  expect(lastEntry(gone)).toBe('Page FAILED: ana by webhook (webhook: HTTP 404).');
});

test('a method that was given up is remembered while the page goes on', () => {
  const incident = paged(retrying(), { deliveries: [delivery(mail, { state: 'failed', reason: 'no' })], again: true });
  expect(request(incident).givenUp).toEqual([mail.key]);
});

test('an acknowledgement makes the page void: what was being tried has failed, and the record says why', () => {
  const incident = evolve(retrying(), { type: 'acknowledged', at: 2_000, by: 'ana' });
  expect(incident.outbox.pages).toEqual([]);
  expect(states(incident)).toContain('webhook failed webhook: HTTP 503; acknowledged meanwhile');
  expect(nextProjectionBatch(incident)?.deliveries.at(-1)).toMatchObject({ state: 'failed', method: 'webhook' });
});

test('a method that has not answered when the incident is over: failed, no answer', () => {
  const sending = paged(onlyLevelPage(begun()), {
    ...{
      deliveries: [delivery(webhook, { state: 'sending' })],
      unsettled: [trying(webhook, { state: 'sending', reason: null })],
    },
  });
  const over = evolve(sending, { type: 'false-alarm-declared', at: 3_000, by: 'bo', reason: 'test' });
  expect(states(over)).toEqual(['webhook failed no answer; no longer needed']);
});

describe('pages that outlive the escalation', () => {
  const leadership = (): Incident => {
    const incident = declaredIncident({ severity: 'SEV1', policy: aPolicy({ leadership: ['ana', 'eve'] }) });
    return paged(incident, { deliveries: [FAILED_ONCE, delivery(mail, {})], unsettled: [trying(webhook)] });
  };

  test('whoever answers is left out from then on, and the others are not', () => {
    const incident = evolve(leadership(), { type: 'acknowledged', at: 2_000, by: 'ana' });
    expect(request(incident)).toMatchObject({ reason: 'leadership', except: expect.arrayContaining(['ana']) });
    const seen = evolve(incident, { type: 'seen', at: 3_000, by: 'eve' });
    expect(request(seen).except).toEqual(expect.arrayContaining(['ana', 'eve']));
  });

  test('when the incident is over, a page that has reached somebody ends', () => {
    const over = evolve(leadership(), { type: 'false-alarm-declared', at: 3_000, by: 'bo', reason: 'test' });
    expect(over.outbox.pages).toEqual([]);
    const unreached = paged(declaredIncident({ severity: 'SEV1', policy: aPolicy({ leadership: ['ana'] }) }), {
      ...{ deliveries: [FAILED_ONCE], unsettled: [trying(webhook)] },
    });
    const still = evolve(unreached, { type: 'false-alarm-declared', at: 3_000, by: 'bo', reason: 'test' });
    expect(still.outbox.pages).toHaveLength(1);
  });
});

test('calls of 0.2.0 say nothing of unsettled methods: their pages go on as they did', () => {
  const {
    unsettled: _,
    calledAt: __,
    ...old
  } = {
    ...{ type: 'paged' as const, at: 500, deliveries: [delivery(mail, {})], methods: 2, unknown: [], again: true },
    ...{ unsettled: [], calledAt: 0, requestNumber: 0 },
  };
  const before = onlyLevelPage(begun());
  const incident = evolve(before, { ...old, requestNumber: request(before).n });
  expect(request(incident)).toEqual({ ...request(before), accepted: [mail.key] });
  expect(lastEntry(incident)).toBe('Paged ana by mail. Somebody could not be reached yet; still trying.');
});

test('the workflow waits only for a provider that asked for more time than a call waits', () => {
  const page = request(retrying());
  const due = (...times: readonly number[]): number =>
    pausedUntil({ ...page, unsettled: times.map((retryAt) => trying(webhook, { retryAt })) }, 1_000);
  expect([due(), due(2_000), due(11_000), due(31_000), due(31_000, 3_000)]).toEqual([0, 0, 0, 31_000, 0]);
});

test('[PAGE-28] a test pages by every method at once, so that each is seen to work', () => {
  const incident = takeNextStep(declaredIncident({ severity: 'SEV2', test: true })).incident;
  expect(incident.outbox.pages).toMatchObject([{ method: 'all' }]);
});
