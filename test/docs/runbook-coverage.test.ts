/** The script that tells which rule has no test: it must not be fooled, since CI believes it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(import.meta.dirname, '../../scripts/runbook-coverage.js');
const RUNBOOK = `# Rules

## Paging
- **[XX-1]** The page leaves at once.
- **[XX-2]** An answer stops it | for all.
- **[XX-3]** (later) It rings twice.

## Record
`;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'coverage-'));
  await mkdir(join(root, 'docs'));
  await mkdir(join(root, 'test/scenarios'), { recursive: true });
  await mkdir(join(root, 'test/deep/er'), { recursive: true });
  await writeFile(join(root, 'docs/runbook.md'), RUNBOOK);
});
afterEach(() => rm(root, { recursive: true }));

/** Runs the script over `tests`; answers its exit code, what it said and the page it left. */
async function run(tests: string, ...flags: string[]): Promise<{ code: number; said: string; page: string }> {
  await writeFile(join(root, 'test/scenarios/a.test.ts'), tests);
  const ended = await promisify(execFile)(process.execPath, [SCRIPT, '--root', root, ...flags]).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (err: { code: number; stdout: string; stderr: string }) => ({ code: err.code, said: err.stdout + err.stderr }),
  );
  const page = await readFile(join(root, 'docs/runbook-coverage.md'), 'utf8').catch(() => '');
  return { ...ended, page };
}

const BOTH = `test('[XX-1] leaves', () => {}); describe.each([1])(\`[XX-2] of \${1}\`, () => {});`;

test('titles of every shape count, and a full page passes the check until something changes', async () => {
  expect((await run(BOTH)).page).toContain(
    '| XX-2 | An answer stops it \\| for all. | [\\[XX-2\\] of …](../test/scenarios/a.test.ts) |',
  );
  expect(await run(BOTH, '--check')).toMatchObject({ code: 0, said: '2 of 2 built rules have a test\n' });
  const stale = await run(`${BOTH} test('[XX-1] again', () => {});`, '--check');
  expect(stale.code).toBe(1);
  expect(stale.said).toContain('out of date');
});

test('a built rule without a test fails the check by name and heads the page; a later one does not', async () => {
  const { page } = await run(`test('[XX-1] leaves', () => {});`);
  expect(page.split('\n')).toEqual(
    expect.arrayContaining(['## Built, without a test', '- **XX-2** An answer stops it | for all.']),
  );
  expect(await run(`test('[XX-1] leaves', () => {});`, '--check')).toMatchObject({
    code: 1,
    said: expect.stringContaining('XX-2 has no test: An answer stops it | for all.\n'),
  });
});

test.each([
  ['a comment', `// test('[XX-2] no', () => {})`],
  ['a skipped test', `test.skip('[XX-2] no', () => {})`],
  ['a test yet to be written', `test.todo('[XX-2] no')`],
  ['another call', `expect('[XX-2]').toBe(1)`],
])('%s holds nothing', async (_what, source) => {
  expect((await run(`test('[XX-1] yes', () => {}); ${source}`)).page).toContain('1 of 2 built rules');
});

test('a tag that names no rule is an error, so that a typing mistake cannot pass for cover', async () => {
  expect(await run(`${BOTH} test('[XX-9] what', () => {});`)).toMatchObject({
    code: 1,
    said: expect.stringContaining('test/scenarios/a.test.ts: XX-9 is no rule'),
  });
});

test('an id given to two rules stops the script', async () => {
  await writeFile(join(root, 'docs/runbook.md'), `${RUNBOOK}- **[XX-1]** Again.\n`);
  expect(await run(BOTH)).toMatchObject({ code: 1, said: expect.stringContaining('XX-1 is the id of two rules') });
});

test('a rule about incidents wants a story in skipped time: a test elsewhere is not enough, but for sections that need none', async () => {
  const elsewhere = `test('[XX-2] stops', () => {}); test('[XX-4] is kept', () => {});`;
  await writeFile(join(root, 'test/deep/er/b.test.ts'), elsewhere);
  await writeFile(join(root, 'docs/runbook.md'), `${RUNBOOK}- **[XX-4]** It is kept.\n`);
  const { page } = await run(`test('[XX-1] leaves', () => {});`);
  expect(page).toContain('3 of 3 built rules have a test; 1 of the 2 about incidents have a story in skipped time');
  expect(page.split('\n')).toEqual(
    expect.arrayContaining(['## Built, without a story', '- **XX-2** An answer stops it | for all.']),
  );
  expect(await run(`test('[XX-1] leaves', () => {});`, '--check')).toEqual({
    code: 1,
    said: expect.stringContaining('XX-2 has no story in test/scenarios/: An answer stops it | for all.\n'),
    page,
  });
  await run(BOTH);
  expect(await run(BOTH, '--check')).toMatchObject({ code: 0 });
});
