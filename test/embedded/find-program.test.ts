/** Finding programs: in order, with reasons, made once though several ask. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotAvailable, firstAvailable, installOnce } from '../../embedded/find-program.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tocsin-acquire-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const fails = (name: string, why: string) => ({ name, find: () => Promise.reject(new Error(`${why}\nat x`)) });
const lacks = (name: string) => ({ name, find: () => Promise.reject(new NotAvailable('not set')) });

/** What a search says, and what it says only with `--verbose`. */
function report() {
  const said: string[] = [];
  const hidden: string[] = [];
  return {
    said,
    hidden,
    say: (line: string) => void said.push(line),
    verbose: (line: string) => void hidden.push(line),
  };
}

test('the first source that has it wins; one that failed says in one line why', async () => {
  const to = report();
  const sources = [fails('one', 'no disk'), { name: 'two', find: async () => '/two' }, fails('three', 'never asked')];
  expect(await firstAvailable('It', sources, to)).toBe('/two');
  expect(to.said).toEqual(['It: one: no disk', 'It: found: two']);
});

test('places that are merely empty are not worth a line', async () => {
  const to = report();
  const sources = [lacks('one'), { name: 'two', find: async () => '/two' }];
  expect(await firstAvailable('It', sources, to)).toBe('/two');
  expect(to.said).toEqual([]);
  expect(to.hidden).toEqual(['It: one: not set', 'It: found: two']);
});

test('when nothing has it, the error lists every place and its reason', async () => {
  const search = firstAvailable('It', [lacks('one'), fails('two', 'no net')], report());
  await expect(search).rejects.toMatchObject({ message: 'It was not found:\n  one: not set\n  two: no net' });
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

test('the SDK’s download needs no package that `npm ci --omit=dev` leaves out', () => {
  const root = join(import.meta.dirname, '../..');
  const script = readFileSync(join(root, 'embedded/download-temporal.ts'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
  const imported = [...script.matchAll(/from '(@[^']+)'/g)].map(([, name]) => name);
  expect(imported).toEqual(['@temporalio/worker', '@temporalio/testing']);
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(imported));
});
