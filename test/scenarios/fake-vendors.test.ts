/** Stories in which every vendor is a real server: each in trouble, and all of them well. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { policyFor } from '../../config/policy.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { isPostgresInstalled } from '../support/postgres.ts';
import type { ScenarioSettings, ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import type { FakeVendors } from '../support/fake-vendors.ts';
import { startFakeVendors } from '../support/fake-vendors.ts';

let world: World;
let voices: FakeVendors;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  voices = await startFakeVendors();
});
afterEach(async () => {
  const unexpected = voices.unexpected();
  await voices.close();
  expect(unexpected).toEqual([]);
});

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const withPostgres = isPostgresInstalled() ? describe : describe.skip;

/** Acknowledged at once, mitigated, and over after its watch. `between` comes before the watch ends. */
async function lived(driver: ScenarioDriver, between: () => Promise<void>): Promise<void> {
  const { sendCommand, sendAlerts, advanceMinutes } = driver;
  await sendCommand({ type: 'acknowledge' });
  await sendCommand({ type: 'postUpdate', audience: 'public', text: 'Payments fail for some of you.' });
  await between();
  await sendAlerts(CLEAR);
  await sendCommand({ type: 'resolve', resolution: 'restarted' });
  await advanceMinutes(31);
}

/** A SEV1 by the rules and names of the vendors' configuration. */
function aSev1(): ScenarioSettings {
  const policy = policyFor(voices.config, 'platform', 'payments');
  if (policy === null) throw new Error('no such team');
  return { ports: voices.ports, declaration: { severity: 'SEV1', policy }, firstAlerts: [{ severity: 'SEV1' }] };
}

/** Real vendors take real time, which skipped time does not wait for. */
async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What each voice has said of the one incident, in its order. */
function said() {
  const channel = voices.slack.channels().find(({ name }) => name.startsWith('incident-'))?.name ?? 'platform';
  const first = (text: string): string => text.split('\n')[0] ?? '';
  return {
    chat: voices.slack.messagesIn(channel).map(({ text }) => first(text)),
    page: [...(voices.statuspage.incidents[0]?.incident_updates ?? [])].reverse().map(({ status }) => status),
    incidents: voices.statuspage.incidents.length,
    mails: voices.mail.mails.map(({ subject }) => subject),
    ticket: [...voices.tickets().values()].map((text) => text.match(/event:.*(\n {8}\S.*)?/g)?.length ?? 0),
  };
}

/** The page left when it was due, whatever else was going on: by the clock of the story. */
function expectPagedAtOnce(view: IncidentView): void {
  const page = view.deliveries.find(
    ({ to, method, state }) => to === 'ana' && method === 'webhook' && state === 'accepted',
  );
  expect(Date.parse(page?.at ?? '') - Date.parse(view.declaredAt)).toBeLessThan(2_000);
  expect(voices.sink.received.filter(({ page }) => page.kind === 'page')).toHaveLength(1);
}

const CHAT = [
  /^INCIDENT DECLARED: Checkout fails/,
  /^\*INC-.*resolved/, // the pinned summary, as it stands in the end
  /has it and is incident commander/,
  /^UPDATE \[/,
  /^All alerts have cleared/,
  /^ALL CLEAR/,
];

function expectAllTold(): void {
  const { chat, page, incidents, ticket } = said();
  expect(chat).toHaveLength(CHAT.length);
  CHAT.forEach((pattern, i) => expect(chat[i]).toMatch(pattern));
  expect(incidents).toBe(1);
  expect(page).toEqual(['investigating', 'investigating', 'monitoring', 'resolved']);
  expect(ticket).toHaveLength(1);
}

interface Outage {
  /** Of the story; 10 unless said. A hanging vendor takes real time, so its time is short. */
  readonly minutes?: number;
  readonly begin: () => void | Promise<void>;
  readonly end: () => void | Promise<void>;
}

const OUTAGES: Readonly<Record<string, () => Outage>> = {
  'the chat is down': () => ({
    begin: () => voices.slack.setFault('*', { kind: 'status', status: 503 }),
    end: () => voices.slack.setFault('*', null),
  }),
  'the chat hangs': () => ({
    minutes: 0.1,
    begin: () => voices.slack.setFault('*', { kind: 'hang' }),
    end: () => voices.slack.setFault('*', null),
  }),
  'the chat does what it is told, and does not say so': () => ({
    begin: () => voices.slack.setFault('*', { kind: 'accept-then-reset' }, 3),
    end: () => undefined,
  }),
  'the public page is down': () => ({
    begin: () => voices.statuspageProxy.inject({ kind: 'status', status: 503 }),
    end: () => voices.statuspageProxy.inject(null),
  }),
  'the public page hangs': () => ({
    minutes: 0.1,
    begin: () => voices.statuspageProxy.inject({ kind: 'hang' }),
    end: () => voices.statuspageProxy.inject(null),
  }),
  'the public page does what it is told, and does not say so': () => ({
    begin: () => voices.statuspageProxy.inject({ kind: 'accept-then-reset' }),
    end: () => voices.statuspageProxy.inject(null),
  }),
  'the mail server is down': () => ({
    begin: () => voices.mail.setFault('down'),
    end: () => voices.mail.setFault(null),
  }),
  'the mail server hangs': () => ({
    minutes: 0.1,
    begin: () => voices.mail.setFault('hang-at-greeting'),
    end: () => voices.mail.setFault(null),
  }),
  // Every attempt in the outage takes real time, and a page by mail has many.
  'the mail server takes a mail and does not say so': () => ({
    minutes: 3,
    begin: () => voices.mail.setFault('drop-after-data'),
    end: () => voices.mail.setFault(null),
  }),
  'the database is down': () => ({ begin: () => voices.postgres.kill(), end: () => voices.postgres.restart() }),
  'the database hangs': () => ({
    minutes: 0.1,
    begin: () => voices.postgres.pause(),
    end: () => voices.postgres.resume(),
  }),
  'the database commits, and does not say so': () => ({
    begin: () => voices.databaseRelay.cutAfterCommit(3),
    end: () => voices.databaseRelay.cutAfterCommit(0),
  }),
};

withPostgres(
  '[PAGE-30] [COMM-17] the page leaves at 00:00 all the same, and what was missed is told later, once and in order',
  () => {
    test.each(Object.entries(OUTAGES))(
      '%s',
      async (_name, outage) => {
        const { begin, end, minutes = 10 } = outage();
        await begin();
        let incidentId = '';
        await runScenario(world, aSev1(), async (driver) => {
          await voices.sink.waitFor('page', ({ page }) => page.kind === 'page', 5_000);
          ({ id: incidentId } = await driver.view());
          await lived(driver, async () => {
            await driver.advanceMinutes(minutes);
            await end();
            await driver.advanceMinutes(2);
          });
          await until('the record', async () => (await voices.records.incident(incidentId))?.phase === 'resolved');
          await until('the all-clear', async () => said().chat.some((text) => text.startsWith('ALL CLEAR')));
          await until('the last entry', async () => said().page.includes('resolved'));
          await until('the mail to leadership', async () =>
            voices.mail.mails.some(({ subject }) => subject.startsWith('[SEV1]')),
          );
          expectPagedAtOnce(await driver.postIncident());
          const record = await voices.records.timeline(incidentId);
          expect(record?.timeline.map(({ seq }) => seq)).toEqual(record?.timeline.map((_, i) => i + 1));
          expect(record?.cut).toBe(0);
        });
        expectAllTold();
      },
      180_000,
    );
  },
);

withPostgres('everything is well', () => {
  test('[COMM-17] a SEV1 is told the same everywhere: chat, releases, mail, public page, ticket, outside alarm, records', async () => {
    let incidentId = '';
    await runScenario(world, aSev1(), async (driver) => {
      await voices.sink.waitFor('page', ({ page }) => page.kind === 'page', 5_000);
      ({ id: incidentId } = await driver.view());
      await lived(driver, () => driver.advanceMinutes(5));
      await until('the record', async () => (await voices.records.incident(incidentId))?.phase === 'resolved');
    });
    expectAllTold();
    const incident = await voices.records.incident(incidentId);
    expect(incident?.reference).toMatch(/^INC-\d{4}-001$/);
    expect(incident?.channel).toMatch(/^#incident-\d{4}-\d\d-\d\d-payments$/);
    const channel = voices.slack.channel(incident?.channel?.slice(1) ?? '');
    expect(channel.topic).toContain('SEV1');
    const [announced] = voices.slack.messagesIn('releases');
    expect(announced?.text).toMatch(/^🚨 INCIDENT DECLARED: Checkout fails 🚨/);
    const followed = voices.slack.threadOf('releases', announced?.ts ?? '').map(({ text }) => text.split('\n')[0]);
    expect(followed).toEqual([
      expect.stringMatching(/^UPDATE \[/),
      expect.stringMatching(/^All alerts have cleared/),
      expect.stringMatching(/^ALL CLEAR/),
    ]);
    expect(voices.mail.mails.length).toBeGreaterThan(0);
    expect(voices.pagerduty.alarms).toMatchObject([{ state: 'resolved' }]);
    expect(voices.statuspage.components.get('c1')).toBe('operational');
    const [[name, ticket] = ['', '']] = voices.tickets();
    expect(name).toBe(`${incident?.reference ?? ''}.yaml`);
    expect(ticket).toMatch(/status: closed/);
    const [shown] = await voices.records.publicPage({ since: 0 });
    expect(shown).toMatchObject({ state: 'Resolved', component: 'Checkout' });
  });
});
