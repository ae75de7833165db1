/**
 * `npm test`: both suites, what was skipped, and as the last line `N passed, N failed`. Arguments go to Jest
 * (`npm test -- test/domain`). `TOCSIN_TEST_SUMMARY` names a file for the numbers, a line a suite. With `CI=true` a skipped
 * test is a failed one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { acquire } from './acquire.js';
import { bundleWorkflows } from './bundle-workflows.js';

const root = join(import.meta.dirname, '..');
const LIMIT_MS = 20 * 60_000;
const VOICES = 'test/scenarios/voices';
/** One after the other; those of one row beside each other. */
const SUITES = [
  [{ name: 'unit', project: 'unit', args: ['--maxWorkers=2'], leaves: [] }],
  // Real servers and skipped time: one file at a time, in two halves, since most of it is waiting.
  [
    { name: 'stories', project: 'system', args: ['--runInBand'], leaves: ['/test/faults/', VOICES] },
    {
      name: 'faults',
      project: 'system',
      args: ['--runInBand'],
      leaves: ['/test/(e2e|replay)/', '/test/scenarios/(?!voices)'],
    },
  ],
];
const strict = process.env.CI === 'true';
const patterns = process.argv.slice(2);

const { env, testServerMissing } = await acquire(root);
if (testServerMissing !== null && strict) throw new Error(`CI skips nothing: ${testServerMissing}`);

const workflows = mkdtempSync(join(tmpdir(), 'tocsin-workflows-'));
env.TOCSIN_TEST_WORKFLOWS = await bundleWorkflows(root, workflows);

const suites = [];
for (const row of SUITES) suites.push(...(await Promise.all(row.map(run))));
rmSync(workflows, { recursive: true, force: true });
report();

/** @returns {Promise<{ name: string, passed: number, failed: number, skipped: string[] }>} */
async function run({ name, project, args, leaves }) {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  const output = join(dir, 'result.json');
  const left = [...leaves, ...(testServerMissing === null ? [] : ['/test/scenarios/'])];
  const without = left.flatMap((pattern) => ['--testPathIgnorePatterns', pattern]);
  const some = patterns.length === 0 ? [] : ['--passWithNoTests'];
  const options = ['--selectProjects', project, ...args, '--forceExit', '--json', '--outputFile', output];
  try {
    const code = await jest([...patterns, ...options, ...some, ...without]);
    return { name, ...count(output, code) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function jest(args) {
  const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...args], {
    cwd: root,
    env: { ...process.env, ...env, NODE_OPTIONS: options.filter(Boolean).join(' ') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}

/** A file that could not be run at all, or a run that left no result, is a failure though no test says so. */
function count(output, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(output, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const skipped = result.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => ['pending', 'todo', 'disabled'].includes(status))
      .map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
  );
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}

function report() {
  const skipped = suites.flatMap((suite) => suite.skipped);
  if (strict && skipped.length > 0) suites.push({ name: 'skipped', passed: 0, failed: skipped.length, skipped: [] });
  if (testServerMissing !== null) skipped.push(`test/scenarios: ${testServerMissing}`);
  const passed = suites.reduce((sum, suite) => sum + suite.passed, 0);
  // Nothing at all was never a success.
  if (passed === 0 && patterns.length === 0) suites.push({ name: 'any test at all', passed: 0, failed: 1 });
  const failed = suites.reduce((sum, suite) => sum + suite.failed, 0);

  console.log();
  for (const test of skipped) console.log(`skipped: ${test}`);
  for (const suite of suites) console.log(`${suite.name}: ${suite.passed} passed, ${suite.failed} failed`);
  const file = process.env.TOCSIN_TEST_SUMMARY;
  if (file) writeFileSync(file, suites.map(({ name, passed, failed }) => `${passed} ${failed} ${name}\n`).join(''));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
