/** `tocsin report` without an ID: what many incidents come to. */
import { anIncident, startFakeTocsinApi, json, callCli, type FakeTocsinApi, type CliResult } from '../run-cli.ts';

const PATH = '/api/v1/metrics/incidents';
let api: FakeTocsinApi;
afterEach(async () => {
  await api.close();
});

const never = { count: 0, mean: null, median: null, p90: null };
const values = {
  incidents: 3,
  outcomes: { open: 1, resolved: 2, autoRecovered: 0, falseAlarm: 4 },
  mttd: never,
  mtta: { count: 3, mean: 240, median: 200, p90: 540 },
  mttm: never,
  mttr: { count: 2, mean: 5400, median: 5400, p90: 7200 },
  acknowledgedInTime: { count: 2, of: 3 },
  usersAffected: { incidents: 1, sum: 15_000 },
  revenueLost: { incidents: 2, sums: [{ currency: '$', amount: 45_000 }], unread: 1 },
  people: { incidents: 3, mean: 2.3, most: 4 },
  postmortems: { pending: 2, done: 1, late: 1 },
};
const range = { from: null, to: null, timeZone: 'Europe/Berlin', team: null, severity: null };
const body = { ...range, totals: values, bySeverity: [{ key: 'SEV1', ...values }] };

async function report(argv: readonly string[], query = 'groupBy=severity', answer: object = body): Promise<CliResult> {
  api = await startFakeTocsinApi({ [`GET ${PATH}?${query}`]: json(200, answer) });
  return callCli(['report', ...argv], { env: { TOCSIN_URL: api.url } });
}

test('[REC-10] a line for each severity and one for all, and what does not fit into a table', async () => {
  const { code, out } = await report([]);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'incidents declared ever (Europe/Berlin), by severity',
    'SEVERITY  INCIDENTS  MTTD  MTTA                   MTTM  MTTR                   IN TIME  USERS   REVENUE',
    'SEV1      3          –     3 min · 4 min · 9 min  –     90 min · 90 min · 2 h  2 of 3   15,000  45,000 $',
    'all       3          –     3 min · 4 min · 9 min  –     90 min · 90 min · 2 h  2 of 3   15,000  45,000 $',
    'times to detect, acknowledge, mitigate and resolve: median · mean · nine of ten took no longer',
    '1 open, 2 resolved, 0 recovered by themselves; false alarms, not counted: 4',
    'people: 2.3 to an incident, 4 at the most',
    'post-mortems: 1 of 2 done, 1 late',
    'amounts of revenue that could not be read: 1',
    '',
  ]);
});

test('--json is the answer as it came', async () => {
  expect(JSON.parse((await report(['--json'])).out)).toEqual(body);
});

test.each([
  [['--by', 'month'], 'groupBy=month'],
  [['--by=team', '--team', 'data'], 'groupBy=team&team=data'],
  [['--from', '2026-11-01', '--to', '2026-11-30'], 'groupBy=severity&from=2026-11-01&to=2026-11-30'],
  [['--severity', 'sev2'], 'groupBy=severity&severity=SEV2'],
])('%j asks for %s', async (argv, query) => {
  const { code } = await report(argv, query);
  expect({ code, unexpected: api.unexpected }).toEqual({ code: 0, unexpected: [] });
});

test('--since is so long before now', async () => {
  const before = Date.now();
  await report(['--since', '30d']);
  const from = new URLSearchParams(api.seen[0]?.request.split('?')[1]).get('from') ?? '';
  expect(Math.abs(before - 30 * 86_400_000 - Date.parse(from))).toBeLessThan(60_000);
});

test.each([
  [['--since', '30d', '--from', '2026-11-01'], 'give one'],
  [['--since', 'yesterday'], '--since: write a duration'],
  [['--by', 'phase'], 'severity, team, month'],
  [['INC-2026-003', '--by', 'team'], '--by is for reports over many incidents'],
])('%j is a mistake of usage', async (argv, said) => {
  const { code, err } = await report(argv);
  expect(code).toBe(64);
  expect(err).toContain(said);
  expect(api.seen).toEqual([]);
});

test('nothing happened: it says so', async () => {
  const none = { ...values, incidents: 0, outcomes: { ...values.outcomes, falseAlarm: 0 } };
  const { out } = await report([], 'groupBy=severity', { ...range, totals: none, bySeverity: [] });
  expect(out).toBe('incidents declared ever (Europe/Berlin), by severity: none\n');
});

test('an answer that is about something else is none', async () => {
  expect((await report([], 'groupBy=severity', anIncident())).code).toBe(69);
});
