/** Methods that fail, levels that are empty, people who are paged too often, and one process after another. */
import type { Contact, Page } from '../../../../activities/ports.ts';
import { webhookContact } from '../../../../providers/webhook/webhook.ts';
import { until } from '../../../support/until.ts';
import { alert } from '../../support/routed-alerts.ts';
import {
  AFTER_MS,
  firingNow,
  openFallbackPagingFixture,
  quickPolicy,
  sleep,
  type FallbackPagingFixture,
} from './fallback-paging-fixture.ts';

let house: FallbackPagingFixture;
beforeEach(async () => {
  house = await openFallbackPagingFixture();
});
afterEach(async () => {
  expect(house.sink.unexpected).toEqual([]);
  await house.close();
});

const pages = (count: number, withinMs = 5_000) =>
  house.sink.waitFor(`${count} pages`, () => house.sink.received.length >= count, withinMs);
const people = () => house.sink.received.map(({ person }) => person);

/** What was tried, in order. */
function trying(tried: string[], person: string, works: Readonly<Record<string, boolean>>): readonly Contact[] {
  return Object.keys(works).map((method) => ({
    method,
    quiet: method === 'email',
    async send(page: Page, signal: AbortSignal) {
      tried.push(`${person} ${method}`);
      if (works[method] !== true) throw new Error('https://secret.example/token');
      await webhookContact(`${house.sink.url}/${person}`, method).send(page, signal);
    },
  }));
}

test('[PAGE-40] methods are tried in order until one accepts, under one key; a SEV1 tries all loud ones at once', async () => {
  const tried: string[] = [];
  const works = { email: true, call: false, webhook: true, sms: true };
  const server = await house.open({ contacts: (person) => trying(tried, person, works) });
  server.spooled(firingNow('inc-a', [alert('x')]));
  await pages(1);
  expect(tried).toEqual(['ana call', 'ana webhook']);
  tried.length = 0;
  server.spooled(firingNow('inc-b', [alert('x', { severity: 'SEV1' })]));
  await pages(3);
  await sleep(50);
  expect(tried).toEqual(['ana call', 'ana webhook', 'ana sms']);
  expect(new Set(house.pagesInOrder()).size).toBe(2);
  expect(house.log.lines.join('\n')).not.toContain('secret.example');
});

test('[PAGE-40] nobody at level 1 can be reached, or its names are gone: the next level is paged at once', async () => {
  const server = await house.open({
    contacts: (person) => (person === 'ana' ? [] : [webhookContact(`${house.sink.url}/${person}`, 'webhook')]),
  });
  server.spooled(firingNow('inc-a', [alert('x')]));
  await pages(1);
  expect(people()).toEqual(['bo']);
  server.spooled(firingNow('inc-b', [alert('x')], quickPolicy(60_000, { levels: [['who'], ['nobody'], ['eve']] })));
  await pages(2);
  await sleep(AFTER_MS * 3);
  expect(people()).toEqual(['bo', 'eve']);
});

test('quiet methods alone count for those who have no other; beside failing loud ones the next level is paged too', async () => {
  const server = await house.open({
    contacts: (person) =>
      trying([], person, person === 'ana' ? { call: false, email: true } : person === 'bo' ? { email: true } : {}),
  });
  server.spooled(firingNow('inc-a', [alert('x')]));
  await pages(2);
  await sleep(AFTER_MS * 3);
  expect(people()).toEqual(['ana', 'bo']);
});

test('[PAGE-40] whom no method reaches is tried again under the same key, while nobody has it', async () => {
  let works = false;
  const keys: string[] = [];
  const server = await house.open({
    contacts: (person) => [
      {
        method: 'webhook',
        quiet: false,
        async send(page, signal) {
          keys.push(`${person} ${page.key}`);
          if (!works) throw new Error('down');
          await webhookContact(`${house.sink.url}/${person}`, 'webhook').send(page, signal);
        },
      },
    ],
  });
  server.spooled(firingNow('inc-a', [alert('x')]));
  // Each page waits for the log on the disk, which may be slow; a second try comes after 10 s.
  await until(() => Promise.resolve(keys.length >= 3), 8_000);
  expect(keys.map((key) => key.split(' ')[0])).toEqual(['ana', 'bo', 'eve']); // every level, once
  works = true;
  await pages(3, 15_000);
  expect(new Set(keys).size).toBe(3);
}, 30_000);

test('[PAGE-40] more than three pages in a minute: the rest comes as a list, the worst first', async () => {
  const server = await house.open();
  const receivedAt = Date.now(); // of all: a slow machine must not page the first before the last is there
  for (let n = 0; n < 40; n += 1) {
    const sighted = firingNow(`inc-${n}`, [alert(`x${n}`, { severity: n === 39 ? 'SEV1' : 'SEV2' })]);
    server.spooled({ ...sighted, receivedAt });
  }
  await pages(3);
  expect(house.sink.received.map(({ page }) => page.incidents)).toEqual([undefined, undefined, undefined]);
  expect(house.sink.received.map(({ page }) => page.incident.workflowId)).toContain('inc-39');
  await sleep(1_000);
  expect(house.sink.received).toHaveLength(3);
  await pages(4, 12_000);
  const list = house.sink.received[3]?.page;
  expect(list?.text).toMatch(/ and 33 more\. Temporal is unreachable, so Tocsin is paging you directly\.$/);
  expect(list?.incidents).toHaveLength(36);
  const named = [...house.sink.received.map(({ page }) => page.incident), ...(list?.incidents ?? [])];
  expect(new Set(named.map(({ workflowId }) => workflowId)).size).toBe(40);
  const claim = await server.claim(firingNow('inc-20', [alert('x20')]));
  expect(claim.pages).toEqual([expect.objectContaining({ to: 'ana', method: 'webhook' })]);
  await sleep(1_000);
  expect(house.sink.received).toHaveLength(4);
}, 30_000);

test('[PAGE-40] a restart: what is in the log is not paged again, and the chain goes on where it stood', async () => {
  const policy = quickPolicy(1_500);
  const sighted = firingNow('inc-a', [alert('x')], policy);
  const first = await house.open();
  first.spooled(sighted);
  await pages(1);
  await first.close();
  const second = await house.open();
  second.spooled(sighted, 'again');
  await sleep(AFTER_MS * 3);
  expect(people()).toEqual(['ana']);
  await pages(2);
  expect(people()).toEqual(['ana', 'bo']);
}, 20_000);

test('[PAGE-40] a crash before the vendor was heard of: the same key, about the same alerts', async () => {
  const both = firingNow('inc-a', [alert('x'), alert('y')]);
  const first = await house.open({
    contacts: () => [{ method: 'webhook', quiet: false, send: () => new Promise(() => undefined) }],
  });
  first.spooled(both);
  await sleep(AFTER_MS * 2);
  const second = await house.open();
  second.spooled(firingNow('inc-a', [alert('y')]), 'again'); // x has resolved meanwhile
  await pages(1);
  await sleep(AFTER_MS * 2);
  const third = await house.open();
  third.spooled(both, 'again');
  await sleep(AFTER_MS * 3);
  expect(house.sink.received.map(({ page }) => page.key)).toEqual([house.sink.received[0]?.page.key]);
  const claim = await third.claim(both);
  expect(claim.pages).toHaveLength(1);
}, 20_000);

test('ten thousand groups: the list takes them all, in pages of bounded size, and memory stays bounded', async () => {
  const server = await house.open({ afterMs: 10 });
  const before = process.memoryUsage().heapUsed;
  const begunAt = performance.now();
  for (let n = 0; n < 10_000; n += 1) server.spooled(firingNow(`inc-${n}`, [alert(`x${n}`)]));
  const tookMs = performance.now() - begunAt;
  await pages(3);
  const grown = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
  process.stdout.write(`10,000 groups: ${Math.round(tookMs)} ms to take in, ${Math.round(grown)} MiB\n`);
  await pages(4, 14_000);
  const list = house.sink.received[3]?.page;
  expect(list?.incidents).toHaveLength(1_000);
  expect(JSON.stringify(list).length).toBeLessThan(1024 * 1024);
  expect(grown).toBeLessThan(150);
}, 30_000);
