/** Names of channels, times, and what is remembered. */
import { channelNames } from '../../../providers/slack/channel-names.ts';
import { recentCache } from '../../../providers/shared/recent-cache.ts';
import { formatClockTime, formatDate } from '../../../schedules/format-time.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';

const first = (over: Parameters<typeof anIncidentContext>[0], zone = 'Europe/Berlin') =>
  channelNames(anIncidentContext(over), zone)[0];

test.each([
  ['payments', 'x', 'incident-2024-01-15-payments'],
  [null, 'Payment processing down!', 'incident-2024-01-15-payment-processing-down'],
  [null, 'Äpfel & Öl', 'incident-2024-01-15-apfel-ol'],
  ['数据库', '数据库', 'incident-2024-01-15-platform'],
  ['__proto__', 'x', 'incident-2024-01-15-proto'],
])('service %s, title %s: %s', (service, title, name) => {
  expect(first({ incident: { service, title } })).toBe(name);
});

test('the date is the declaration day where the organization is', () => {
  const head = { declaredAt: '2024-01-15T23:30:00Z' };
  expect(first({ head })).toBe('incident-2024-01-16-payments');
  expect(first({ head }, 'America/New_York')).toBe('incident-2024-01-15-payments');
});

test('every name is one that Slack takes, whatever the title, and the last one is nobody else’s', () => {
  for (const title of ['-'.repeat(200), 'Ω'.repeat(90), 'a b'.repeat(90), '']) {
    const names = channelNames(
      anIncidentContext({ incident: { service: null, title, team: '' }, head: { team: '!' } }),
      'UTC',
    );
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$/);
    expect(new Set(names).size).toBe(4);
    expect(names.at(-1)?.endsWith(INCIDENT_ID.toLowerCase())).toBe(true);
  }
});

test.each([
  ['2024-01-15T19:30:00Z', 'America/New_York', '14:30 EST'],
  ['2024-07-15T12:30:00Z', 'Europe/Berlin', '14:30 CEST'],
  ['2024-01-15T23:05:00Z', 'UTC', '23:05 UTC'],
  ['2024-01-15T23:00:00Z', 'Europe/London', '23:00 GMT'],
  ['2024-01-15T00:00:00Z', 'Asia/Kolkata', '05:30 GMT+5:30'],
])('%s in %s is %s', (at, zone, shown) => {
  expect(formatClockTime(Date.parse(at), zone)).toBe(shown);
  expect(formatDate(Date.parse(at), zone)).toMatch(/^2024-0[17]-1[56]$/);
});

test('the last thousand are remembered, the newest the longest', () => {
  const memory = recentCache<number>();
  for (let n = 0; n < 1_000; n += 1) memory.add(`k${n}`, n);
  memory.add('k0', 0);
  memory.add('new', 1);
  expect([memory.get('k0'), memory.get('k1'), memory.get('k2'), memory.get('new')]).toEqual([0, undefined, 2, 1]);
});
