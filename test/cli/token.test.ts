/** Tokens at a state directory: made, rotated, revoked, listed; what is refused says why; everything is audited. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processes } from '../../cli/processes.ts';
import { expiryOf } from '../../cli/input/times.ts';
import { callCli, type CliResult } from './run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-token-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const token = (...argv: readonly string[]): Promise<CliResult> =>
  callCli(['token', ...argv], { processes, env: { TOCSIN_HOME: folder }, cwd: folder });
const create = (...argv: readonly string[]): Promise<CliResult> =>
  token('create', '--name', 'ci', '--role', 'viewer', ...argv);

interface Shown {
  readonly name: string;
  readonly keyId: string;
  readonly expiresAt: string | null;
  readonly old: readonly { readonly until: string }[];
}
const listed = async (): Promise<readonly Shown[]> =>
  (JSON.parse((await token('list', '--json')).out) as { tokens: Shown[] }).tokens;

/** What the audit says: command, name, outcome. */
function audited(): readonly string[] {
  const directory = join(folder, 'audit');
  if (!existsSync(directory)) return [];
  const text = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
  return text
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ via, by, command, subject, outcome }) => {
      expect([via, typeof by]).toEqual(['local', 'string']);
      return `${String(command)} ${String(subject)} ${String(outcome)}`;
    });
}

const SECRET = /^tocsin_[\w-]{43}\n$/;

test('create prints nothing but the token, so that a script can take it', async () => {
  const { code, out, err } = await token('create', '--name', "Ana's laptop", '--person', 'ana', '--role', 'Responder');
  expect([code, SECRET.test(out)]).toEqual([0, true]);
  expect(err).toContain('only once');
  expect(err).toContain('ends: never');
  expect(err).not.toContain(out.trim());
  expect(statSync(join(folder, 'tokens.json')).mode & 0o777).toBe(0o600);
});

test('the list shows whose it is, what it may do, when it was made, when it ends, and nothing secret', async () => {
  const secrets = [(await create('--expires', '2999-01-01')).out.trim()];
  secrets.push((await token('create', '--name', 'screen', '--role', 'admin', '--person', 'bo')).out.trim());
  secrets.push((await token('rotate', 'ci')).out.trim());
  const { code, out } = await token('list');
  expect(code).toBe(0);
  expect(out.split('\n')[0]).toMatch(/^NAME +PERSON +ROLE +CREATED +ENDS +LAST USED +BEFORE$/);
  expect(out).toMatch(/\nci +– +viewer +\S+Z +2999-01-01T00:00:00.000Z +– +until \S+Z\n/);
  expect(out).toMatch(/\nscreen +bo +admin +\S+Z +never +– +–\n$/);
  const both = out + JSON.stringify(await listed()) + readFileSync(join(folder, 'tokens.json'), 'utf8');
  for (const secret of secrets) expect(both).not.toContain(secret.slice(7));
  expect(out + JSON.stringify(await listed())).not.toMatch(/[0-9a-f]{64}/);
  expect((await callCli(['token', 'list'], { processes, env: { TOCSIN_HOME: join(folder, 'empty') } })).out).toBe(
    'no tokens\n',
  );
});

test('a name is given once: the second time is refused with exit code 1, and the first token stays', async () => {
  await create();
  const again = await create('--json');
  expect([again.code, JSON.parse(again.out)]).toMatchObject([1, { error: { exitCode: 1 } }]);
  expect(again.err).toContain('there is a token "ci" already');
  expect((await token('create', '--name', 'admin', '--role', 'admin')).code).toBe(1);
  expect(await listed()).toHaveLength(1);
});

test('revoke ends it; a name that is not there is exit code 2 and says which are', async () => {
  await create();
  expect(await token('revoke', 'ci')).toMatchObject({ code: 0, out: 'token "ci" revoked\n' });
  expect(await listed()).toEqual([]);
  await token('create', '--name', 'other', '--role', 'viewer');
  expect(await token('revoke', 'ci')).toMatchObject({ code: 2, err: expect.stringContaining('known: other') });
  expect(await token('rotate', 'ci')).toMatchObject({ code: 2 });
});

test('rotate prints a new secret; the one before works for a day, for as long as was said, or not at all', async () => {
  await create();
  const { code, out, err } = await token('rotate', 'ci');
  expect([code, SECRET.test(out)]).toEqual([0, true]);
  expect(err).toMatch(/works until \d{4}-/);
  const [day] = await listed();
  expect(Date.parse(day?.old[0]?.until ?? '') - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
  const short = JSON.parse((await token('rotate', 'ci', '--grace', '10m', '--json')).out) as { oldUntil: string };
  expect(Date.parse(short.oldUntil) - Date.now()).toBeLessThanOrEqual(600_000);
  expect((await token('rotate', 'ci', '--grace', '0')).err).toContain('no longer works');
  const [row] = await listed();
  expect([row?.old, row?.keyId === day?.keyId]).toEqual([[], false]);
  expect((await token('rotate', 'ci', '--grace', 'long')).code).toBe(64);
  const moved = await token('rotate', 'ci', '--expires', '2999-01-01T09:00+01:00');
  expect([moved.code, (await listed())[0]?.expiresAt]).toEqual([0, '2999-01-01T08:00:00.000Z']);
});

test('an end is a length of time, a day, a moment or never; nothing else, and not the past', () => {
  const now = Date.UTC(2026, 10, 21);
  expect(expiryOf('90d', now)).toBe(now + 90 * 86_400_000);
  expect(expiryOf('2027-01-01', now)).toBe(Date.UTC(2027, 0, 1));
  expect(expiryOf('2028-02-29', now)).toBe(Date.UTC(2028, 1, 29));
  expect(expiryOf('2027-01-01T09:00Z', now)).toBe(Date.UTC(2027, 0, 1, 9));
  expect([expiryOf('Never', now), expiryOf(undefined, now)]).toEqual([null, undefined]);
  const wrong = [
    '2026-11-21',
    '2020-01-01',
    '2027-02-30',
    '2027-13-01',
    '0d',
    '90',
    'soon',
    '1e9d',
    '2027-01-01T25:00Z',
  ];
  for (const text of wrong) expect(() => expiryOf(text, now)).toThrow('--expires');
});

describe('the person', () => {
  const YAML = `
organization: Example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "http://127.0.0.1:9911/ana" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, ana] }
sources:
  alertmanager: { token: a-long-enough-token }
routes:
  - team: platform
`;
  const forPerson = (person: string): Promise<CliResult> => create('--person', person);

  test('must be one of the configuration, where there is one: exit code 64, and who is known', async () => {
    writeFileSync(join(folder, 'tocsin.yaml'), YAML);
    const { code, out, err } = await forPerson('anna');
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain('no "anna" in');
    expect(err).toContain('known: ana');
    expect(await listed()).toEqual([]);
    expect((await forPerson('ana')).code).toBe(0);
  });

  test('is not held against a configuration that is elsewhere or cannot be read, which is said', async () => {
    expect(await forPerson('anna')).toMatchObject({ code: 0, err: expect.not.stringContaining('not checked') });
    await token('revoke', 'ci');
    writeFileSync(join(folder, 'tocsin.yaml'), YAML.replace('a-long-enough-token', '${NOT_HERE}'));
    expect(await forPerson('anna')).toMatchObject({ code: 0, err: expect.stringContaining('could not check') });
  });
});

test('what was done and what was refused is audited by name, and never by value', async () => {
  const secrets = [(await create()).out.trim()];
  await create();
  secrets.push((await token('rotate', 'ci')).out.trim());
  await token('revoke', 'nobody');
  await token('revoke', 'ci');
  await token('list');
  expect(audited()).toEqual([
    ...['token.create ci done', 'token.create ci refused', 'token.rotate ci done'],
    ...['token.revoke nobody refused', 'token.revoke ci done'],
  ]);
  const text = readdirSync(join(folder, 'audit')).map((name) => readFileSync(join(folder, 'audit', name), 'utf8'));
  for (const secret of secrets) expect(text.join('')).not.toContain(secret.slice(7));
});

test('an audit that cannot be written is said, and stops nothing', async () => {
  writeFileSync(join(folder, 'audit'), 'in the way');
  const { code, out, err } = await create();
  expect([code, SECRET.test(out)]).toEqual([0, true]);
  expect(err).toContain('the audit could not be written');
});

test('a broken token file is a mistake of configuration', async () => {
  writeFileSync(join(folder, 'tokens.json'), 'not JSON');
  for (const argv of [['list'], ['revoke', 'ci'], ['create', '--name', 'x', '--role', 'viewer']]) {
    const { code, err } = await token(...argv);
    expect(code).toBe(78);
    expect(err).toContain('tokens.json');
  }
});

test('a token that acts for nobody cannot have the name of a person or a team, in any spelling; one that acts for that person can', async () => {
  const yaml =
    'organization: X\npublicUrl: http://127.0.0.1:8080\npeople: { ana: { name: Ana Ruiz, contact: [terminal] } }\n';
  const rest =
    'teams: { t: { onCall: ana, escalation: [onCall] } }\nsources: { generic: { token: none } }\nroutes: [{ team: t }]\nschedules: { weekends: {} }\n';
  writeFileSync(join(folder, 'tocsin.yaml'), yaml + rest);
  const named = (name: string, ...argv: string[]) => token('create', '--name', name, '--role', 'viewer', ...argv);
  for (const name of ['ana', 'Ana', 'ana ruiz']) {
    const { code, err } = await named(name);
    expect([code, err]).toEqual([64, expect.stringContaining(`"${name}" is a person in`)]);
  }
  for (const name of ['t', 'T', 'onCall', 'weekends']) {
    const { code, err } = await named(name);
    expect([code, err]).toEqual([64, expect.stringContaining(`"${name}" stands for people in`)]);
  }
  expect((await named('t', '--person', 'ana')).code).toBe(0);
  expect((await named('ana', '--person', 'ana')).code).toBe(0);
  expect((await named("Ana's laptop")).code).toBe(0);
});
