/** `tocsin report`: one incident for those who were not there. */
import { anIncident, startFakeTocsinApi, json, callCli, type FakeTocsinApi } from '../run-cli.ts';

const NOW = { date: 'Sat, 21 Nov 2026 14:00:00 GMT' };
const PATH = '/api/v1/incidents/INC-2026-003';
let api: FakeTocsinApi;
afterEach(async () => {
  await api.close();
});

const line = (seq: number, kind: string, by: string | null): object => {
  return { seq, at: `2026-11-21T12:0${seq}:00Z`, kind, by, text: `line ${seq}` };
};
const sent = (to: string, state: string): object => {
  return { at: '2026-11-21T12:00:01Z', to, method: 'webhook', key: 'k', state, reason: null };
};
const timeline = [
  line(1, 'declared', null),
  line(2, 'paged', null),
  line(3, 'acknowledged', 'ana'),
  line(4, 'update-posted', 'bo'),
  line(5, 'note-added', 'ana'),
  line(6, 'resolved', null),
];
const incident = anIncident({
  reference: 'INC-2026-003',
  phase: 'resolved',
  outcome: 'resolved',
  highestSeverity: 'SEV1',
  detectedAt: '2026-11-21T11:59:30.000Z',
  acknowledgedAt: '2026-11-21T12:03:00.000Z',
  mitigatedAt: null,
  resolvedAt: '2026-11-21T13:30:00.000Z',
  resolution: 'rolled back',
  alertCount: 2,
  deliveries: [sent('ana', 'accepted'), sent('eve', 'failed')],
});

async function report(more: readonly string[], over: object = {}): ReturnType<typeof callCli> {
  api = await startFakeTocsinApi({
    [`GET ${PATH}`]: json(200, { ...incident, ...over }, NOW),
    [`GET ${PATH}/timeline`]: json(200, { timeline, cut: 0 }, NOW),
  });
  return callCli(['report', '--id=INC-2026-003', ...more], { env: { TOCSIN_URL: api.url } });
}

test('[REC-5] how long things took, who was in it, and the lines that turned it', async () => {
  const { code, out } = await report([]);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'INC-2026-003 SEV2 Database down: resolved (resolved)',
    '  team platform · service payments · was SEV1',
    '  http://127.0.0.1:8080/incidents/platform-3f9c21',
    '  declared 12:00:00Z (2 h ago)',
    '  resolution: rolled back',
    'how long',
    '  to detect       30 s',
    '  to acknowledge  3 min',
    '  to mitigate     –',
    '  to resolve      90 min',
    '  in all          91 min',
    'people',
    '  ana: ic, paged, 2 lines',
    '  bo: 1 line',
    'in numbers',
    '  2 alerts, 1 pages accepted, 1 failed',
    '  1 updates, 0 missed; it came back 0 times',
    'what happened',
    '  12:01:00Z (1 h 59 min ago)  declared: line 1',
    '  12:03:00Z (1 h 57 min ago)  acknowledged by ana: line 3',
    '  12:04:00Z (1 h 56 min ago)  update-posted by bo: line 4',
    '  12:06:00Z (1 h 54 min ago)  resolved: line 6',
    '6 lines in all: tocsin show INC-2026-003 --timeline',
    '',
  ]);
});

test('--json gives lengths in milliseconds, null for what has not happened; an open one counts until now', async () => {
  const { out } = await report(['--json'], { resolvedAt: null, phase: 'investigating', detectedAt: null });
  expect(JSON.parse(out)).toMatchObject({
    durations: { detectMs: null, acknowledgeMs: 180_000, mitigateMs: null, resolveMs: null, totalMs: 7_200_000 },
    people: [
      { name: 'ana', roles: ['ic'], entries: 2, paged: true },
      { name: 'bo', roles: [], entries: 1, paged: false },
    ],
    counts: { alerts: 2, pagesAccepted: 1, pagesFailed: 1, updates: 1, missedUpdates: 0, recurrences: 0 },
    entries: 6,
  });
});

test('whoever was only told, by notice or by stakeholder update, was not paged', async () => {
  const told = [sent('support', 'accepted'), sent('bo', 'accepted'), sent('customers', 'failed')];
  const keys = [
    'E1/stakeholder-update/4/support.webhook',
    'E1/notice/7/bo.webhook',
    'E1/stakeholder-update/9/customers.webhook',
  ];
  const deliveries = [
    sent('ana', 'accepted'),
    sent('eve', 'failed'),
    ...told.map((one, i) => ({ ...one, key: keys[i] })),
  ];
  const { out } = await report(['--json'], { deliveries });
  const { people, counts } = JSON.parse(out) as { people: { name: string; paged: boolean }[]; counts: object };
  expect(people.map(({ name, paged }) => [name, paged])).toEqual([
    ['ana', true],
    ['bo', false],
  ]);
  expect(counts).toMatchObject({ pagesAccepted: 1, pagesFailed: 1 });
});

test('clocks that disagree never make a length less than nothing', async () => {
  const { out } = await report(['--json'], { detectedAt: '2026-11-21T12:10:00.000Z' });
  expect(JSON.parse(out)).toMatchObject({ durations: { detectMs: 0 } });
});
