/** `npm run new` in a copy of the repository: what it makes has no type errors, no lint, and its own tests pass. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const KINDS = ['provider', 'source', 'command', 'config'];
/** Large, and nothing to do with it. */
const LEFT_OUT = /^(node_modules|\.git|\.tocsin|test\/(replay|fixtures)|bench|deploy)$/;

let copy: string;
const made: string[] = [];

/** What a program prints, with all that it complains about. */
function run(file: string, ...args: readonly string[]) {
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd: copy, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'tocsin-new-'));
  cpSync(ROOT, copy, {
    recursive: true,
    filter: (from) => from === ROOT || !LEFT_OUT.test(from.slice(ROOT.length + 1)),
  });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const kind of KINDS) {
    const files = run('scripts/new.js', kind, `an-example-${kind}`).stdout.trim().split('\n');
    made.push(...files.filter((file) => existsSync(join(copy, file))));
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test.each(KINDS)('a new %s has a source, a test and a place in the docs, and is registered', (kind) => {
  const text = made.map((file) => `${file}\n${readFileSync(join(copy, file), 'utf8')}`);
  const camel = `anExample${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const name = new RegExp(`an-example-${kind}|${camel}`, 'i');
  for (const where of [/^test\/.*\.test\.ts$/, /^docs\/.*\.md$/, /^(?!test|docs).*\.ts$/]) {
    expect(made.some((file, at) => where.test(file) && name.test(text[at] ?? ''))).toBe(true);
  }
});

test('the compiler accepts everything that was made', () => {
  // With all that is compiled from these, so that a list which must name every command is not forgotten.
  const files = [...made.filter((file) => file.endsWith('.ts')), 'cli/main.ts', 'workflows/index.ts'];
  const compilerOptions = { incremental: false, tsBuildInfoFile: null };
  writeFileSync(
    join(copy, 'tsconfig.made.json'),
    JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: [], files }),
  );
  expect(run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.made.json')).toMatchObject({ status: 0, stdout: '' });
});

test('the linter finds nothing in the new files', () => {
  const files = made.filter((file) => file.endsWith('.ts') && file.includes('an-example'));
  expect(files).toHaveLength(7);
  expect(run('node_modules/eslint/bin/eslint.js', ...files)).toMatchObject({ status: 0, stdout: '' });
});

test('the tests that were made pass', () => {
  const tests = made.filter((file) => file.endsWith('.test.ts'));
  expect(tests).toHaveLength(KINDS.length);
  const { status, stderr } = run('node_modules/jest/bin/jest.js', '--runTestsByPath', ...tests);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining(`${KINDS.length} passed`) });
});

test.each([[['provider', 'Bad_Name']], [['vendor', 'x']], [[]]])('%j is refused with the usage', (args) => {
  const { status, stderr } = run('scripts/new.js', ...args);
  expect(status).toBe(2);
  expect(stderr).toContain('usage: npm run new');
});
