/** The generic source: its own shape, lists, and other shapes by mapped fields. */
import type { SourceSetting } from '../../../../config/sections/sources.ts';
import { genericParser } from '../../../../webhook-server/ingest/sources/generic.ts';

const NOW = Date.UTC(2026, 0, 5);
const plain = genericParser({ fields: new Map(), statusValues: new Map() });

test('one alert, whole', () => {
  const parsed = plain(
    {
      key: 'disk-7',
      status: 'firing',
      title: 'Disk full',
      severity: 'critical',
      labels: { host: 'db1', severity: 'low' },
      annotations: { description: 'Only 1 % is left' },
      startsAt: '2026-01-04T23:00:00Z',
      links: { runbook: 'https://r.example', source: 'javascript:x' },
    },
    NOW,
  );
  expect(parsed).toMatchObject({
    messages: [
      {
        groupKey: 'disk-7',
        summary: 'Only 1 % is left',
        alerts: [
          {
            title: 'Disk full',
            status: 'firing',
            startsAt: Date.UTC(2026, 0, 4, 23),
            startGuessed: false,
            labels: { host: 'db1', severity: 'critical' },
            links: { runbook: 'https://r.example' },
          },
        ],
      },
    ],
  });
});

test('resolved needs the key only, and names the same alert', () => {
  const [firing, resolved] = [
    plain({ key: 'k', status: 'firing', title: 't' }, NOW),
    plain({ key: 'k', status: 'OK' }, NOW),
  ];
  if ('problems' in firing || 'problems' in resolved) throw new Error('both can be read');
  expect(resolved.messages[0]?.alerts[0]).toMatchObject({ status: 'resolved', endsAt: NOW });
  expect(resolved.messages[0]?.alerts[0]?.fingerprint).toBe(firing.messages[0]?.alerts[0]?.fingerprint);
});

test('a list is as many messages', () => {
  expect(
    plain(
      [1, 2].map((key) => ({ key, status: 'firing', title: 't' })),
      NOW,
    ),
  ).toMatchObject({
    messages: [{ groupKey: '1' }, { groupKey: '2' }],
  });
  expect(plain([], NOW)).toEqual({ messages: [] });
});

test.each([
  [{}, ['key']],
  [{ key: '', status: 'firing', title: 't' }, ['key']],
  [{ key: 'k', status: 'banana' }, ['title']],
  [{ key: 'k', status: 'firing' }, ['title']],
  [
    [
      { key: 'k', status: 'firing', title: 't' },
      { key: {}, status: 'firing', title: 't' },
    ],
    ['1.key'],
  ],
  ['text', ['']],
  [null, ['']],
])('%j is refused, naming the field', (body, at) => {
  const parsed = plain(body, NOW);
  expect('problems' in parsed && parsed.problems.map((problem) => problem.at)).toEqual(at);
});

test('fields map other shapes by dotted paths of own properties', () => {
  const mapped = genericParser({
    statusValues: new Map(),
    fields: new Map([
      ['key', 'incident.id'],
      ['title', 'incident.names.0'],
      ['status', 'state'],
      ['labels', 'tags'],
      ['severity', 'constructor.name'],
    ]),
  });
  const parsed = mapped(
    { incident: { id: 7, names: ['Down'] }, state: 'Triggered', tags: { service: 'payments' } },
    NOW,
  );
  expect(parsed).toMatchObject({
    messages: [{ groupKey: '7', alerts: [{ title: 'Down', labels: { service: 'payments' } }] }],
  });
  expect('messages' in parsed && parsed.messages[0]?.alerts[0]?.labels['severity']).toBeUndefined();
});

const statusOf = (status: unknown, statusValues: SourceSetting['statusValues'] = new Map()) => {
  const parsed = genericParser({ fields: new Map(), statusValues })({ key: 'k', title: 't', status }, NOW);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.messages[0]?.alerts[0]?.status ?? parsed.dropped;
};

test('every word for all is well resolves, in any spelling', () => {
  const words = 'ok OKAY Resolved Recovered recovery CLOSED up healthy Success normal GREEN inactive Cleared';
  const spelled = ['Back to normal', 'No-Data Recovered', '✅ Resolved', ' resolved. ', 'ALERT_RECOVERY'];
  for (const word of [...words.split(' '), ...spelled]) expect([word, statusOf(word)]).toEqual([word, 'resolved']);
});

test('words that say that all is not well fire, and nothing is said about them', () => {
  const words = ['Warn', 'No Data', 'Re-Triggered', 'Renotify', 'Re-No Data', 'ALARM', 'INSUFFICIENT_DATA', 'problem'];
  for (const status of words) {
    const parsed = plain({ key: 'k', title: 't', status }, NOW);
    expect(parsed).toMatchObject({ messages: [{ summary: null, alerts: [{ status: 'firing', annotations: {} }] }] });
  }
});

test.each([
  ['not ok', 'status "not ok" is not known'],
  ['banana', 'status "banana" is not known'],
  [0, 'status "0" is not known'],
  [true, 'status "true" is not known'],
  [undefined, 'without a readable status'],
  [null, 'without a readable status'],
  ['', 'without a readable status'],
  [{ state: 'ok' }, 'without a readable status'],
])('the unknown status %j fires and says so: better one page too many', (status, note) => {
  const annotations = { description: 'Disk is full' };
  const parsed = plain({ key: 'k', title: 't', status, annotations }, NOW);
  expect(parsed).toMatchObject({
    messages: [
      {
        summary: expect.stringMatching(new RegExp(`^Disk is full\n.*${note}`)),
        alerts: [{ status: 'firing', annotations: { status_note: expect.stringContaining(note) } }],
      },
    ],
  });
});

test('an alert without a status that has ended is resolved', () => {
  const parsed = plain({ key: 'k', endsAt: '2026-01-04T23:00:00Z' }, NOW);
  expect(parsed).toMatchObject({ messages: [{ alerts: [{ status: 'resolved' }] }] });
});

test('values map the sender’s own words, numbers and booleans, and go before the known words', () => {
  const values = new Map([
    ['0', 'firing'],
    ['1', 'resolved'],
    ['-1', 'ignored'],
    ['true', 'resolved'],
    ['false', 'firing'],
    ['nodata', 'resolved'],
    ['up', 'firing'],
  ] as const);
  const found = [0, '1', true, false, 'No Data', 'UP', 'resolved'].map((status) => statusOf(status, values));
  expect(found).toEqual(['firing', 'resolved', 'resolved', 'firing', 'resolved', 'firing', 'resolved']);
  expect(statusOf(-1, values)).toEqual([{ count: 1, reason: 'values.status of the source says "ignored"' }]);
});
