/**
 * Content that no sender should send, from the parser to the routed alerts. "Fail open on content": whatever an alert looks
 * like, it pages, bounded and in sound text. What comes before the parser is in `hostile.test.ts` beside this folder.
 */
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { toRoutedAlerts } from '../../../../webhook-server/ingest/route-and-group.ts';
import { parseAlertmanager } from '../../../../webhook-server/ingest/sources/alertmanager.ts';
import { parseGrafana } from '../../../../webhook-server/ingest/sources/grafana.ts';
import { base, configFromYaml } from '../../support/test-http-server.ts';

const NOW = Date.UTC(2026, 0, 6);
const config = configFromYaml();
const T1 = '2026-01-05T08:00:00Z';

function routedAlerts(body: unknown, source: 'alertmanager' | 'grafana' = 'alertmanager'): readonly RoutedAlerts[] {
  const parsed = (source === 'grafana' ? parseGrafana : parseAlertmanager)(body, NOW);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return toRoutedAlerts(parsed.messages, { config, source, receivedAt: NOW });
}
const one = (alert: object, over: object = {}): RoutedAlerts => {
  const [only, ...rest] = routedAlerts(base(over, alert));
  if (!only || rest.length > 0) throw new Error('expected the alerts of one incident');
  return only;
};
const alertOf = (alert: object, over: object = {}) => {
  const { alerts } = one(alert, over);
  if (!alerts[0] || alerts.length > 1) throw new Error('expected one alert');
  return alerts[0];
};
const idOf = (alert: object, over: object = {}): string => one(alert, over).declaration.workflowId;
const textsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.entries(Object(value) as object)
        .flat()
        .flatMap(textsOf);
const labelled = (labels: object): object => ({ labels: { alertname: 'Down', ...labels } });
const parse = (text: string): object => JSON.parse(text) as object;

describe('J: structure and types', () => {
  test('[J01] a label __proto__ is dropped: what it carries is nobody’s severity', () => {
    const { labels, severity } = alertOf({ labels: parse('{"__proto__":{"severity":"critical"},"alertname":"Down"}') });
    expect([labels['severity'], severity]).toEqual([undefined, 'SEV3']);
    expect(({} as Record<string, unknown>)['severity']).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'toString'])('[J03] group labels may be called %s', (name) => {
    const groupLabels = parse(`{"${name}":"${name}","g":"${name}"}`);
    expect(idOf({}, { groupKey: null, groupLabels })).toMatch(/^inc-platform-[0-9a-f]{20}$/);
  });

  test.each(['constructor', '__proto__', 'hasOwnProperty'])(
    '[J04] service and team %s are routed by default',
    (name) => {
      expect(one(labelled({ service: name, team: name })).declaration).toMatchObject({
        team: 'platform',
        component: null,
      });
    },
  );

  test('[J09] alerts that are missing or no list are refused by name', () => {
    for (const alerts of [undefined, null, {}, 'x', 7])
      expect(parseAlertmanager(base({ alerts }), NOW)).toMatchObject({ problems: [{ at: 'alerts' }] });
  });

  test('[J10] an empty list opens nothing', () => expect(routedAlerts(base({ alerts: [] }))).toEqual([]));

  test('an entry that is no alert is counted as left out, and costs the others nothing', () => {
    const parsed = parseAlertmanager(base({ alerts: [null, 'x', ...(base()['alerts'] as object[]), []] }), NOW);
    expect(parsed).toMatchObject({
      dropped: [{ count: 3, how: 'malformed' }],
      messages: [{ truncated: 3, alerts: [{ status: 'firing' }] }],
    });
    expect(parseAlertmanager(base({ alerts: [null] }), NOW)).toMatchObject({ problems: [{ at: 'alerts.0' }] });
  });

  test.each([[null], [[]], ['x'], [7]])(
    '[J12] labels %j: the alert is kept, without labels, on the default route',
    (labels) => {
      const { declaration, alerts } = one({ labels });
      expect(declaration).toMatchObject({ team: 'platform', severity: 'SEV3', severityGuessed: true });
      expect(Object.keys(alerts[0]?.labels ?? { none: 1 })).toEqual([]);
    },
  );

  test('[J13] scalars become text; lists, objects and null are left out', () => {
    const { labels } = alertOf({ labels: { n: 1.5, b: false, nil: null, o: { a: 1 }, l: [1], severity: 'page' } });
    expect({ ...labels }).toEqual({ n: '1.5', b: 'false', severity: 'page' });
  });

  test.each(['a.b', 'with blank', '"quoted"', '😀', 'line\nbreak'])('[J15] a label may be called %j', (name) => {
    expect(alertOf(labelled({ [name]: 'x' })).labels[name]).toBe('x');
  });

  test('[J16] what is too long is cut and marked, and what says how bad it is and whose is never among it', () => {
    const many = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`a${i}`.repeat(3000), 'v'.repeat(1_000_000)]),
    );
    const { labels, severity } = alertOf({ labels: { ...many, team: 'data', severity: 'sev1', alertname: 'Down' } });
    expect([labels['severity'], labels['team'], severity]).toEqual(['sev1', 'data', 'SEV1']);
    expect(Object.keys(labels).length).toBeLessThanOrEqual(64);
    expect(Object.entries(labels).flat().join('').length).toBeLessThan(17_000);
    const longest = Object.keys(labels).sort((a, b) => b.length - a.length)[0] ?? '';
    expect([longest.length, longest.endsWith('…'), labels[longest]?.endsWith('…')]).toEqual([256, true, true]);
  });

  test('[J16] alerts that differ only beyond the limits are two alerts', () => {
    const alike = (end: string): object => ({ status: 'firing', labels: { a: `${'x'.repeat(9000)}${end}` } });
    const [routed] = routedAlerts(base({ alerts: [alike('1'), alike('2')] }));
    expect(new Set(routed?.alerts.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test.each([
    [950, 950],
    ['950', 950],
    [-3, 0],
    ['many', 0],
    [1e300, 1_000_000_000],
  ])('[J18] truncatedAlerts %j: %i more were not sent', (truncatedAlerts, expected) => {
    expect(one({}, { truncatedAlerts }).truncated).toBe(expected);
  });

  test('[J18] the status of a truncated group ends nothing that does not say so itself', () => {
    const silent = { status: undefined, endsAt: '0001-01-01T00:00:00Z' };
    expect(alertOf(silent, { status: 'resolved', truncatedAlerts: 1 }).status).toBe('firing');
    expect(alertOf(silent, { status: 'resolved', truncatedAlerts: 0 }).status).toBe('resolved');
    expect(alertOf({ status: 'resolved' }, { status: 'resolved', truncatedAlerts: 1 }).status).toBe('resolved');
  });

  test.each(['3', '5', undefined, 4, null])('[J19] version %j is read all the same', (version) => {
    expect(idOf({}, { version })).toBe(idOf({}));
  });

  test.each([Number('12345678901234567890'), 7, null, undefined, '', ' ', {}, 'x'.repeat(65)])(
    '[J21] a fingerprint %j is none: the labels decide, in whatever order',
    (fingerprint) => {
      const found = alertOf({ fingerprint, labels: { b: '2', a: '1' } }).fingerprint;
      expect(found).toMatch(/^[0-9a-f]{16}$/);
      expect(found).toBe(alertOf({ labels: { a: '1', b: '2' }, fingerprint: undefined }).fingerprint);
      expect(found).not.toBe(alertOf({ labels: { a: '1', b: '3' }, fingerprint: undefined }).fingerprint);
    },
  );

  test('[J22] lone surrogates are repaired before anything is made of them', () => {
    const lone = '\ud800';
    const routed = one(
      { labels: { alertname: lone, [lone]: lone }, annotations: { summary: lone }, fingerprint: lone },
      { groupKey: lone, commonAnnotations: { summary: `${lone} down` } },
    );
    // Each text by itself: in JSON a half would be written as an escape, and look whole.
    expect(textsOf(routed).filter((text) => !text.isWellFormed())).toEqual([]);
    expect(routed.declaration.workflowId).toMatch(/^inc-platform-[0-9a-f]{20}$/);
    expect(routed.declaration.workflowId).toBe(idOf({}, { groupKey: '\ufffd' }));
  });

  test('[J24] text that reorders or hides itself is spelled out in titles', () => {
    const title = alertOf({ annotations: { summary: 'pay\u202eexe\u200b.\u{e0041}' } }).title;
    expect(title).toContain('pay<U+202E>exe<U+200B>.<U+E0041>');
    expect(alertOf({ annotations: { summary: '👩‍🚒 on fire ❤️' } }).title).toContain('👩‍🚒 on fire ❤️');
  });

  test('[J25] ids are made of Unicode’s normal form NFC: one é, one incident and one alert', () => {
    const [composed, apart] = ['caf\u00e9', 'cafe\u0301'];
    expect(idOf({}, { groupKey: composed })).toBe(idOf({}, { groupKey: apart }));
    const grouped = (value: string) => idOf({}, { groupKey: null, groupLabels: { [value]: value } });
    expect(grouped(composed)).toBe(grouped(apart));
    const own = (value: string) => alertOf({ ...labelled({ [value]: value }), fingerprint: undefined });
    expect(own(composed).fingerprint).toBe(own(apart).fingerprint);
    expect(own(composed).fingerprint).not.toBe(own('cafe').fingerprint);
    expect(alertOf({ fingerprint: composed }).fingerprint).toBe(alertOf({ fingerprint: apart }).fingerprint);
  });

  test('[J28] a group key of any length is hashed, whole', () => {
    const long = 'x'.repeat(5000);
    expect(idOf({}, { groupKey: `${long}1` })).toMatch(/^inc-platform-[0-9a-f]{20}$/);
    expect(idOf({}, { groupKey: `${long}1` })).not.toBe(idOf({}, { groupKey: `${long}2` }));
  });

  test('[J30] no separator makes two groups one', () => {
    const ids = [{ 'a|b': 'c' }, { a: 'b|c' }, { a: 'b', c: '' }, { a: '', b: 'c' }, { 'a":"b': 'c' }].map(
      (groupLabels) => idOf({}, { groupKey: null, groupLabels }),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('[J31] a cut through an emoji leaves no half of it', () => {
    for (const length of [4094, 4095, 4096]) {
      const { labels } = alertOf(labelled({ x: `${'a'.repeat(length)}😀` }));
      expect(labels['x']?.isWellFormed()).toBe(true);
    }
  });
});

describe('S: meaning, order, time', () => {
  test('[S02] a group that says resolved with an alert that fires, fires', () => {
    expect(alertOf({ status: 'firing' }, { status: 'resolved' }).status).toBe('firing');
  });

  test.each(['FIRING', 'suppressed', ' firing', 'Aktiv'])('[S03] status %j fires', (status) => {
    expect(alertOf({ status }, { status: 'resolved' }).status).toBe('firing');
  });

  test('[S03] without a status the group’s holds; a status that is no text is none', () => {
    for (const status of [undefined, null, '', { state: 'active' }])
      expect(alertOf({ status }, { status: 'resolved' }).status).toBe('resolved');
  });

  test('[S08] mixed messages: each alert has its own state', () => {
    const both = ['firing', 'resolved'].map((status) => ({ status, labels: { status }, startsAt: T1, endsAt: T1 }));
    const [routed] = routedAlerts(base({ status: 'firing', alerts: both }));
    expect(routed?.alerts.map(({ status, endsAt }) => [status, endsAt])).toEqual([
      ['firing', null],
      ['resolved', Date.parse(T1)],
    ]);
  });

  test.each([
    ['0001-01-01T00:00:00Z', NOW],
    ['2026-01-05T07:00:00Z', Date.parse(T1)],
    ['2099-01-01T00:00:00Z', NOW],
    ['yesterday', NOW],
    ['2026-01-05T09:00:00Z', Date.parse('2026-01-05T09:00:00Z')],
  ])('[S12] an end of %s is never before the start, nor ahead of us', (endsAt, expected) => {
    expect(alertOf({ status: 'resolved', startsAt: T1, endsAt }).endsAt).toBe(expected);
    expect(alertOf({ status: 'firing', startsAt: T1, endsAt }).endsAt).toBeNull();
  });

  test.each(['2026-02-30T00:00:00Z', '2026-01-01T23:59:60Z', '1', 'yesterday', '2099-01-01T00:00:00Z', '', null, 5])(
    '[S14] a start of %j is the time of receipt, and says so',
    (startsAt) => {
      expect(alertOf({ startsAt })).toMatchObject({ startsAt: NOW, startGuessed: true });
    },
  );

  test.each([1, 5 * 60_000, 86_400_000])(
    'a start %d ms ahead of receipt is the time of receipt; the start as sent stays known',
    (aheadMs) => {
      const sentStartsAt = NOW + aheadMs;
      const alert = alertOf({ startsAt: new Date(sentStartsAt).toISOString() });
      expect(alert).toMatchObject({ startsAt: NOW, startGuessed: true, sentStartsAt });
    },
  );

  test.each(['2026-01-05T08:00:00.315+0000', '2026-01-05T10:00:00.315+0200', '2026-01-05T02:30:00.315-0530'])(
    'an offset without a colon is read: %s',
    (startsAt) => {
      expect(alertOf({ startsAt })).toMatchObject({ startsAt: Date.parse(T1) + 315, startGuessed: false });
    },
  );

  test('[S15] nanoseconds and offsets are the right instant', () => {
    const startsAt = '2026-01-05T10:00:00.123456789+02:00';
    expect(alertOf({ startsAt })).toMatchObject({ startsAt: Date.parse(T1) + 123, startGuessed: false });
  });

  test.each([
    [undefined, 'SEV3', true],
    ['SEV1', 'SEV1', false],
    ['\u0441ritical', 'SEV3', true],
    [' critical ', 'SEV2', false],
    [{}, 'SEV3', true],
  ])('[S17] severity %j is %s', (severity, expected, guessed) => {
    expect(one(labelled({ severity })).declaration).toMatchObject({ severity: expected, severityGuessed: guessed });
  });

  test('[S18] two alerts under one fingerprint are two; the same alert twice is one', () => {
    const twins = [1, 2, 2].map((n) => ({ status: 'firing', labels: { n }, fingerprint: 'same', startsAt: T1 }));
    const [routed] = routedAlerts(base({ alerts: twins }));
    const [a, b, c] = routed?.alerts.map(({ fingerprint }) => fingerprint) ?? [];
    expect([a === b, b === c]).toEqual([false, true]);
    const [again] = routedAlerts(base({ alerts: [...twins].reverse() }));
    expect(again?.alerts.map(({ fingerprint }) => fingerprint)).toEqual([c, b, a]);
  });

  test('[S20] Grafana’s test button is a test, which wakes nobody', () => {
    const button = base({ version: '1', orgId: 1 }, { labels: { alertname: 'TestAlert', instance: 'Grafana' } });
    expect(routedAlerts(button, 'grafana')[0]?.declaration.test).toBe(true);
  });

  test.each([
    ['DatasourceNoData', 'Monitoring is broken: no data for Checkout is slow'],
    ['DatasourceError', 'Monitoring is broken: Checkout is slow cannot be evaluated'],
  ])('[S21] %s says that monitoring is broken, not the service', (alertname, title) => {
    const labels = { alertname, rulename: 'Checkout is slow', datasource_uid: 'x' };
    const body = base({ commonAnnotations: { summary: 'Checkout is slow' } }, { labels });
    expect(routedAlerts(body, 'grafana')[0]?.declaration).toMatchObject({
      title,
      severity: 'SEV3',
      severityGuessed: true,
    });
    const known = base({}, { labels: { ...labels, severity: 'critical' } });
    expect(routedAlerts(known, 'grafana')[0]?.declaration).toMatchObject({
      title,
      severity: 'SEV2',
      severityGuessed: false,
    });
  });

  test('[S26] a route edited in Alertmanager is another place: the old alert goes stale, by the same name', () => {
    const [before, after] = ['{}:{a="b"}', '{}/{severity="critical"}:{a="b"}'].map((groupKey) => one({}, { groupKey }));
    expect(before?.declaration.workflowId).not.toBe(after?.declaration.workflowId);
    expect(before?.alerts[0]?.fingerprint).toBe(after?.alerts[0]?.fingerprint);
    expect(before?.staleAfterMs).toBe(3 * 4 * 3_600_000);
  });
});

describe('which incident', () => {
  const alerts = ['a', 'b', 'c'].map((name) => ({
    ...{ status: 'firing', labels: { alertname: name, team: 'data', severity: 'critical' }, startsAt: T1 },
    ...{ fingerprint: `${name}`.repeat(16), annotations: { summary: `${name} is down` } },
  }));

  test('two Alertmanagers of one cluster make one incident, whatever else they write differently', () => {
    const [first] = routedAlerts(base({ alerts, externalURL: 'http://am-0:9093', receiver: 'tocsin' }));
    const [second] = routedAlerts(
      base({
        alerts: [...alerts].reverse().map((alert) => ({ ...alert, annotations: {}, generatorURL: 'http://prom-1' })),
        ...{ externalURL: 'http://am-1:9093', receiver: 'tocsin\\.hook', commonAnnotations: { runbook: 'x' } },
        ...{
          groupLabels: { z: '1', alertname: 'Down' },
          notification_reason: 'repeat interval elapsed',
          routeLabels: {},
        },
      }),
    );
    expect(second?.declaration.workflowId).toBe(first?.declaration.workflowId);
    const keys = (routed: RoutedAlerts | undefined): string[] =>
      (routed?.alerts ?? []).map(({ fingerprint, startsAt }) => `${fingerprint} ${startsAt}`).sort();
    expect(keys(second)).toEqual(keys(first));
  });

  test('so do two without a group key, by their group labels', () => {
    const of = (groupLabels: object, list: object[]): string | undefined =>
      routedAlerts(base({ groupKey: undefined, groupLabels, alerts: list }))[0]?.declaration.workflowId;
    expect(of({ a: '1', b: '2' }, alerts)).toBe(of({ b: '2', a: '1' }, [...alerts].reverse()));
  });
});
