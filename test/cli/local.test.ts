/** Commands that need no server: the configuration, tokens, and handing over to a process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Processes } from '../../cli/command.ts';
import { processes as realProcesses } from '../../cli/processes.ts';
import { NO_PROCESSES, tocsin } from './support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-local-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const GOOD = `
organization: Example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "http://127.0.0.1:9911/ana" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, ana] }
sources:
  alertmanager: { token: "\${ALERTS_TOKEN}" }
routes:
  - team: platform
`;
const ENV = { ALERTS_TOKEN: 'a-long-enough-token' };

function write(text: string): string {
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, text);
  return file;
}

describe('config check', () => {
  test('a good file is in order; what is doubtful is said', async () => {
    const file = write(GOOD);
    const { code, out } = await tocsin(['config', 'check'], { cwd: folder, env: ENV });
    expect({ code, last: out.trim().split('\n').at(-1) }).toEqual({ code: 0, last: `${file}: in order` });
    const { out: asJson } = await tocsin(['config', 'check', '--file', file, '--json'], { env: ENV });
    expect(JSON.parse(asJson)).toMatchObject({
      file,
      problems: [],
      warnings: expect.any(Array),
      notYet: expect.any(Array),
    });
  });

  test('every mistake is shown at once with file and line, and the exit code is 78', async () => {
    const file = write(GOOD.replace('onCall: ana', 'onCall: ann').replace('organization', 'organisation'));
    const { code, out } = await tocsin(['config', 'check', '--file', file]);
    expect(code).toBe(78);
    expect(out).toContain(`${file}:2`);
    expect(out).toContain('ann');
    expect(out).toContain('ALERTS_TOKEN');
    const { code: again, out: asJson } = await tocsin(['config', 'check', '--file', file, '--json']);
    expect(again).toBe(78);
    expect((JSON.parse(asJson) as { problems: unknown[] }).problems.length).toBeGreaterThanOrEqual(3);
  });

  test('without any file the sample organization is in order; a file that was asked for must be there', async () => {
    const { code, out } = await tocsin(['config', 'check'], { cwd: folder });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('sample organization') });
    expect((await tocsin(['config', 'check', '--file', join(folder, 'none.yaml')])).code).toBe(78);
  });
});

test('config schema prints one JSON Schema', async () => {
  const { code, out } = await tocsin(['config', 'schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ $schema: expect.any(String), properties: { people: expect.anything() } });
});

describe('token', () => {
  const asked: unknown[] = [];
  const processes: Processes = {
    ...NO_PROCESSES,
    createToken: async (token) => {
      asked.push(token);
      return 'tocsin_once';
    },
    listTokens: async () => [{ name: 'ci', person: null, role: 'viewer', createdAt: '2026-11-21T12:00:00.000Z' }],
  };

  test('create prints nothing but the token, so that a script can take it', async () => {
    const argv = ['token', 'create', '--name', "Ana's laptop", '--person', 'ana', '--role', 'Responder'];
    const { code, out, err } = await tocsin(argv, { processes, cwd: folder });
    expect({ code, out }).toEqual({ code: 0, out: 'tocsin_once\n' });
    expect(err).toContain('only this once');
    expect(err).not.toContain('tocsin_once');
    expect(asked).toEqual([{ home: join(folder, '.tocsin'), name: "Ana's laptop", person: 'ana', role: 'responder' }]);
  });

  test('list shows who has which role', async () => {
    const { out } = await tocsin(['token', 'list'], { processes, cwd: folder });
    expect(out).toBe('2026-11-21T12:00:00.000Z  viewer  ci  –\n');
  });
});

test('a token that was made is in the list of the state directory, and the token itself is not', async () => {
  const context = { processes: realProcesses, env: { TOCSIN_HOME: folder } };
  const made = await tocsin(['token', 'create', '--name', 'ci', '--role', 'viewer', '--json'], context);
  const { token } = JSON.parse(made.out) as { token: string };
  const { code, out } = await tocsin(['token', 'list', '--json'], context);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ tokens: [{ name: 'ci', person: null, role: 'viewer' }] });
  expect(out).not.toContain(token);
});

test('a broken token file is a mistake of configuration', async () => {
  writeFileSync(join(folder, 'tokens.json'), 'not JSON');
  const { code, err } = await tocsin(['token', 'list'], { processes: realProcesses, env: { TOCSIN_HOME: folder } });
  expect(code).toBe(78);
  expect(err).toContain('tokens.json');
});

test.each([
  ['up', 'up'],
  ['server', 'server'],
  ['worker', 'worker'],
  ['records rebuild', 'rebuildRecords'],
] as const)('%s hands its environment to the process and on its exit code', async (words, name) => {
  const env = { PORT: '1234' };
  const processes = { ...NO_PROCESSES, [name]: async (options: { env: unknown }) => (options.env === env ? 69 : 0) };
  expect(await tocsin(words.split(' '), { env, processes })).toEqual({ code: 69, out: '', err: '' });
});

test('a bug is called one, and never looks like success', async () => {
  const { code, err } = await tocsin(['up']);
  expect(code).toBe(70);
  expect(err).toContain('a bug in tocsin');
});
