/** PagerDuty's Events API v2 as a source: what becomes of each field, and which incident an event belongs to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { toRoutedAlerts } from '../../../../webhook-server/ingest/route-and-group.ts';
import type { RoutingKey } from '../../../../config/sections/sources.ts';
import {
  parsePagerdutyEvent,
  type PagerdutyEvent,
} from '../../../../webhook-server/ingest/sources/pagerduty-events.ts';
import { configFromYaml } from '../../support/test-http-server.ts';

const NOW = Date.UTC(2026, 10, 21, 18);
const config = configFromYaml();
const sample = (name: string): object =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../fixtures/webhooks/pagerduty-events', `${name}.json`), 'utf8'),
  ) as object;

function read(body: unknown, receivedAt = NOW, integration: string | null = null): PagerdutyEvent {
  const key = integration === null ? null : { name: integration, key: 'a key' };
  const event = parsePagerdutyEvent(body, { receivedAt, key });
  if ('problems' in event) throw new Error(JSON.stringify(event.problems));
  return event;
}
const routedAlerts = (body: unknown): readonly RoutedAlerts[] =>
  toRoutedAlerts([read(body).message], { config, source: 'pagerdutyEvents', receivedAt: NOW });
const ids = (body: unknown): string[] => routedAlerts(body).map(({ declaration }) => declaration.workflowId);

const trigger = (over: object = {}, payload: object = {}): object => ({
  ...{ routing_key: 'k', event_action: 'trigger', dedup_key: 'db1/disk' },
  payload: { summary: 'Disk full on db1', source: 'db1', severity: 'critical', ...payload },
  ...over,
});

test('every field has its place', () => {
  const details = { free: '1 %', host: { rack: 4 }, description: 'Only 1 % is left', none: null };
  const parts = { component: 'postgres', group: 'eu', class: 'disk', timestamp: '2026-11-21T17:59:00.000+0000' };
  const event = read(
    trigger(
      {
        ...{ client: 'Nagios', client_url: 'https://nagios.example/db1' },
        links: [
          { href: 'https://wiki.example/disk', text: 'The Runbook' },
          { href: 'javascript:alert(1)', text: 'Dashboard' },
          { href: 'https://graphs.example/1', text: 'Dashboard' },
        ],
        images: [{ src: 'https://graphs.example/1.png' }],
      },
      { ...parts, timestamp: '2026-11-21T17:59:00Z', custom_details: details },
    ),
    NOW,
    'legacy',
  );
  const [alert] = event.message.alerts;
  expect(event).toMatchObject({ action: 'trigger', dedupKey: 'db1/disk' });
  expect(alert?.title).toBe('Disk full on db1');
  expect(event.message).toMatchObject({
    summary: 'Only 1 % is left',
    groupKey: '["legacy","db1/disk"]',
  });
  expect(alert).toMatchObject({ status: 'firing', startsAt: NOW - 60_000, startGuessed: false, endsAt: null });
  expect({ ...alert?.labels }).toEqual({
    ...{
      severity: 'critical',
      source: 'db1',
      component: 'postgres',
      group: 'eu',
      class: 'disk',
      integration: 'legacy',
    },
  });
  expect(alert?.annotations).toMatchObject({ free: '1 %', host: '{"rack":4}', client: 'Nagios' });
  expect(alert?.annotations['images']).toBe('https://graphs.example/1.png');
  expect(alert?.links).toEqual({
    source: 'https://nagios.example/db1',
    runbook: 'https://wiki.example/disk',
    dashboard: 'https://graphs.example/1',
  });
});

test.each([
  ['critical', 'SEV2', false],
  ['error', 'SEV2', false],
  ['warning', 'SEV3', false],
  ['info', 'SEV4', false],
  ['Critical', 'SEV2', false],
  [undefined, 'SEV3', true],
  ['terrible', 'SEV3', true],
])('severity %p is %s', (severity, expected, guessed) => {
  expect(routedAlerts(trigger({}, { severity }))[0]?.declaration).toMatchObject({
    severity: expected,
    severityGuessed: guessed,
  });
});

test('what Alertmanager sends to PagerDuty, it can send here: trigger and resolution meet', () => {
  const [opened] = routedAlerts(sample('alertmanager-0.25-trigger'));
  expect(opened?.declaration).toMatchObject({ title: '[FIRING:1] DiskFull (payments critical)', severity: 'SEV2' });
  expect(opened?.alerts[0]?.links).toEqual({
    source: 'http://alertmanager.example:9093/#/alerts?receiver=pd',
    runbook: 'https://runbooks.example/disk',
  });
  const ended = routedAlerts(sample('alertmanager-0.25-resolve'));
  const there = ended.find(({ declaration }) => declaration.workflowId === opened?.declaration.workflowId);
  expect(there?.alerts).toMatchObject([{ status: 'resolved', fingerprint: opened?.alerts[0]?.fingerprint }]);
});

test('a resolution without a payload is told to every team that may have the alert, and nowhere twice', () => {
  const over = ids({ event_action: 'resolve', dedup_key: 'db1/disk' });
  expect(over.length).toBe(new Set(over).size);
  for (const labels of [{}, { component: 'x' }]) expect(over).toContain(ids(trigger({}, labels))[0]);
  // platform, platform in secret, data
  expect(over.length).toBe(3);
  const ends = routedAlerts({ event_action: 'resolve', dedup_key: 'db1/disk' }).map(({ alerts }) => alerts);
  expect(ends.every((alerts) => alerts.length === 1 && alerts[0]?.status === 'resolved')).toBe(true);
});

test('a trigger without a key gets one: the same when it is sent again at once, another for other news or later', () => {
  const without = (payload: object, at = NOW): string => read(trigger({ dedup_key: undefined }, payload), at).dedupKey;
  expect(without({})).toMatch(/^tocsin-[0-9a-f]{16}$/);
  expect(without({}, NOW + 5000)).toBe(without({}));
  expect(without({ source: 'db2' })).not.toBe(without({}));
  expect(without({}, NOW + 3_600_000)).not.toBe(without({}));
});

test('a secret in the body is nowhere in what is kept', () => {
  const event = read(trigger({ routing_key: 'very-secret-key', dedup_key: undefined }));
  expect(JSON.stringify(event)).not.toContain('very-secret-key');
});

test.each([
  [{}, 'event_action'],
  [{ event_action: 'explode', dedup_key: 'k' }, 'event_action'],
  [{ event_action: 'resolve' }, 'dedup_key'],
  [{ event_action: 'acknowledge', dedup_key: ' ' }, 'dedup_key'],
  [[], 'event_action'],
  [null, 'event_action'],
  ['text', 'event_action'],
])('%j is refused, naming the field', (body, at) => {
  expect(parsePagerdutyEvent(body, { receivedAt: NOW, key: null })).toMatchObject({ problems: [{ at }] });
});

test.each([
  ['no payload', { payload: undefined }],
  ['a payload that is a text', { payload: 'down' }],
  ['a summary that is a list', { payload: { summary: [] } }],
  ['links that are none', { links: 'x', images: { src: 1 } }],
  ['details that are a text', { payload: { custom_details: 'all of it' } }],
  ['a start far ahead', { payload: { timestamp: '2099-01-01T00:00:00Z' } }],
  ['a dedup key of 20 000 characters', { dedup_key: 'k'.repeat(20_000) }],
  ['a dedup key that is a number', { dedup_key: 7 }],
])('%s: a trigger still pages', (_, over) => {
  const [routed, ...rest] = routedAlerts(trigger(over));
  expect(rest).toEqual([]);
  expect(routed?.alerts).toMatchObject([{ status: 'firing', startsAt: NOW, startGuessed: true }]);
});

test('a dedup key means something within its routing key only', () => {
  const event = { event_action: 'trigger', dedup_key: 'X', payload: { summary: 'down', severity: 'critical' } };
  const idsOf = (key: RoutingKey) => {
    const read = parsePagerdutyEvent(event, { receivedAt: NOW, key });
    if ('problems' in read) throw new Error('it can be read');
    return [read.dedupKey, read.message.groupKey, read.message.alerts[0]?.fingerprint];
  };
  const [east, west, other] = [
    { name: 'east', key: 'k1' },
    { name: 'west', key: 'k2' },
    { name: null, key: 'k3' },
  ];
  const all = [east, west, other, { name: null, key: 'k4' }].map(idsOf);
  expect(new Set(all.map(([dedupKey]) => dedupKey)).size).toBe(1);
  expect(new Set(all.map(([, groupKey]) => groupKey)).size).toBe(4);
  expect(new Set(all.map(([, , fingerprint]) => fingerprint)).size).toBe(4);
  expect(idsOf(east)).toEqual(idsOf({ name: 'east', key: 'rotated' }));
});

test('PagerDuty’s documented timestamp, without a colon in its offset, is its instant', () => {
  const [routed] = routedAlerts(trigger({ payload: { summary: 's', timestamp: '2026-11-21T08:42:58.315+0000' } }));
  expect(routed?.alerts).toMatchObject([{ startsAt: Date.UTC(2026, 10, 21, 8, 42, 58, 315), startGuessed: false }]);
});
