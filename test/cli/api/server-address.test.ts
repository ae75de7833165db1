/** Where the token comes from, and where it never goes. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findServer } from '../../../cli/api/server-address.ts';
import { anIncident, startFakeTocsinApi, json, callCli, TOKEN } from '../run-cli.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function keep(token: string, mode = 0o600): void {
  writeFileSync(join(home, 'admin-token'), token);
  chmodSync(join(home, 'admin-token'), mode);
}

test('on this machine the admin token of the state directory is used', async () => {
  keep(`${TOKEN}\n`);
  const api = await startFakeTocsinApi({ 'POST /api/v1/incidents/x/acknowledge': json(200, anIncident()) });
  const { code, err } = await callCli(['ack', 'x'], { env: { TOCSIN_URL: api.url, TOCSIN_HOME: home } });
  await api.close();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(api.seen[0]?.authorization).toBe(`Bearer ${TOKEN}`);
});

test('the admin token is not shown to any other machine', () => {
  keep(TOKEN);
  const env = { TOCSIN_HOME: home, TOCSIN_URL: 'https://tocsin.example.com' };
  expect(findServer({ env, cwd: home }, false).token).toBeNull();
});

test('TOCSIN_TOKEN comes before the file, and the state directory is .tocsin unless said', () => {
  keep(TOKEN);
  expect(findServer({ env: { TOCSIN_HOME: home, TOCSIN_TOKEN: 'other-token' }, cwd: home }, false).token).toBe(
    'other-token',
  );
  expect(findServer({ env: {}, cwd: home }, false)).toMatchObject({ base: 'http://127.0.0.1:8080', token: null });
});

test('a token file that others can read is complained about', () => {
  keep(TOKEN, 0o644);
  expect(findServer({ env: { TOCSIN_HOME: home }, cwd: home }, false).warnings).toEqual([
    expect.stringContaining('chmod 600'),
  ]);
});

test('a token is not sent over plain http to another machine, unless the caller insists', async () => {
  const env = { TOCSIN_URL: 'http://tocsin.invalid', TOCSIN_TOKEN: TOKEN };
  const { code, err } = await callCli(['ack', 'x'], { env });
  expect(code).toBe(78);
  expect(err).toContain('--insecure');
  expect(findServer({ env, cwd: home }, true).token).toBe(TOKEN);
});

test.each([
  ['not an address', { TOCSIN_URL: 'localhost' }],
  ['another protocol', { TOCSIN_URL: 'file:///etc/passwd' }],
  ['a password in the address', { TOCSIN_URL: 'https://ana:geheim-1234@tocsin.example.com' }],
  ['a token that no header can carry', { TOCSIN_TOKEN: 'geheim-1234\nX: y' }],
])('%s is a mistake of configuration, and is not repeated aloud', async (_, env) => {
  const { code, out, err } = await callCli(['ack', 'x'], { env });
  expect({ code, out }).toEqual({ code: 78, out: '' });
  expect(err).not.toContain('geheim');
});

test('a server below a path keeps its path', () => {
  const { base } = findServer({ env: { TOCSIN_URL: 'https://ops.example.com/tocsin/' }, cwd: home }, false);
  expect(base).toBe('https://ops.example.com/tocsin');
});
