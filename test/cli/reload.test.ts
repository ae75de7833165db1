/** `tocsin config reload`: what the server answers, in words and as an exit code. */
import { startFakeTocsinApi, json, callCli, TOKEN, type FakeTocsinApi, type CliResult } from './run-cli.ts';

const RELOAD = 'POST /api/v1/config/reload';
const TAKEN = {
  ...{ changed: ['chat', 'people'], digest: '00112233aabbccdd', serves: ['server', 'worker'] },
  ...{ warnings: ['nobody is awake'], notYet: ['queries: not run'], needsRestart: ['TEMPORAL_*'] },
};
const NOTHING = { ...TAKEN, changed: [], warnings: [], notYet: [], needsRestart: [] };

let api: FakeTocsinApi;
afterEach(() => api.close());

async function reload(status: number, body: unknown, more: readonly string[] = []): Promise<CliResult> {
  api = await startFakeTocsinApi({ [RELOAD]: json(status, body) });
  return callCli(['config', 'reload', ...more], { env: { TOCSIN_URL: api.url, TOCSIN_TOKEN: TOKEN } });
}

test('[CMD-11] what was taken, and what else to know of it', async () => {
  const { code, out, err } = await reload(200, TAKEN);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.trimEnd().split('\n')).toEqual([
    'warning: nobody is awake',
    'not yet: queries: not run',
    'needs a restart: TEMPORAL_*',
    'reloaded: chat, people (00112233aabbccdd)',
  ]);
  expect(api.seen).toMatchObject([{ request: RELOAD, authorization: `Bearer ${TOKEN}` }]);
});

test('[CMD-11] the same as before; a server alone says that nobody else was told', async () => {
  expect((await reload(200, NOTHING)).out).toBe('nothing changed (00112233aabbccdd)\n');
  await api.close();
  const { out } = await reload(200, { ...NOTHING, serves: ['server'] });
  expect(out.split('\n')[0]).toBe('this server only: send SIGHUP to every other server and worker');
});

test('[CMD-11] --json gives the answer as it is', async () => {
  const { code, out } = await reload(200, TAKEN, ['--json']);
  expect([code, JSON.parse(out)]).toEqual([0, TAKEN]);
});

const REFUSED = {
  ...{ type: 'about:blank', title: 'Unprocessable Content', status: 422 },
  detail: 'the new configuration is refused; the last good one is kept',
  problems: [
    { file: '/etc/tocsin.yaml', line: 3, at: 'teams.platform.onCall', message: 'nobody is called "bob"' },
    { file: '/etc/tocsin.yaml', line: null, at: '', message: 'and more' },
  ],
};

test('[CMD-11] a refused file ends with 78 and shows every mistake with file, line and remedy', async () => {
  const { code, out, err } = await reload(422, REFUSED);
  expect({ code, out }).toEqual({ code: 78, out: '' });
  expect(err.trimEnd().split('\n')).toEqual([
    'tocsin: refused: the new configuration is refused; the last good one is kept',
    '  /etc/tocsin.yaml:3: teams.platform.onCall: nobody is called "bob"',
    '  /etc/tocsin.yaml: and more',
  ]);
  await api.close();
  const again = await reload(422, REFUSED, ['--json']);
  expect([again.code, JSON.parse(again.out)]).toMatchObject([78, { error: { problems: REFUSED.problems } }]);
});

test('an answer that does not say what has changed is none', async () => {
  expect((await reload(200, { ok: true })).code).toBe(69);
});
