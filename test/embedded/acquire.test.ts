/** Finding programs: in order, with reasons, made once though several ask. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstOf, installOnce } from '../../embedded/acquire.ts';
import { findTemporalCli } from '../../embedded/temporal-cli.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tocsin-acquire-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const fails = (name: string, why: string) => ({ name, find: () => Promise.reject(new Error(`${why}\nat x`)) });

test('the first source that has it wins; those before it say in one line why they have not', async () => {
  const said: string[] = [];
  const sources = [fails('one', 'no disk'), { name: 'two', find: async () => '/two' }, fails('three', 'never asked')];
  expect(await firstOf('It', sources, (line) => said.push(line), '')).toBe('/two');
  expect(said).toEqual(['It: one: no disk', 'It: found: two']);
});

test('with none, the error lists every reason and what to do, exit code 69', async () => {
  const search = firstOf('It', [fails('one', 'no disk'), fails('two', 'no net')], () => undefined, 'buy one.');
  await expect(search).rejects.toMatchObject({
    exitCode: 69,
    message: 'It was not found:\n  one: no disk\n  two: no net',
    remedy: 'buy one.',
  });
});

test('several at once make it once, and nobody sees it half made', async () => {
  const path = join(dir, 'thing');
  const existing = async (): Promise<string> => (existsSync(path) ? path : Promise.reject(new Error('not there')));
  let made = 0;
  const make = async (temporary: string): Promise<void> => {
    made += 1;
    await sleep(200);
    writeFileSync(temporary, 'whole');
  };
  const one = () => installOnce({ dir, name: 'thing', say: () => undefined }, { existing, make });
  expect(await Promise.all([one(), one(), one()])).toEqual([path, path, path]);
  expect(made).toBe(1);
  expect(readdirSync(dir)).toEqual(['thing']);
}, 20_000);

test('a failure leaves nothing behind, and the next try may succeed', async () => {
  const path = join(dir, 'thing');
  const existing = async (): Promise<string> => (existsSync(path) ? path : Promise.reject(new Error('not there')));
  const install = (make: (temporary: string) => Promise<void>) =>
    installOnce({ dir, name: 'thing', say: () => undefined }, { existing, make });
  await expect(
    install(async (temporary) => {
      writeFileSync(temporary, 'ha');
      throw new Error('the line broke');
    }),
  ).rejects.toThrow('the line broke');
  expect(readdirSync(dir)).toEqual([]);
  expect(await install(async (temporary) => writeFileSync(temporary, 'half'))).toBe(path);
});

test('a Temporal that was named and is missing or broken is passed over with a reason', async () => {
  const broken = join(dir, 'temporal');
  writeFileSync(broken, '#!/bin/sh\necho no such thing >&2; exit 3\n', { mode: 0o755 });
  const good = process.env['TEMPORAL_CLI_PATH'] ?? (await findTemporalCli(() => undefined)).path;
  const onPath = join(dir, 'bin');
  const said: string[] = [];
  const env = { TEMPORAL_CLI_PATH: broken, PATH: `${onPath}:/usr/bin:/bin` };
  const { mkdirSync, symlinkSync } = await import('node:fs');
  mkdirSync(onPath);
  symlinkSync(good, join(onPath, 'temporal'));
  const { path, serverVersion } = await findTemporalCli((line) => said.push(line), env);
  expect(path).toBe(join(onPath, 'temporal'));
  expect(serverVersion).toMatch(/^\d+\.\d+/);
  expect(said[0]).toContain('no such thing');
}, 20_000);
