/** Stakeholder updates to stakeholders: told without being paged; the outside only by a person. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PolicyStakeholder } from '../../domain/kernel/policy.ts';
import { Vendors } from '../../providers/vendors.ts';
import { aPolicy } from '../support/builders.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { startMailbox } from '../support/mailbox.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const one = (name: string, over: Partial<PolicyStakeholder> = {}): PolicyStakeholder => ({
  ...{ name, audience: 'internal', severities: ['SEV1', 'SEV2'], restricted: false },
  ...over,
});
const policy = aPolicy({ stakeholders: [one('support'), one('customers', { audience: 'external' })] });
const stakeholders = ['support', 'customers'];
const stakeholderUpdates = (told: readonly string[]): readonly string[] =>
  told.filter((text) => text.includes(' stakeholder update '));

test('[COMM-18] SEV1: our people hear of the beginning, each update and the end; the outside hears a person, and gets drafts', async () => {
  const declaration = { severity: 'SEV1', policy } as const;
  const firstAlerts = [{ severity: 'SEV1' }] as const;
  const drafts: string[] = [];
  const told = await runScenario(world, { declaration, firstAlerts, failures: { stakeholders } }, async (driver) => {
    const { sendCommand, advanceMinutes, sendAlerts, ledger } = driver;
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(2);
    await sendCommand({ type: 'postUpdate', audience: 'internal', text: 'found the release' });
    await advanceMinutes(2);
    await sendCommand({ type: 'postUpdate', audience: 'public', text: 'Payments fail for some of you.' });
    await advanceMinutes(2);
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'rolled back' });
    await advanceMinutes(31);
    drafts.push(...ledger.pages.filter(({ text }) => text.includes('Subject: ')).map(({ text }) => text));
    expect(
      ledger.stakeholderUpdates.filter(({ audience }) => audience === 'external').map(({ incident }) => incident),
    ).toEqual([{ component: 'Checkout', state: 'Investigating' }]);
    expect(JSON.stringify(ledger.stakeholderUpdates)).not.toContain('/ack/');
    const record = ledger.records.get((await driver.view()).id);
    const recorded = [...(record?.messages.values() ?? [])].filter(({ kind }) => kind === 'stakeholder-update');
    // The record keeps no signature.
    const sent = ledger.stakeholderUpdates.map(({ subject, text }) => `Subject: ${subject}\n\n${text}`).sort();
    expect(recorded.map(({ text }) => text).sort()).toEqual(sent.map((text) => text.replace('?link=signed', '')));
  });
  expect(stakeholderUpdates(told)).toEqual([
    '00:00 stakeholder update internal support: [SEV1] Production Incident - Checkout',
    '00:02 stakeholder update internal support: [SEV1] Production Incident - Checkout - update',
    '00:04 stakeholder update external customers: Service Disruption Notice',
    '00:04 stakeholder update internal support: [SEV1] Production Incident - Checkout - update',
    '00:36 stakeholder update internal support: [SEV1] Production Incident - Checkout - all clear',
  ]);
  expect(told.filter((text) => /page (support|customers)/.test(text))).toEqual([]);
  expect(drafts.map((text) => /Subject: .*/.exec(text)?.[0])).toEqual([
    'Subject: Service Disruption Notice',
    'Subject: Service Disruption Update',
    'Subject: Service Disruption Resolved',
  ]);
  expect(drafts[0]).toContain('We are currently experiencing issues with Checkout.');
});

test('[COMM-18] [COMM-14] a restricted incident is told only to those who may hear of it, and never outside', async () => {
  const counsel = aPolicy({
    stakeholders: [one('support'), one('counsel', { restricted: true }), one('customers', { audience: 'external' })],
  });
  const declaration = { severity: 'SEV1', policy: counsel, restricted: true } as const;
  const failures = { stakeholders: [...stakeholders, 'counsel'] };
  const told = await runScenario(
    world,
    { declaration, firstAlerts: [{ severity: 'SEV1' }], failures },
    async ({ sendCommand, advanceMinutes }) => {
      await sendCommand({ type: 'acknowledge' });
      await sendCommand({ type: 'postUpdate', audience: 'internal', text: 'keys rotated' });
      await advanceMinutes(1);
    },
  );
  expect(stakeholderUpdates(told)).toEqual([
    '00:00 stakeholder update internal counsel: [SEV1] Production Incident - Checkout',
    '00:00 stakeholder update internal counsel: [SEV1] Production Incident - Checkout - update',
  ]);
});

test('[COMM-17] [PAGE-30] one address does not answer: pages and everybody else’s stakeholder updates go out, its own come later, once and in order', async () => {
  let down = ['support'];
  const two = aPolicy({ stakeholders: [one('support'), one('board')] });
  const failures = { stakeholders: ['support', 'board'], stakeholderUpdatesDown: () => down };
  const told = await runScenario(
    world,
    { declaration: { policy: two }, failures },
    async ({ sendCommand, advanceMinutes, timeline }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(10);
      await sendCommand({ type: 'postUpdate', audience: 'internal', text: 'found it' });
      await advanceMinutes(10);
      down = [];
      await advanceMinutes(5);
      const failures = (await timeline()).timeline.filter(({ kind }) => kind === 'notification-failed');
      expect(failures.map(({ text }) => text)).toEqual([
        'Could not deliver the stakeholder updates yet: mail: ECONNREFUSED',
      ]);
    },
  );
  const to = (name: string) => stakeholderUpdates(told).filter((text) => text.includes(` ${name}: `));
  expect(to('board').map((text) => text.replace(/^00:1\d/, '00:1x'))).toEqual([
    '00:00 stakeholder update internal board: [SEV2] Production Incident - Checkout',
    '00:1x stakeholder update internal board: [SEV2] Production Incident - Checkout - update',
  ]);
  expect(to('support').map((text) => text.replace(/^00:2\d/, '00:2x'))).toEqual([
    '00:2x stakeholder update internal support: [SEV2] Production Incident - Checkout',
    '00:2x stakeholder update internal support: [SEV2] Production Incident - Checkout - update',
  ]);
  expect(told).toContain('00:00 page ana by webhook: on-call 1.1.1');
});

test('[COMM-18] by real mail: one thread for each incident and stakeholder, with impact, channel, people and no link to acknowledge', async () => {
  const box = await startMailbox();
  const vendors = new Vendors({ mail: { smtp: box.url, from: 'Incidents <incidents@example.com>' } });
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const addresses = new Map([
    ['support', 'support@example.com'],
    ['customers', 'customers@example.net'],
  ]);
  const contacts = (name: string) =>
    vendors.stakeholderContacts([{ kind: 'email', target: addresses.get(name) ?? '' }]);
  const ports = { ...ledger.ports, stakeholders: { contacts } };
  try {
    const declaration = { severity: 'SEV1', summary: 'Nobody can pay', policy } as const;
    await runScenario(world, { declaration, firstAlerts: [{ severity: 'SEV1' }], ports }, async (driver) => {
      const { sendCommand } = driver;
      await until(async () => box.mails.length === 1, 20_000);
      await sendCommand({ type: 'acknowledge' });
      await sendCommand({ type: 'postUpdate', audience: 'public', text: 'Payments fail for some of you.' });
      await until(async () => box.mails.length === 3, 20_000);
      await driver.settle();
    });
    const [declared, ...rest] = box.mails;
    expect(declared).toMatchObject({
      to: ['support@example.com'],
      subject: '[SEV1] Production Incident - Checkout',
    });
    expect(declared?.text).toMatch(/^Team,\n\nWe are experiencing a SEV1 incident affecting Checkout\.\n/);
    expect(declared?.text).toMatch(/\nImpact: not assessed yet\nSummary: Nobody can pay\nStart time: \d\d:\d\d UTC\n/);
    expect(declared?.text).toContain('\nStatus page: http://tocsin.test/status\n');
    expect(declared?.text).toContain('\nIC: nobody yet\n');
    expect(declared?.text).toContain('\nUpdates every 15 minutes in the incident channel.\n');
    const inside = rest.find(({ to }) => to[0] === 'support@example.com');
    const outside = rest.find(({ to }) => to[0] === 'customers@example.net');
    expect(inside?.headers.get('references')).toBe(declared?.headers.get('references'));
    expect(outside?.headers.get('references')).not.toBe(declared?.headers.get('references'));
    expect(outside).toMatchObject({ subject: 'Service Disruption Notice' });
    expect(outside?.text).toMatch(/^Payments fail for some of you\.\n\nAffected services: Checkout\n/);
    expect([...(outside?.headers.values() ?? [])].join('\n')).not.toMatch(/inc-story|platform/);
    expect(box.mails.map(({ text }) => text).join('\n')).not.toMatch(/ack/i);
    expect(box.unexpected).toEqual([]);
  } finally {
    vendors.close();
    await box.close();
  }
});
