/** `tocsin maintenance`: what it sends, how it shows windows, and what it refuses before anything is sent. */
import { startFakeTocsinApi, json, callCli, TOKEN, type FakeTocsinApi } from './run-cli.ts';

const WINDOW = {
  ...{ id: 'maintenance-01KB2Q4W6N8J0M3P5R7T9V1X3Z', name: 'disk swap', match: { service: 'payments' }, by: 'ana' },
  ...{ from: '2026-11-21T12:00:00.000Z', until: '2026-11-21T14:00:00.000Z', active: true },
};
const WEEKLY = {
  id: null,
  name: 'backups',
  match: { alertname: 'Disk*' },
  by: null,
  from: null,
  until: null,
  active: false,
};
const PATH = `/api/v1/maintenance/${WINDOW.id}`;

let api: FakeTocsinApi;
afterEach(() => api.close());

async function run(route: string, answer: ReturnType<typeof json>, ...argv: readonly string[]) {
  api = await startFakeTocsinApi({ [route]: answer });
  return callCli(['maintenance', ...argv], { env: { TOCSIN_URL: api.url, TOCSIN_TOKEN: TOKEN } });
}
const bodies = () => api.seen.map(({ body }) => body);

test('a window is started, with its end and what it suppresses in one line', async () => {
  const argv = [
    'start',
    '--match',
    'service=payments',
    '--match',
    'alertname=a=b',
    '--for',
    '2h',
    '--reason',
    'disk swap',
  ];
  const { code, out } = await run('POST /api/v1/maintenance', json(201, WINDOW), ...argv);
  expect([code, out]).toEqual([0, `${WINDOW.id}: suppresses service=payments until 2026-11-21T14:00:00.000Z\n`]);
  expect(bodies()).toEqual([{ match: { service: 'payments', alertname: 'a=b' }, for: '2h', reason: 'disk swap' }]);
});

test('the list says which window is active now, and which are of the configuration', async () => {
  const { out } = await run('GET /api/v1/maintenance', json(200, { maintenance: [WINDOW, WEEKLY] }), 'list');
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['ID', 'SUPPRESSES', 'NOW', 'FROM', 'UNTIL', 'BY', 'NAME'],
    [WINDOW.id, 'service=payments', 'active', WINDOW.from, WINDOW.until, 'ana', 'disk swap'],
    ['–', 'alertname=Disk*', '–', 'every week', '–', 'configuration', 'backups'],
    [''],
  ]);
});

test('a window is ended, and moved', async () => {
  const ended = await run(`POST ${PATH}/end`, json(200, { id: WINDOW.id, ended: true }), 'end', WINDOW.id);
  expect([ended.code, ended.out]).toEqual([0, `${WINDOW.id} ended\n`]);
  await api.close();
  const moved = await run(`POST ${PATH}/extend`, json(200, WINDOW), 'extend', WINDOW.id, '--until', '2026-11-21 15:00');
  expect([moved.code, moved.out]).toEqual([0, `${WINDOW.id} ends at 2026-11-21T14:00:00.000Z\n`]);
  expect(bodies()).toEqual([{ until: '2026-11-21 15:00' }]);
});

test.each([
  [['start', '--match', 'service=payments', '--reason', 'r'], 'say when it ends'],
  [['start', '--match', 'service=payments', '--reason', 'r', '--for', '2h', '--until', 'x'], 'not both'],
  [['start', '--match', 'service', '--reason', 'r', '--for', '2h'], 'label=value'],
  [['start', '--reason', 'r', '--for', '2h'], '--match'],
  [['extend', WINDOW.id, '--for', 'long'], '90s, 15m'],
])('%j is a mistake of usage (64), and nothing is sent', async (argv, hint) => {
  const { code, err } = await run('POST /api/v1/maintenance', json(201, WINDOW), ...argv);
  expect([code, bodies()]).toEqual([64, []]);
  expect(err).toContain(hint);
});

test('an answer that is about something else is not taken for a window', async () => {
  expect(
    (
      await run(
        'POST /api/v1/maintenance',
        json(200, { id: 'inc-1' }),
        'start',
        '--match',
        'a=b',
        '--for',
        '1h',
        '--reason',
        'r',
      )
    ).code,
  ).toBe(69);
});
