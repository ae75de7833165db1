/** Commands that need no server: the configuration, and handing over to a process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { NO_PROCESSES, callCli } from './run-cli.ts';

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
    const { code, out } = await callCli(['config', 'check'], { cwd: folder, env: ENV });
    expect({ code, last: out.trim().split('\n').at(-1) }).toEqual({ code: 0, last: `${file}: in order` });
    const { out: asJson } = await callCli(['config', 'check', '--file', file, '--json'], { env: ENV });
    expect(JSON.parse(asJson)).toMatchObject({
      file,
      problems: [],
      warnings: expect.any(Array),
      notYet: expect.any(Array),
    });
  });

  test('every mistake is shown at once with file and line, and the exit code is 78', async () => {
    const file = write(GOOD.replace('onCall: ana', 'onCall: ann').replace('organization', 'organisation'));
    const { code, out } = await callCli(['config', 'check', '--file', file]);
    expect(code).toBe(78);
    expect(out).toContain(`${file}:2`);
    expect(out).toContain('ann');
    expect(out).toContain('ALERTS_TOKEN');
    const { code: again, out: asJson } = await callCli(['config', 'check', '--file', file, '--json']);
    expect(again).toBe(78);
    expect((JSON.parse(asJson) as { problems: unknown[] }).problems.length).toBeGreaterThanOrEqual(3);
  });

  test('without any file the sample organization is in order; a file that was asked for must be there', async () => {
    const { code, out } = await callCli(['config', 'check'], { cwd: folder });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('sample organization') });
    expect((await callCli(['config', 'check', '--file', join(folder, 'none.yaml')])).code).toBe(78);
  });
});

test('config schema prints one JSON Schema', async () => {
  const { code, out } = await callCli(['config', 'schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ $schema: expect.any(String), properties: { people: expect.anything() } });
});

test.each([
  ['up', 'up'],
  ['server', 'server'],
  ['worker', 'worker'],
  ['records rebuild', 'rebuildRecords'],
] as const)('%s hands its environment to the process and on its exit code', async (words, name) => {
  const env = { PORT: '1234' };
  const processes = { ...NO_PROCESSES, [name]: async (options: { env: unknown }) => (options.env === env ? 69 : 0) };
  expect(await callCli(words.split(' '), { env, processes })).toEqual({ code: 69, out: '', err: '' });
});

test('a bug is called one, and never looks like success', async () => {
  const { code, err } = await callCli(['up']);
  expect(code).toBe(70);
  expect(err).toContain('a bug in tocsin');
});
