/** `POST /api/v1/explain`: what would become of a message, said by the code that would do it. */
import { UnknownIncident } from '../../../../webhook-server/incidents/incident-queries.ts';
import { toRoutedAlerts } from '../../../../webhook-server/ingest/route-and-group.ts';
import { parseAlertmanager } from '../../../../webhook-server/ingest/sources/alertmanager.ts';
import { payloadExplained } from '../../../../webhook-server/api/explain.ts';
import type { PayloadExplained } from '../../../../webhook-server/api/explain/explain-payload.ts';
import {
  base,
  bearer,
  configFromYaml,
  startTestHttpServer,
  viewOf,
  type TestHttpServerOptions,
  type TestHttpServer,
} from '../../support/test-http-server.ts';

const YAML = `
organization: Example
publicUrl: http://tocsin.example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "http://127.0.0.1:9911/ana" }, { webhook: "http://127.0.0.1:9911/ana2" }] }
  bo: { name: Bo Lind, contact: [{ webhook: "http://127.0.0.1:9911/bo" }], quietHours: "00:00-23:59" }
  cy: { name: Cy, contact: [{ ntfy: cy-pages }] }
  eve: { name: Eve Hahn, contact: [{ terminal: true }] }
teams:
  platform: { onCall: ana, escalation: [onCall, cy, [bo, ana]], leadership: [eve] }
sources:
  alertmanager: { token: "\${AM_TOKEN}" }
  generic: { token: "\${GENERIC_TOKEN}" }
routes:
  - { match: { service: "pay*", cluster: prod }, team: platform, severity: SEV1 }
  - { match: { cluster: dev }, team: platform, maxSeverity: SEV3 }
  - { match: { kind: mapped }, team: platform, severity: { odd: SEV4 } }
  - { match: { site: "*" }, team: platform, correlateBy: [site] }
  - team: platform
`;

const nobody: TestHttpServerOptions['gateway'] = { show: (id) => Promise.reject(new UnknownIncident(id)) };

async function asked<T>(
  work: (edge: TestHttpServer) => Promise<T>,
  gateway: TestHttpServerOptions['gateway'] = nobody,
): Promise<T> {
  const edge = await startTestHttpServer({ yaml: YAML, gateway: gateway ?? {} });
  try {
    const answer = await work(edge);
    // Nothing is opened, told or kept.
    expect(edge.reportedAlerts).toEqual([]);
    return answer;
  } finally {
    await edge.close();
  }
}

const ask = (edge: TestHttpServer, body: unknown, source = 'alertmanager'): Promise<Response> =>
  edge.post(`/api/v1/explain?source=${source}`, body, bearer(edge.tokens.viewer));

async function explained(body: unknown, gateway = nobody, source = 'alertmanager'): Promise<PayloadExplained> {
  const answer = await asked(async (edge) => {
    const response = await ask(edge, body, source);
    return { status: response.status, json: (await response.json()) as PayloadExplained };
  }, gateway);
  expect(answer.status).toBe(200);
  expect(payloadExplained.safeParse(answer.json).error?.issues).toBeUndefined();
  return answer.json;
}

/** A message with one alert of these labels. */
const labelled = (labels: object, alert: object = {}): object =>
  base({}, { labels: { alertname: 'Down', ...labels }, ...alert });

const routingOf = async (labels: object) => (await explained(labelled(labels))).alerts[0]?.routing;

test('which route takes it, and the first label of each earlier one that does not fit', async () => {
  expect(await routingOf({ service: 'payments', cluster: 'dev', severity: 'critical' })).toEqual({
    route: 1,
    match: { cluster: 'dev' },
    team: 'platform',
    skippedRoutes: [{ route: 0, label: 'cluster', pattern: 'prod', value: 'dev' }],
    severity: { label: 'critical', severity: 'SEV3', guessed: false, because: 'label', cappedFrom: 'SEV2' },
  });
  const byDefault = await routingOf({ severity: 'none' });
  expect(byDefault?.skippedRoutes.map(({ label, value }) => [label, value])).toEqual([
    ['service', null],
    ['cluster', null],
    ['kind', null],
    ['site', null],
  ]);
});

test('why it is as bad as it is: label, map, lift of the route, the route alone, a guess, none at all', async () => {
  const because = async (labels: object) => {
    const routing = await routingOf(labels);
    return [routing?.severity.severity, routing?.severity.because];
  };
  const paying = { service: 'payments', cluster: 'prod' };
  expect(await because({ severity: 'warning' })).toEqual(['SEV3', 'label']);
  expect(await because({ kind: 'mapped', severity: 'ODD' })).toEqual(['SEV4', 'map']);
  expect(await because({ ...paying, severity: 'critical' })).toEqual(['SEV1', 'lifted']);
  expect(await because({ ...paying, severity: 'warning' })).toEqual(['SEV3', 'label']);
  expect(await because(paying)).toEqual(['SEV1', 'route']);
  expect(await because({ severity: 'gibberish' })).toEqual(['SEV3', 'guessed']);
  expect(await because({ severity: 'none' })).toEqual([null, 'none']);
});

test('its identity is the one that the webhook would give it, and says what it is made of', async () => {
  const bodies = [base(), base({ groupKey: 7 }), labelled({ site: 'a' }), base({ groupKey: 7, groupLabels: {} })];
  const kinds: unknown[] = [];
  for (const body of bodies) {
    const { alerts, incidents } = await explained(body);
    const parsed = parseAlertmanager(body, 1_000);
    if ('problems' in parsed) throw new Error('the test message is broken');
    const routedAlerts = toRoutedAlerts(parsed.messages, {
      config: configFromYaml(YAML),
      source: 'alertmanager',
      receivedAt: 1,
    });
    expect(incidents.map(({ workflowId }) => workflowId)).toEqual(
      routedAlerts.map(({ declaration }) => declaration.workflowId),
    );
    expect(alerts[0]?.identity?.workflowId).toBe(routedAlerts[0]?.declaration.workflowId);
    kinds.push(alerts[0]?.identity?.by);
  }
  expect(kinds).toEqual(['group', 'group-labels', 'labels', 'alert-labels']);
});

test('what was repaired, guessed or left out is named', async () => {
  const alert = {
    startsAt: 'yesterday',
    status: 'on fire',
    fingerprint: 12,
    labels: { alertname: 'Down', '': 'x', nested: {}, long: 'x'.repeat(5_000) },
    annotations: 'none',
  };
  const { alerts } = await explained(base({}, alert));
  expect(alerts[0]).toMatchObject({ status: 'firing', startGuessed: true });
  expect(alerts[0]?.repaired.join('\n')).toMatch(
    /startsAt.*\n.*fingerprint.*\n.*status.*\n.*label "", "nested".*\n.*label "long".*\n.*annotations are not a mapping/,
  );
  expect((await explained(base())).alerts[0]?.repaired).toEqual([]);
});

test('what only serves the monitoring itself, and severity none, say why nothing comes of them', async () => {
  for (const [labels, why] of [
    [{ alertname: 'Watchdog' }, /heartbeat/],
    [{ alertname: 'InfoInhibitor' }, /inhibits other alerts/],
    [{ alertname: 'Down', severity: 'none' }, /severity "none"/],
  ] as const) {
    const { alerts, incidents, dropped } = await explained(labelled(labels));
    expect(alerts[0]?.ignored).toMatch(why);
    expect(dropped).toEqual([`1 alert ignored (${alerts[0]?.ignored})`]);
    expect(incidents).toEqual([]);
  }
});

test('who would be paged, when and how, level by level; and of the others why not', async () => {
  const { incidents } = await explained(labelled({ service: 'pay', cluster: 'prod' }));
  const { pages = [], then } = incidents[0]?.paging ?? {};
  const seen = pages.map(({ afterMs, reason, level, people }) => [
    afterMs / 60_000,
    reason,
    level,
    people.map(({ person, methods, quiet }) => `${person}: ${methods.join('+')}${quiet ? ' quiet' : ''}`).join(', '),
  ]);
  expect(seen).toEqual([
    [0, 'leadership', 0, 'eve: terminal'],
    [0, 'on-call', 1, 'ana: webhook+webhook-2'],
    [2, 'repeat', 1, 'ana: webhook+webhook-2'],
    [4, 'repeat', 1, 'ana: webhook+webhook-2'],
    // Cy has no method, so the next level begins at once.
    [5, 'escalation', 2, ''],
    [5, 'escalation', 3, 'bo: webhook quiet'],
    [7, 'repeat', 3, 'bo: webhook quiet'],
    [9, 'repeat', 3, 'bo: webhook quiet'],
  ]);
  expect(pages.flatMap(({ skipped }) => skipped)).toContainEqual({ name: 'cy', why: 'has no method that can be used' });
  expect(pages.flatMap(({ skipped }) => skipped)).toContainEqual({
    name: 'ana',
    why: expect.stringMatching(/this cycle/),
  });
  expect(then).toMatch(/all levels together/);
});

test('a SEV3 waits an hour, a SEV4 pages nobody', async () => {
  const planOf = async (severity: string) => (await explained(labelled({ severity }))).incidents[0]?.paging;
  expect((await planOf('warning'))?.pages[0]).toMatchObject({ afterMs: 3_600_000, level: 1 });
  expect(await planOf('info')).toMatchObject({ pages: [], then: expect.stringMatching(/pages nobody/) });
});

test('what is there now decides what it would do', async () => {
  const effect = async (gateway: TestHttpServerOptions['gateway'], body: unknown = base()) => {
    const { incidents } = await explained(body, gateway);
    return [incidents[0]?.now.state, incidents[0]?.effect, incidents[0]?.paging === null];
  };
  const open = (over: Parameters<typeof viewOf>[0]): TestHttpServerOptions['gateway'] => ({
    show: () =>
      Promise.resolve(viewOf({ reference: 'INC-2026-001', phase: 'investigating', severity: 'SEV2', ...over })),
  });
  const resolved = base({ status: 'resolved' }, { status: 'resolved', endsAt: '2026-01-05T10:00:00Z' });
  const alerts = [{ fingerprint: 'aaaabbbbccccdddd', status: 'firing', startsAt: '2026-01-05T08:00:00.123Z' }] as never;
  expect(await effect(nobody)).toEqual(['none', 'opens an incident', false]);
  expect(await effect(nobody, resolved)).toEqual(['none', expect.stringMatching(/^nothing/), true]);
  expect(await effect(open({}))).toEqual(['open', expect.stringMatching(/joins INC-2026-001 on its timeline/), true]);
  expect(await effect(open({ alerts }))).toEqual(['open', expect.stringMatching(/^nothing new/), true]);
  expect(await effect(open({ severity: 'SEV4' }))).toEqual([
    'open',
    expect.stringMatching(/raises it from SEV4 to SEV2/),
    true,
  ]);
  expect(await effect(open({ phase: 'closed' }))).toEqual(['over', expect.stringMatching(/recurrence/), false]);
  const storm: TestHttpServerOptions['gateway'] = {
    ...nobody,
    preview: (routed) => ({
      routed,
      destination: { to: 'storm', workflowId: 'storm-platform', reason: 'team platform is over its limit' },
      reasons: ['1 alert moved to a storm (team platform is over its limit)'],
    }),
  };
  expect(await effect(storm)).toEqual(['none', 'joins the storm storm-platform', true]);
});

test('a Temporal that does not answer makes it unknown, in time', async () => {
  const begun = performance.now();
  const { incidents } = await explained(base(), { show: () => new Promise(() => undefined) });
  expect(incidents[0]?.now).toEqual({ state: 'unknown' });
  expect(performance.now() - begun).toBeLessThan(5_000);
}, 15_000);

test('what cannot be explained is refused with the reason: no such source, no message, no source at all', async () => {
  await asked(async (edge) => {
    expect((await ask(edge, base(), 'grafana')).status).toBe(404);
    const broken = await ask(edge, { alerts: 'none' });
    expect([broken.status, await broken.json()]).toMatchObject([400, { problems: [{ at: 'alerts' }] }]);
    expect((await edge.post('/api/v1/explain', base(), bearer(edge.tokens.viewer))).status).toBe(400);
    expect((await ask(edge, { key: 'k', status: 'firing', title: 't' }, 'generic')).status).toBe(200);
  });
});

test('a status that nobody knows is said among the repairs', async () => {
  const { alerts } = await explained({ key: 'k', title: 't', status: 'Flummoxed' }, nobody, 'generic');
  expect(alerts).toMatchObject([
    { status: 'firing', repaired: [expect.stringContaining('"Flummoxed" is not known')] as unknown },
  ]);
});

test('a long message is explained in part; one that would hold up the process is refused', async () => {
  const alertsOf = (length: number) =>
    Array.from({ length }, (_, i) => ({
      status: 'firing',
      labels: { alertname: 'Down', instance: `host-${i}` },
      startsAt: '2026-01-05T08:00:00Z',
    }));
  const all = await explained(base({ alerts: alertsOf(900) }));
  expect([all.alertCount, all.alerts.length, all.incidentCount]).toEqual([900, 100, 1]);
  const refused = await asked(
    async (edge) => (await ask(edge, base({ alerts: alertsOf(1_001) }), 'alertmanager')).status,
  );
  expect(refused).toBe(413);
});
