/** `tocsin show`: what a person reads at 3 a.m., by the server's clock and safe for a terminal. */
import { anIncident, startFakeTocsinApi, json, callCli, type FakeTocsinApi } from './run-cli.ts';

const NOW = { date: 'Sat, 21 Nov 2026 12:10:00 GMT' };
const PATH = '/api/v1/incidents/platform-3f9c21';
const LINES = [
  { seq: 1, at: '2026-11-21T12:00:00Z', kind: 'declared', by: null, text: 'HighErrorRate' },
  { seq: 2, at: '2026-11-21T12:00:01Z', kind: 'paged', by: 'ana', text: 'webhook \u001b[2J' },
];

let api: FakeTocsinApi;
afterEach(async () => {
  await api.close();
});

async function show(incident: Record<string, unknown>, more: readonly string[] = []): ReturnType<typeof callCli> {
  api = await startFakeTocsinApi({
    [`GET ${PATH}`]: json(200, incident, NOW),
    [`GET ${PATH}/timeline`]: json(200, { timeline: LINES, cut: 3 }, NOW),
  });
  return callCli(['show', 'platform-3f9c21', ...more], { env: { TOCSIN_URL: api.url } });
}

const full = anIncident({
  alerts: [
    {
      fingerprint: 'a1',
      status: 'firing',
      startsAt: '2026-11-21T11:58:00Z',
      endsAt: null,
      labels: { alertname: 'High\u202eErrorRate', severity: 'critical' },
      annotations: {},
      links: {},
    },
  ],
  alertCount: 60,
  firingCount: 59,
  truncatedAlerts: 7,
  deadlines: [
    { kind: 'update', at: '2026-11-21T12:14:00Z', text: 'update due' },
    { kind: 'acknowledge', at: '2026-11-21T12:09:30Z', text: 'acknowledgement overdue' },
  ],
  deliveries: [
    { at: '2026-11-21T12:00:02Z', to: 'ana', method: 'webhook', key: 'k', state: 'failed', reason: 'HTTP 404' },
    { at: '2026-11-21T12:00:03Z', to: 'ana', method: 'email', key: 'm', state: 'retrying', reason: 'mail: no answer' },
  ],
});

test('shows state, people, alerts, what comes next, deliveries and the last lines', async () => {
  const { code, out } = await show(full);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'SEV2 Database down: investigating [platform-3f9c21]',
    '  team platform · service payments',
    '  platform-3f9c21 · incident 01K00000000000000000000000',
    '  http://127.0.0.1:8080/incidents/platform-3f9c21',
    '  declared      12:00:00Z (10 min ago)',
    '  who           ic ana',
    'alerts',
    '  firing    High\\u{202e}ErrorRate  severity=critical',
    '  and 59 more, 59 firing in all',
    '  7 more were not sent by monitoring',
    'next',
    '  12:14:00Z (in 4 min)  update due',
    '  12:09:30Z (30 s ago)  acknowledgement overdue',
    'deliveries',
    '  12:00:02Z (10 min ago)  ana by webhook: failed (HTTP 404)',
    '  12:00:03Z (10 min ago)  ana by email: retrying (mail: no answer)',
    'timeline',
    '  12:00:00Z (10 min ago)  declared: HighErrorRate',
    '  12:00:01Z (10 min ago)  paged by ana: webhook \\x1b[2J',
    '',
  ]);
});

test('shows the work: roles that are wanted, impact, decision, checklist, action items, post-mortem', async () => {
  const { out } = await show(
    anIncident({
      rolesWanted: ['technicalLead', 'scribe'],
      impact: {
        summary: 'no \u001b[2J orders',
        scope: 'all',
        usersAffected: 15000,
        dataLoss: false,
        revenueLost: '$45000',
      },
      decision: 'rollback',
      resolution: 'back to 1.8.2',
      postmortem: { dueAt: '2026-11-23T12:10:00Z', doneAt: null, doneBy: null, url: null },
      checklist: {
        during: [
          { item: 'Take command', done: true },
          { item: 'No blame', done: null },
        ],
        resolution: [{ item: 'All-clear', done: false }],
      },
      actionItems: [
        { id: 'A1', text: 'watch it', owner: 'bo', due: '2026-12-24', doneAt: null, doneBy: null },
        { id: 'A2', text: 'alert', owner: null, due: null, doneAt: '2026-11-21T12:05:00Z', doneBy: 'ana' },
      ],
    }),
  );
  const lines = out.split('\n');
  expect(lines.slice(lines.indexOf('  who           ic ana') + 1, lines.indexOf('timeline'))).toEqual([
    '  wanted        technical (operations) lead, scribe',
    '  impact        no \\x1b[2J orders; all users; 15000 users affected; no data loss; $45000 of revenue lost',
    '  decision      rollback',
    '  resolution    back to 1.8.2',
    '  post-mortem   due 2026-11-23 12:10:00Z (in 2 d)',
    'checklist',
    '  [x] Take command',
    '  [?] No blame',
    '  [ ] All-clear',
    'action items',
    '  [ ] A1  watch it  (bo, due 2026-12-24)',
    '  [x] A2  alert  (nobody, done by ana)',
  ]);
});

test('a post-mortem that was held says when, by whom and where', async () => {
  const postmortem = { dueAt: null, doneAt: '2026-11-21T12:05:00Z', doneBy: 'ana', url: 'https://wiki.example/3' };
  const { out } = await show(anIncident({ postmortem }));
  expect(out).toContain('  post-mortem   done 12:05:00Z (5 min ago) by ana: https://wiki.example/3\n');
});

test('--timeline shows all of it and says what was cut', async () => {
  const { out } = await show(full, ['--timeline']);
  expect(out).toMatch(/^\(3 earlier entries were dropped/);
  expect(out).toContain('declared: HighErrorRate');
  expect(api.seen.map(({ request }) => request)).toEqual([`GET ${PATH}/timeline`]);
});

test('--json is the incident as the API gives it', async () => {
  const { out } = await show(full, ['--json']);
  expect(JSON.parse(out)).toEqual(full);
});

test('an old incident shows the day, and a broken time is shown as it is', async () => {
  const { out } = await show(anIncident({ declaredAt: '2026-10-02T03:00:00Z', closedAt: 'soon\u0007' }));
  expect(out).toContain('declared      2026-10-02 03:00:00Z (50 d 9 h ago)');
  expect(out).toContain('closed        soon\\x07');
});

test('many pages in a row are one line, and every single one with --timeline --all', async () => {
  const page = (seq: number) => ({
    ...{ seq, at: `2026-11-21T12:0${seq}:00Z`, kind: 'paged', by: null, text: `Paged Bo Lind by sms. ${seq}` },
    pages: [{ to: 'bo', name: 'Bo Lind', state: 'accepted' }],
  });
  const timeline = [...LINES.slice(0, 1), page(2), page(3), page(4)];
  const read = async (more: readonly string[]): Promise<readonly string[]> => {
    api = await startFakeTocsinApi({
      [`GET ${PATH}`]: json(200, full, NOW),
      [`GET ${PATH}/timeline`]: json(200, { timeline, cut: 0 }, NOW),
    });
    const { out } = await callCli(['show', 'platform-3f9c21', ...more], { env: { TOCSIN_URL: api.url } });
    await api.close();
    return out.split('\n').filter((text) => text.includes('paged: '));
  };
  const folded = 'paged: Paged Bo Lind 3 times, 12:02Z–12:04Z';
  expect(await read([])).toEqual([`  12:02:00Z (8 min ago)  ${folded}`]);
  expect(await read(['--timeline'])).toEqual([`12:02:00Z (8 min ago)  ${folded}`]);
  expect(await read(['--timeline', '--all'])).toHaveLength(3);
});
