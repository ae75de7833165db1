/** From messages to routed alerts: routing, correlation, and what an incident begins with. */
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { toRoutedAlerts } from '../../../webhook-server/ingest/route-and-group.ts';
import { parseAlertmanager } from '../../../webhook-server/ingest/sources/alertmanager.ts';
import { genericParser } from '../../../webhook-server/ingest/sources/generic.ts';
import type { SourceMessage } from '../../../webhook-server/ingest/sources/message.ts';
import { base, configFromYaml } from '../support/test-http-server.ts';

const NOW = Date.UTC(2026, 0, 6);
const config = configFromYaml();

function routedAlerts(body: unknown, source: 'alertmanager' | 'grafana' = 'alertmanager'): readonly RoutedAlerts[] {
  const parsed = parseAlertmanager(body, NOW);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return toRoutedAlerts(parsed.messages, { config, source, receivedAt: NOW });
}

const alert = (labels: object, over: object = {}): object => ({
  status: 'firing',
  labels,
  startsAt: '2026-01-05T08:00:00Z',
  ...over,
});
const idOf = (body: unknown, source?: 'grafana'): string | undefined =>
  routedAlerts(body, source)[0]?.declaration.workflowId;

test('an incident begins with the worst alert that fires', () => {
  const [only, ...rest] = routedAlerts(
    base({
      groupKey: 'g',
      alerts: [
        alert({ alertname: 'Mild', severity: 'warning', service: 'payments' }),
        alert({ alertname: 'Over', severity: 'sev1' }, { status: 'resolved' }),
        alert(
          { alertname: 'Bad', severity: 'critical', service: 'payments' },
          { annotations: { description: 'It is bad' } },
        ),
      ],
      truncatedAlerts: 950,
    }),
  );
  expect(rest).toEqual([]);
  expect(only).toMatchObject({
    source: 'alertmanager',
    receivedAt: NOW,
    staleAfterMs: 12 * 3_600_000,
    truncated: 950,
    declaration: {
      title: '2 alerts: Bad, Mild (payments)',
      summary: 'It is bad',
      severity: 'SEV2',
      severityGuessed: false,
      team: 'platform',
      service: 'payments',
      component: 'Checkout',
    },
    alerts: [
      { severity: 'SEV3', title: 'Mild payments' },
      { severity: 'SEV1', status: 'resolved' },
      { severity: 'SEV2' },
    ],
  });
  expect(only?.alerts[0]?.links).toEqual({ runbook: 'https://runbooks.example/payments' });
  expect(only?.declaration.workflowId).toMatch(/^inc-platform-[0-9a-f]{20}$/);
  expect(only?.declaration.incidentId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});

test('each alert is routed on its own', () => {
  const found = routedAlerts(
    base({ alerts: [alert({ team: 'data' }), alert({ service: 'secrets' }), alert({ alertname: 'x' })] }),
  );
  expect(found.map(({ declaration: { team, restricted } }) => [team, restricted])).toEqual([
    ['data', false],
    ['platform', true],
    ['platform', false],
  ]);
  expect(new Set(found.map(({ declaration }) => declaration.workflowId)).size).toBe(3);
});

test('a watchdog opens nothing', () => {
  const watchdogs = [
    alert({ alertname: 'Watchdog', severity: 'none' }),
    alert({ alertname: 'InfoInhibitor', severity: 'none' }),
  ];
  expect(routedAlerts(base({ alerts: watchdogs }))).toEqual([]);
});

test('[ALERT-1] the same group is the same incident, whatever else changes', () => {
  const one = base();
  expect(idOf(base({ externalURL: 'http://other', commonAnnotations: { summary: 'new words' } }))).toBe(idOf(one));
  expect(idOf(base({ groupKey: 'other' }))).not.toBe(idOf(one));
  expect(idOf(one, 'grafana')).not.toBe(idOf(one));
});

test('[ALERT-2] a route that correlates by labels brings sources together', () => {
  const at = (site: string, groupKey: string): unknown => base({ groupKey, alerts: [alert({ site })] });
  expect(idOf(at('ber', 'a'), 'grafana')).toBe(idOf(at('ber', 'b')));
  expect(idOf(at('ber', 'a'))).not.toBe(idOf(at('muc', 'a')));
});

test('[ALERT-1] without a group key the group labels decide, in whatever order; without those the alert does', () => {
  const without = (groupLabels: object, labels: object): unknown =>
    base({ groupKey: 7, groupLabels, alerts: [alert(labels)] });
  expect(idOf(without({ a: '1', b: '2' }, { x: '1' }))).toBe(idOf(without({ b: '2', a: '1' }, { x: '2' })));
  expect(idOf(without({}, { x: '1' }))).not.toBe(idOf(without({}, { x: '2' })));
});

test('an end that names the key alone reaches the team that has the alert, whichever it is', () => {
  const told = (body: object): string[] => {
    const parsed = genericParser({ fields: new Map(), statusValues: new Map() })({ key: 'k', ...body }, NOW);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    return toRoutedAlerts(parsed.messages, { config, source: 'generic', receivedAt: NOW }).map(
      ({ declaration }) => declaration.workflowId,
    );
  };
  const ended = told({ status: 'resolved' });
  for (const labels of [{}, { team: 'data' }, { service: 'secrets' }]) {
    const [place] = told({ status: 'firing', title: 'Down', labels });
    expect(ended).toContain(place);
    expect(told({ status: 'resolved', labels })).toContain(place);
  }
  expect([ended.length, new Set(ended).size]).toEqual([3, 3]);
  expect(told({ status: 'resolved', labels: { team: 'data' } }).length).toBe(1);
});

test('prototype names and separator tricks are ordinary group labels', () => {
  const ids = ['__proto__', 'constructor', 'toString', 'a|b', 'a'].map((name) =>
    idOf(
      base({
        groupKey: undefined,
        groupLabels: { g: name },
        alerts: [alert({ alertname: name, service: 'constructor' })],
      }),
    ),
  );
  expect(new Set(ids).size).toBe(5);
});

test('one message reports an alert several times: its title counts it once', () => {
  const again = alert({ alertname: 'Down', service: 'payments' });
  const [found] = routedAlerts(base({ alerts: [again, { ...again, status: 'resolved' }, again] }));
  expect(found?.alerts.map(({ status }) => status)).toEqual(['firing', 'resolved', 'firing']);
  expect(found?.declaration.title).not.toContain('2 alerts');
});

test('two alerts under one fingerprint are told apart by their labels', () => {
  const found = routedAlerts(base({ alerts: [1, 2].map((n) => alert({ n: String(n) }, { fingerprint: 'same' })) }));
  const fingerprints = found.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint));
  expect(new Set(fingerprints).size).toBe(2);
});

test.each([
  ['FIRING', 'firing'],
  ['suppressed', 'firing'],
  ['Resolved', 'resolved'],
])('status %s of an alert is %s', (status, expected) => {
  expect(routedAlerts(base({}, { status }))[0]?.alerts[0]?.status).toBe(expected);
});

test('[ALERT-4] an alert without a status has the group’s, then its end’s, then fires', () => {
  const statusOf = (over: object, end?: string): unknown =>
    routedAlerts(base(over, { status: undefined, endsAt: end }))[0]?.alerts[0]?.status;
  expect(statusOf({ status: 'resolved' })).toBe('resolved');
  expect(statusOf({ status: undefined }, '2026-01-05T10:00:00Z')).toBe('resolved');
  expect(statusOf({ status: undefined }, '0001-01-01T00:00:00Z')).toBe('firing');
});

test('a start that cannot be read is the time of receipt, and says so', () => {
  expect(routedAlerts(base({}, { startsAt: '2026-02-30T00:00:00Z' }))[0]?.alerts[0]).toMatchObject({
    startsAt: NOW,
    startGuessed: true,
    endsAt: null,
  });
});

describe('what a message says about its group', () => {
  const listing = (names: readonly string[], over: object = {}): object => ({
    groupKey: '{}:{cluster="c1"}',
    groupLabels: { cluster: 'c1' },
    alerts: names.map((name) => alert({ alertname: name }, { fingerprint: name })),
    ...over,
  });

  test('a whole message lists all of its alerts to every incident, also those that it ignores', () => {
    const alerts = [
      alert({ alertname: 'A' }, { fingerprint: 'a' }),
      alert({ alertname: 'B', team: 'data' }, { fingerprint: 'b' }),
      alert({ alertname: 'C', severity: 'none' }, { fingerprint: 'c' }),
      alert({ alertname: 'D' }, { fingerprint: 'd', status: 'resolved' }),
    ];
    const found = routedAlerts(listing([], { alerts }));
    expect(found.map(({ declaration, listed }) => [declaration.team, listed])).toEqual([
      ['platform', ['a', 'b', 'c', 'd']],
      ['data', ['a', 'b', 'c', 'd']],
    ]);
    expect(new Set(found.map(({ messageGroup }) => messageGroup)).size).toBe(1);
    expect(found[0]).toMatchObject({
      messageGroup: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      lateCopyMs: 20_000,
    });
  });

  test('a message that leaves alerts out, has malformed ones, or lists thousands lists nothing', () => {
    const many = Array.from({ length: 2001 }, (_, n) => `f${n}`);
    const bodies = [
      listing(['a'], { truncatedAlerts: 1 }),
      listing([], { alerts: [alert({ alertname: 'A' }), 7] }),
      listing(many),
    ];
    for (const body of bodies) {
      const [routed] = routedAlerts(body);
      expect(routed?.messageGroup).toBeDefined();
      expect(routed).not.toHaveProperty('listed');
    }
  });

  test('two senders, receivers or organizations with one group key are two groups; without a key there is none', () => {
    const groupOf = (over: object): string | undefined => routedAlerts(listing(['a'], over))[0]?.messageGroup;
    const groups = [{}, { externalURL: 'http://eu' }, { externalURL: 'http://us' }, { receiver: 'r' }, { orgId: 2 }];
    expect(new Set(groups.map(groupOf)).size).toBe(groups.length);
    expect(groupOf({ groupKey: null })).toBeUndefined();
  });

  test('a message that spreads over very many incidents does not carry its list to each', () => {
    const names = Array.from({ length: 200 }, (_, n) => `f${n}`);
    const alerts = names.map((name) => alert({ alertname: name }, { fingerprint: name }));
    const found = routedAlerts({ groupKey: null, alerts });
    expect(found).toHaveLength(200);
    const split = toRoutedAlerts(
      names.map((name) => ({
        ...aMessage(listing([name])),
        listed: names,
        groupKey: name,
      })),
      { config, source: 'alertmanager', receivedAt: NOW },
    );
    expect(split).toHaveLength(200);
    expect(split.filter((routed) => 'listed' in routed)).toEqual([]);
  });

  test('no source but Alertmanager sends late copies', () => {
    expect(routedAlerts(listing(['a']), 'grafana')[0]).not.toHaveProperty('lateCopyMs');
  });
});

function aMessage(body: object): SourceMessage {
  const parsed = parseAlertmanager(body, NOW);
  if ('problems' in parsed || parsed.messages[0] === undefined) throw new Error('no message');
  return parsed.messages[0];
}
