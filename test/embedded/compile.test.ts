/** The launcher's compiler: nothing is compiled twice, everything that changed is, two at once do no harm. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const REPOSITORY = join(import.meta.dirname, '../..');
let root: string;

/** A repository of two files, with the packages of the real one and a cache of its own. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-compile-'));
  for (const dir of ['cli', 'records', 'webhook-server/ingest/parsing', 'workflows', 'node_modules']) {
    mkdirSync(join(root, dir), { recursive: true });
  }
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(REPOSITORY, 'node_modules', name), join(root, 'node_modules', name));
  }
  writeFileSync(join(root, 'package-lock.json'), '{}');
  for (const thread of ['records/pglite-thread.js', 'webhook-server/ingest/parsing/parse-thread.ts']) {
    writeFileSync(join(root, thread), 'export {};\n');
  }
  writeFileSync(
    join(root, 'cli/main.ts'),
    `import { ulid } from 'ulid';\nexport const said: number = ulid().length;\n`,
  );
  writeFileSync(join(root, 'workflows/index.ts'), 'export async function nothing(): Promise<void> {}\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Compiled {
  readonly dir: string;
  readonly compiled: boolean;
  readonly said: number;
}

async function compile(env: Record<string, string> = {}): Promise<Compiled> {
  const script = `
    import { compile } from ${JSON.stringify(join(REPOSITORY, 'bin/compile.js'))};
    const result = await compile({ root: ${JSON.stringify(root)} });
    const { said } = await import(result.dir + '/cli/main.js');
    console.log(JSON.stringify({ ...result, said }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], HOME: root, ...env },
  });
  return JSON.parse(stdout) as Compiled;
}

test('the second start compiles nothing', async () => {
  const first = await compile();
  expect(first).toMatchObject({ compiled: true, said: 26 });
  expect(readdirSync(first.dir)).toContain('workflow-bundle.js');
  expect(await compile()).toEqual({ ...first, compiled: false });
}, 60_000);

test('a changed source is compiled', async () => {
  const { dir } = await compile();
  writeFileSync(join(root, 'cli/main.ts'), 'export const said = 1;\n');
  const second = await compile();
  expect(second).toMatchObject({ compiled: true, said: 1 });
  expect(second.dir).not.toBe(dir);
}, 60_000);

test('two that compile at once end with the same whole result and leave no rubbish', async () => {
  const [one, two] = await Promise.all([compile(), compile()]);
  expect(one).toMatchObject({ said: 26 });
  expect(two).toMatchObject({ dir: one.dir, said: 26 });
  expect(readdirSync(join(root, 'node_modules/.cache/tocsin'))).toHaveLength(1);
}, 60_000);

test("where node_modules may not be written, the user's cache serves, and packages are found from there", async () => {
  writeFileSync(join(root, 'node_modules/.cache'), 'not a directory');
  const cache = join(root, 'elsewhere');
  const { dir, said } = await compile({ XDG_CACHE_HOME: cache });
  expect(dir.startsWith(cache)).toBe(true);
  expect(said).toBe(26);
}, 60_000);
