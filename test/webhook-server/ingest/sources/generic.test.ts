/** The generic source: its own shape, lists, and other shapes by mapped fields. */
import { genericParser } from '../../../../webhook-server/ingest/sources/generic.ts';

const NOW = Date.UTC(2026, 0, 5);
const plain = genericParser(new Map());

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
        title: 'Disk full',
        summary: 'Only 1 % is left',
        alerts: [
          {
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
  [{}, ['key', 'status']],
  [{ key: '', status: 'firing', title: 't' }, ['key']],
  [{ key: 'k', status: 'banana', title: 't' }, ['status']],
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
  const mapped = genericParser(
    new Map([
      ['key', 'incident.id'],
      ['title', 'incident.names.0'],
      ['status', 'state'],
      ['labels', 'tags'],
      ['severity', 'constructor.name'],
    ]),
  );
  const parsed = mapped(
    { incident: { id: 7, names: ['Down'] }, state: 'Triggered', tags: { service: 'payments' } },
    NOW,
  );
  expect(parsed).toMatchObject({
    messages: [{ groupKey: '7', title: 'Down', alerts: [{ labels: { service: 'payments' } }] }],
  });
  expect('messages' in parsed && parsed.messages[0]?.alerts[0]?.labels['severity']).toBeUndefined();
});
