/** Whom the edge pages by itself, when, and what the page says. */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  sleep,
  AFTER_MS,
  firingNow,
  openFallbackPagingFixture,
  quickPolicy,
  signer,
  type FallbackPagingFixture,
} from './fallback-paging-fixture.ts';
import { alert, resolved, T0 } from '../../support/routed-alerts.ts';

let house: FallbackPagingFixture;
beforeEach(async () => {
  house = await openFallbackPagingFixture();
});
afterEach(async () => {
  expect(house.sink.unexpected).toEqual([]);
  await house.close();
});

const keyOf = (group: string, fingerprint: string, person: string, startsAt = T0): string =>
  `bg/${createHash('sha256')
    .update(JSON.stringify([group, fingerprint, startsAt, person]))
    .digest('hex')
    .slice(0, 32)}`;
const pages = (count: number) =>
  house.sink
    .waitFor(`${count} pages`, () => house.sink.received.length >= count, 5_000)
    .then(() => house.sink.received);
const quiet = () => sleep(AFTER_MS * 4);

test('[PAGE-40] level 1 is paged once the alert has waited long enough, with a link and a key that anyone can compute', async () => {
  const server = await house.open();
  const begunAt = Date.now();
  const sighted = firingNow('inc-a', [alert('disk', { labels: { alertname: 'disk', instance: 'db-1' } })]);
  server.spooled(sighted);
  const [first] = await pages(1);
  expect(first?.at).toBeGreaterThanOrEqual(begunAt + AFTER_MS);
  expect(first?.at).toBeLessThan(begunAt + AFTER_MS + 2_000);
  expect(first?.page).toMatchObject({
    key: keyOf('inc-a', 'disk', 'ana'),
    ...{ kind: 'page', reason: 'fallback', to: 'ana', level: 1, cycle: 1, attempt: 1 },
    text: 'SEV2 inc-a is down. Temporal is unreachable, so Tocsin is paging you directly.',
    ...{ why: 'Temporal is unreachable, so Tocsin is paging you directly', calledBy: null },
    incident: {
      ...{
        reference: null,
        workflowId: 'inc-a',
        severity: 'SEV2',
        title: 'inc-a is down',
        phase: 'declared',
        team: 'platform',
      },
      url: `http://tocsin.example/incidents/inc-a?link=${sighted.declaration.incidentId}`,
      alerts: [{ labels: { alertname: 'disk', instance: 'db-1' }, links: {} }],
      alertCount: 1,
    },
  });
  expect(server.pendingGroup('inc-a')?.incidentIds).toEqual([sighted.declaration.incidentId]);
  const token = first?.page.acknowledgeUrl.split('/').at(-1) ?? '';
  expect(signer.verify(token)).toEqual({
    workflowId: 'inc-a',
    incidentId: sighted.declaration.incidentId,
    person: 'ana',
    cycle: 1,
  });
  await quiet();
  expect(house.pagesInOrder()).toEqual([`ana ${keyOf('inc-a', 'disk', 'ana')}`]);
});

test('[PAGE-40] nobody is paged for what Temporal takes in time, for what is over, for what does not page at once, or for a test', async () => {
  const server = await house.open();
  const told = firingNow('inc-told', [alert('x')]);
  server.spooled(told);
  server.delivered(told);
  server.spooled(firingNow('inc-over', [alert('x')]));
  server.spooled(firingNow('inc-over', [resolved('x')]));
  const firing = firingNow('inc-late', [alert('x')]);
  server.spooled({ ...firing, alerts: [resolved('x')], receivedAt: firing.receivedAt + 1 });
  server.spooled(firing);
  server.spooled({ ...firing, receivedAt: firing.receivedAt + 20_001, lateCopyMs: 20_000 });
  server.spooled(firingNow('inc-mild', [alert('x', { severity: 'SEV3' }), alert('y', { severity: 'SEV4' })]));
  const test = firingNow('inc-test', [alert('x')]);
  server.spooled({ ...test, declaration: { ...test.declaration, test: true } });
  await quiet();
  expect(house.pagesInOrder()).toEqual([]);
});

test('[PAGE-40] what Temporal had before it went away is no news when it is repeated, with and without a start', async () => {
  const server = await house.open();
  const guessed = { startGuessed: true };
  server.delivered(firingNow('inc-a', [alert('x'), alert('y', { ...guessed, startsAt: 1 }), alert('z', guessed)]));
  server.delivered(firingNow('inc-a', [resolved('z', guessed)]));
  server.spooled(firingNow('inc-a', [alert('x'), alert('y', { ...guessed, startsAt: 2 })]));
  await quiet();
  expect(house.pagesInOrder()).toEqual([]);
  server.spooled(firingNow('inc-a', [alert('z', { ...guessed, startsAt: 3 })]));
  await pages(1);
  expect(house.pagesInOrder()).toEqual([`ana ${keyOf('inc-a', 'z', 'ana', 3)}`]);
});

test('what fires again after its end pages, though the start is the same: the end was in the spool, or Temporal had it', async () => {
  const server = await house.open();
  const spooled = firingNow('inc-a', [alert('x')]);
  server.spooled({ ...spooled, alerts: [resolved('x')] });
  server.spooled({ ...spooled, receivedAt: spooled.receivedAt + 1 });
  const delivered = firingNow('inc-b', [alert('x')]);
  server.delivered(delivered);
  server.delivered({ ...delivered, alerts: [resolved('x')], receivedAt: delivered.receivedAt + 1 });
  server.spooled({ ...delivered, receivedAt: delivered.receivedAt + 2 });
  await pages(2);
  expect(house.pagesInOrder().sort()).toEqual(
    [`ana ${keyOf('inc-a', 'x', 'ana')}`, `ana ${keyOf('inc-b', 'x', 'ana')}`].sort(),
  );
});

test('an alert without a start, repeated, is the same alert until it resolves', async () => {
  const server = await house.open();
  const at = (startsAt: number) => firingNow('inc-a', [alert('x', { startGuessed: true, startsAt })]);
  for (const startsAt of [10, 20, 30]) server.spooled(at(startsAt));
  await pages(1);
  server.spooled(at(40));
  await quiet();
  expect(house.pagesInOrder()).toEqual([`ana ${keyOf('inc-a', 'x', 'ana', 10)}`]);
  server.spooled(firingNow('inc-a', [resolved('x', { startGuessed: true, startsAt: 50 })]));
  server.spooled(at(60));
  await pages(2);
  expect(house.pagesInOrder()[1]).toBe(`ana ${keyOf('inc-a', 'x', 'ana', 60)}`);
});

test('[PAGE-40] several servers use the same keys, whatever order their alerts have', async () => {
  const [one, two] = [
    await house.open(),
    await house.open({ directory: mkdtempSync(join(tmpdir(), 'fallback-paging-2-')) }),
  ];
  const alerts = [alert('b'), alert('a'), alert('c', { severity: 'SEV1' })];
  one.spooled(firingNow('inc-a', alerts));
  two.spooled(firingNow('inc-a', [...alerts].reverse()));
  await pages(2);
  expect(new Set(house.pagesInOrder())).toEqual(new Set([`ana ${keyOf('inc-a', 'c', 'ana')}`]));
});

test('[PAGE-40] one page names the alerts of a message, five at most; a new alert pages again, a repeat does not', async () => {
  const server = await house.open();
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  server.spooled(
    firingNow(
      'inc-a',
      names.map((name) => alert(name)),
    ),
  );
  const [first] = await pages(1);
  expect(first?.page.incident.alerts.map(({ labels }) => labels['alertname'])).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(first?.page.incident.alertCount).toBe(7);
  server.spooled(firingNow('inc-a', [alert('a'), alert('g'), alert('new'), alert('b', { startsAt: T0 + 1 })]));
  await pages(2);
  await quiet();
  expect(house.pagesInOrder()).toEqual([`ana ${keyOf('inc-a', 'a', 'ana')}`, `ana ${keyOf('inc-a', 'new', 'ana')}`]);
});

test('[PAGE-40] nobody acknowledges: the next level hears of it under keys of its own; nobody is paged twice', async () => {
  const server = await house.open();
  server.spooled(firingNow('inc-a', [alert('x')], quickPolicy(400)));
  const received = await pages(3);
  await sleep(900);
  expect(house.pagesInOrder()).toEqual(
    ['ana', 'bo', 'eve'].map((person) => `${person} ${keyOf('inc-a', 'x', person)}`),
  );
  expect(received.map(({ page }) => page.level)).toEqual([1, 2, 3]);
  expect((received[1]?.at ?? 0) - (received[0]?.at ?? 0)).toBeGreaterThanOrEqual(390);
});

test('[PAGE-40] an acknowledgement ends it, for new alerts too, unless they are worse', async () => {
  const server = await house.open();
  const policy = quickPolicy(400);
  server.spooled(firingNow('inc-a', [alert('x')], policy));
  await pages(1);
  server.acknowledged('inc-a');
  server.spooled(firingNow('inc-a', [alert('y')], policy));
  await sleep(900);
  expect(house.pagesInOrder()).toHaveLength(1);
  server.spooled(firingNow('inc-a', [alert('worse', { severity: 'SEV1' })], policy));
  await pages(2);
  expect(house.pagesInOrder()[1]).toBe(`ana ${keyOf('inc-a', 'worse', 'ana')}`);
});

test('[PAGE-40] a replay waits for a page under way, hears of it, and nothing is paged about it afterwards', async () => {
  const server = await house.open({ contacts: (person) => [slow(person)] });
  const sighted = firingNow('inc-a', [alert('x')], quickPolicy(400));
  server.spooled(sighted);
  await pages(1);
  const claim = await server.claim(sighted);
  const key = keyOf('inc-a', 'x', 'ana');
  const { incidentId } = sighted.declaration;
  expect(claim.pages).toEqual([{ to: 'ana', method: 'webhook', key, at: expect.any(Number), incidentId }]);
  await sleep(900);
  server.delivered(sighted);
  claim.release();
  await sleep(600);
  server.spooled(firingNow('inc-a', [alert('x')])); // and not in the next outage either
  await quiet();
  expect(house.pagesInOrder()).toEqual([`ana ${key}`]);
});

test('a replay that did not work gives the alert back', async () => {
  const server = await house.open();
  const sighted = firingNow('inc-a', [alert('x')]);
  server.spooled(sighted);
  const claim = await server.claim(sighted);
  await quiet();
  expect([claim.pages, house.pagesInOrder()]).toEqual([[], []]);
  claim.release();
  await pages(1);
});

/** Answers late: the page has arrived, and nobody knows yet. */
function slow(person: string) {
  return {
    method: 'webhook',
    quiet: false,
    async send(page: { key: string }) {
      await fetch(`${house.sink.url}/${person}`, {
        method: 'POST',
        headers: { 'idempotency-key': page.key },
        body: JSON.stringify(page),
      });
      await sleep(500);
    },
  };
}

test('[ALERT-16] what maintenance holds back pages nobody while Temporal is away, until its window has ended', async () => {
  const server = await house.open();
  const begunAt = Date.now();
  const suppressedBy = [{ window: 'disk swap', windowWorkflowId: null, until: begunAt + AFTER_MS * 8 }];
  server.spooled(firingNow('inc-held', [alert('x', { suppressedBy }), alert('free')]));
  const [free] = await pages(1);
  expect(free?.page.incident.alertCount).toBe(1);
  await sleep(AFTER_MS * 3);
  server.onConfigChanged(); // the configuration has changed: that ends no window
  await sleep(AFTER_MS * 2);
  expect(house.pagesInOrder()).toEqual([`ana ${keyOf('inc-held', 'free', 'ana')}`]);
  const [, late] = await pages(2);
  expect(late?.page.key).toBe(keyOf('inc-held', 'x', 'ana'));
  expect(late?.at).toBeGreaterThanOrEqual(begunAt + AFTER_MS * 8);
});
