/** Every method of a page settles for itself: the whole way through workflow and activity, with real receivers. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Contact, Ports } from '../../activities/ports.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { Severity } from '../../domain/kernel/severity.ts';
import { pagerdutyContact } from '../../providers/pagerduty/pagerduty.ts';
import { webhookContact } from '../../providers/webhook/webhook.ts';
import { aPolicy } from '../support/builders.ts';
import { startFakePagerduty, type FakePagerduty } from '../support/fake-pagerduty.ts';
import { createLedger } from '../support/ledger.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { rosterOf } from '../support/paging-scenario.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
let sink: PageSink;
let pagerduty: FakePagerduty;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  [sink, pagerduty] = await Promise.all([startPageSink(['ana', 'bo', 'eve']), startFakePagerduty(['KEY'])]);
});
afterEach(async () => {
  expect([sink.unexpected, pagerduty.unexpected]).toEqual([[], []]);
  await Promise.all([sink.close(), pagerduty.close()]);
});

/** ana [webhook, mail, slack], bo [webhook], eve [webhook, pagerduty]; the mail and Slack accept everything. */
function ports(): Ports {
  const ledger = createLedger(rosterOf({}), {});
  const webhook = (person: string): Contact => webhookContact(`${sink.url}/${person}`, 'webhook');
  const accepts = (method: string): Contact => ({ method, quiet: true, send: () => Promise.resolve() });
  const alarm = pagerdutyContact({ apiUrl: pagerduty.url, routingKey: 'KEY' }, 'pagerduty');
  const people: Readonly<Record<string, readonly Contact[]>> = {
    ...{ ana: [webhook('ana'), accepts('mail'), accepts('slack')], bo: [webhook('bo')], eve: [webhook('eve'), alarm] },
  };
  return { ...ledger.ports, directory: { ...ledger.ports.directory, contacts: (person) => people[person] ?? [] } };
}

async function play(
  { severity = 'SEV1', leadership = [] }: { severity?: Severity; leadership?: readonly string[] },
  steps: (driver: ScenarioDriver) => Promise<void>,
): Promise<void> {
  const policy = aPolicy({ levels: [['onCall'], ['bo']], leadership });
  const declaration = { severity, policy, title: 'Checkout fails' };
  await runScenario(world, { declaration, firstAlerts: [{ severity }], ports: ports() }, steps);
}

/** The attempts of a key: pages of the first minute, before the notification rules go on. */
const FIRST = /\/page\/1\.[01]\.1\//;
const firstPages = ({ deliveries }: IncidentView): string[] =>
  deliveries
    .filter(({ key }) => FIRST.test(key))
    .map(({ to, method, state, reason }) => `${to} ${method} ${state}${reason === null ? '' : ` ${reason}`}`)
    .sort();

async function texts({ timeline }: ScenarioDriver): Promise<readonly string[]> {
  return (await timeline()).timeline.flatMap(({ text }) => (text === 'Nobody new to page' ? [] : [text]));
}

const triedBy = (person: string): string[] =>
  sink.tried.filter((tried) => tried.person === person && FIRST.test(tried.key)).map(({ key }) => key);

test('[PAGE-43] a SEV1, and the webhook answers 503 to the first page while mail and Slack accept: the same key again within seconds, and all of it on record', async () => {
  sink.answerNext('ana', 503);
  await play({}, async (driver) => {
    await driver.advanceMinutes(0.2);
    const [first, second, ...more] = triedBy('ana');
    expect([second, more]).toEqual([first, []]);
    const view = await driver.view();
    expect(firstPages(view)).toEqual(['ana mail accepted', 'ana slack accepted', 'ana webhook accepted']);
    const [at, mailAt] = ['webhook', 'mail'].map((method) =>
      Date.parse(view.deliveries.find((delivery) => delivery.method === method)?.at ?? ''),
    );
    expect((at ?? 0) - (mailAt ?? 0)).toBeGreaterThan(500);
    expect((at ?? 0) - (mailAt ?? 0)).toBeLessThan(5_000);
    expect((await texts(driver)).filter((text) => /page/i.test(text))).toEqual([
      'Paged ana by mail, ana by slack. Page failed, trying again: ana by webhook (webhook: HTTP 503).',
      'Paged ana by webhook.',
    ]);
  });
});

test('[PAGE-43] leadership is paged once: when PagerDuty answers 500 to it, the same alarm is raised again', async () => {
  pagerduty.setFault({ kind: 'status', status: 500 });
  await play({ leadership: ['eve'] }, async (driver) => {
    expect((await texts(driver)).join('\n')).toContain('trying again: eve by pagerduty (pagerduty: HTTP 500)');
    pagerduty.setFault(null);
    await driver.advanceMinutes(0.3);
    expect(pagerduty.rings).toBe(1);
    expect(firstPages(await driver.view())).toContain('eve pagerduty accepted');
    expect(triedBy('eve')).toHaveLength(1);
  });
});

test('[PAGE-43] a webhook that answers 404 twice is given up, with the reason', async () => {
  sink.answerNext('ana', 404, 404);
  await play({}, async (driver) => {
    await driver.advanceMinutes(0.5);
    expect(triedBy('ana')).toHaveLength(2);
    expect(firstPages(await driver.view())).toContain('ana webhook failed webhook: HTTP 404');
    const told = await texts(driver);
    expect(told).toContain('Page FAILED: ana by webhook (webhook: HTTP 404).');
  });
});

test('[PAGE-43] a webhook that fails for a minute and a half: one entry when it fails, none for each retry, and no level moves', async () => {
  sink.answerNext('ana', ...new Array<number>(60).fill(503));
  await play({}, async (driver) => {
    await driver.advanceMinutes(1.5);
    expect(new Set(triedBy('ana')).size).toBe(1);
    expect(triedBy('ana').length).toBeGreaterThan(8);
    const told = await texts(driver);
    expect(told.filter((text) => text.includes('ana by webhook'))).toHaveLength(1);
    expect(told.filter((text) => text.startsWith('Level'))).toEqual([]);
    expect(firstPages(await driver.view())).toContain('ana webhook retrying webhook: HTTP 503');
  });
});

test('[PAGE-43] somebody acknowledges while a page is being retried: it is not tried again, and the record says why', async () => {
  sink.answerNext('ana', ...new Array<number>(60).fill(503));
  await play({ leadership: ['eve'] }, async (driver) => {
    await driver.advanceMinutes(0.1);
    await driver.sendCommand({ type: 'acknowledge' });
    const before = sink.tried.length;
    await driver.advanceMinutes(5);
    expect(sink.tried).toHaveLength(before);
    expect(firstPages(await driver.view())).toContain('ana webhook failed webhook: HTTP 503; acknowledged meanwhile');
  });
});

test('[PAGE-43] a person paged by name acknowledges: their other methods stop too, although pages to others go on', async () => {
  sink.answerNext('eve', ...new Array<number>(60).fill(503));
  await play({ leadership: ['eve'] }, async (driver) => {
    await driver.sendCommand({ type: 'acknowledge' });
    const before = triedBy('eve').length;
    await driver.advanceMinutes(0.5);
    expect(triedBy('eve').length).toBeGreaterThan(before);
    await driver.sendCommand({ type: 'acknowledge', by: 'eve' });
    const after = triedBy('eve').length;
    await driver.advanceMinutes(5);
    expect(triedBy('eve')).toHaveLength(after);
    expect(firstPages(await driver.view())).toContain('eve webhook failed webhook: HTTP 503; no longer needed');
  });
});

test('[PAGE-43] a receiver that never answers delays neither the report about the other methods nor the next page', async () => {
  sink.answerNext('ana', 'nothing');
  const began = Date.now();
  await play({}, async (driver) => {
    const { deliveries, declaredAt } = await driver.view();
    const mail = deliveries.find(({ method }) => method === 'mail');
    expect(Date.parse(mail?.at ?? '') - Date.parse(declaredAt)).toBeLessThan(3_000);
    const entry = (await driver.timeline()).timeline.find(({ text }) => text.startsWith('Paged ana by mail'));
    expect(entry?.text).toBe('Paged ana by mail, ana by slack. No answer yet: ana by webhook.');
    expect(Date.parse(entry?.at ?? '') - Date.parse(declaredAt)).toBeLessThan(4_000);
    await driver.advanceMinutes(0.5);
    expect(triedBy('ana')).toHaveLength(2);
    expect(firstPages(await driver.view())).toContain('ana webhook accepted');
  });
  expect(Date.now() - began).toBeLessThan(40_000);
});
