import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { configJsonSchema } from '../../config/file-schema.ts';
import { loadConfig } from '../../config/load.ts';
import { policyFor } from '../../config/policy.ts';

const people =
  'people: { ana: { contact: [terminal] }, bo: { contact: [terminal] }, eve: { ROLE contact: [terminal] } }';
const base = `${people}\nteams: { t: { onCall: ana, escalation: [onCall, [bo, eve]] LEAD } }\nroutes: [{ team: t }]\n`;

function configured({ role = '', lead = '', more = '' } = {}): Config {
  const path = join(mkdtempSync(join(tmpdir(), 'tocsin-policy-')), 'tocsin.yaml');
  writeFileSync(path, base.replace('ROLE', role).replace('LEAD', lead) + more);
  return loadConfig({ path, env: {} });
}

test('levels stay names; leadership is the team’s, else the organization’s, else the last level', () => {
  const organization = 'organization: { name: x, leadership: bo }\n';
  expect(policyFor(configured(), 't')).toMatchObject({
    levels: [['onCall'], ['bo', 'eve']],
    leadership: ['bo', 'eve'],
  });
  expect(policyFor(configured({ more: organization }), 't')).toMatchObject({ leadership: ['bo'] });
  expect(policyFor(configured({ more: organization, lead: ', leadership: eve' }), 't')).toMatchObject({
    leadership: ['eve'],
  });
});

test('a failed rollback pages the head of engineering, else leadership', () => {
  expect(policyFor(configured({ role: 'role: head-of-engineering,' }), 't')?.rollbackFailed).toEqual(['eve']);
  expect(policyFor(configured({ lead: ', leadership: bo' }), 't')?.rollbackFailed).toEqual(['bo']);
});

test('the digest is the same for the same rules only', () => {
  const digest = (options = {}): string | undefined => policyFor(configured(options), 't')?.digest;
  expect(digest()).toMatch(/^[0-9a-f]{16}$/);
  expect(digest()).toBe(digest());
  expect(digest({ more: 'monitoring: { default: 31m }\n' })).not.toBe(digest());
});

test('a team that is gone has no policy', () => expect(policyFor(configured(), 'constructor')).toBeNull());

test('where the file says nothing, the runbook holds', () => {
  const minutes = (ms: number | null): number | null => (ms === null ? null : ms / 60_000);
  const { SEV1, SEV2, SEV3, SEV4 } = configured().severities;
  const all = [SEV1, SEV2, SEV3, SEV4];
  expect(all.map(({ pageAfterMs }) => minutes(pageAfterMs))).toEqual([0, 0, 60, null]);
  expect(all.map(({ acknowledgeWithinMs }) => minutes(acknowledgeWithinMs))).toEqual([5, 15, 60, null]);
  expect(all.map(({ updateEveryMs }) => minutes(updateEveryMs))).toEqual([15, 30, 60, null]);
  expect(all.map(({ statusPageWithinMs }) => minutes(statusPageWithinMs))).toEqual([15, 30, null, null]);
  expect(all.map(({ channel }) => channel)).toEqual(['at-once', 'at-once', 'on-acknowledgement', 'on-request']);
  expect(all.map(({ inactiveAfterMs }) => minutes(inactiveAfterMs))).toEqual([30, 60, null, null]);
  expect(all.map(({ inactivePageAfterMs }) => minutes(inactivePageAfterMs))).toEqual([10, 10, 10, 10]);
  expect(all.map(({ escalateEveryMs }) => minutes(escalateEveryMs))).toEqual([5, 15, 60, null]);
  expect(all.map(({ remindBeforeMs }) => minutes(remindBeforeMs))).toEqual([5, 10, 15, 15]);
  expect(all.map(({ postmortemWithinMs }) => minutes(postmortemWithinMs))).toEqual([2880, 2880, null, null]);
  expect(all.map(({ leadershipAtOnce }) => leadershipAtOnce)).toEqual([true, false, false, false]);
  expect(all.map(({ passes }) => passes)).toEqual([null, null, 2, 0]);
  const everyRole = ['ic', 'technicalLead', 'communicationsLead', 'scribe'];
  expect(all.map(({ roles }) => roles)).toEqual([everyRole, everyRole, ['ic'], []]);
  expect(all.map(({ notificationRules }) => Object.values(notificationRules))).toEqual([
    [true, 120_000, 120_000],
    [false, 120_000, 480_000],
    [false, 600_000, null],
    [false, 600_000, null],
  ]);
});

test('each severity can say when it gets a channel', () => {
  const more = 'severities: { SEV1: { channel: on-request }, SEV4: { channel: at-once } }\n';
  const { SEV1, SEV2, SEV4 } = configured({ more }).severities;
  expect([SEV1, SEV2, SEV4].map(({ channel }) => channel)).toEqual(['on-request', 'at-once', 'at-once']);
});

describe('a service that PagerDuty escalates for', () => {
  const more =
    'services: { payments: { pagerduty: checkout }, search: { owner: x } }\n' +
    'pagerduty: { services: { checkout: { routingKey: k }, other: { routingKey: k } } }\n';

  test('its policy begins with that service, and the team’s own chain comes after it', () => {
    expect(policyFor(configured({ more }), 't', 'payments')).toMatchObject({
      owner: 'checkout',
      levels: [['pagerduty:checkout'], ['onCall'], ['bo', 'eve']],
      leadership: ['bo', 'eve'],
    });
  });

  test.each([null, 'search', 'constructor', 'nobody-configured'])('%s has no such owner', (service) => {
    expect(policyFor(configured({ more }), 't', service)).toMatchObject({
      owner: null,
      levels: [['onCall'], ['bo', 'eve']],
    });
  });

  test('the digest tells owners apart', () => {
    const digests = ['payments', 'search', null].map(
      (service) => policyFor(configured({ more }), 't', service)?.digest,
    );
    expect(digests[0]).not.toBe(digests[1]);
    expect(digests[1]).toBe(digests[2]);
    const other = configured({ more: more.replace('pagerduty: checkout', 'pagerduty: other') });
    expect(policyFor(other, 't', 'payments')?.digest).not.toBe(digests[0]);
  });
});

test('a paging SEV4 runs its chain at least once', () => {
  const more = 'severities: { SEV4: { pageAfter: 1d, acknowledgeWithin: 1d, escalateEvery: 1d } }\n';
  expect(configured({ more }).severities.SEV4.passes).toBe(1);
});

test('editors get a schema that knows every top-level key and refuses others', () => {
  const { properties, additionalProperties } = configJsonSchema() as {
    properties: object;
    additionalProperties: boolean;
  };
  expect(Object.keys(properties)).toEqual(
    expect.arrayContaining(['people', 'teams', 'routes', 'schedules', 'lastResort', 'stakeholders', 'pagerduty']),
  );
  expect(additionalProperties).toBe(false);
});
