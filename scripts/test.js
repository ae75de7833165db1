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
const SENDERS = 'test/e2e/senders';
/** What a test says when its servers, not its promises, failed. */
const TROUBLE = /Exceeded timeout of|Failed to start ephemeral server|Channel has been shut down/;
/** One after the other; those of one row beside each other. */
const SUITES = [
  [{ name: 'unit', project: 'unit', args: ['--maxWorkers=2'], leaves: [] }],
  // Real servers and skipped time: one file at a time, in two halves, since most of it is waiting.
  [
    { name: 'stories', project: 'system', args: ['--runInBand'], leaves: ['/test/faults/', VOICES, SENDERS] },
    {
      name: 'faults',
      project: 'system',
      args: ['--runInBand'],
      leaves: ['/test/replay/', '/test/e2e/(?!senders)', '/test/scenarios/(?!voices)'],
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
for (const suite of suites) await tryAgain(suite);
rmSync(workflows, { recursive: true, force: true });
report();

/**
 * @typedef {{ file: string, passed: number, failed: number, skipped: string[], isTrouble: boolean }} Result of one file
 * @returns {Promise<{ name: string, project: string, results: Result[], again: string[] }>}
 */
async function run({ name, project, args, leaves }) {
  const left = [...leaves, ...(testServerMissing === null ? [] : ['/test/scenarios/'])];
  const without = left.flatMap((pattern) => ['--testPathIgnorePatterns', pattern]);
  const some = patterns.length === 0 ? [] : ['--passWithNoTests'];
  return {
    name,
    project,
    results: await resultsOf(patterns, ['--selectProjects', project, ...args, ...some, ...without]),
  };
}

/**
 * A file of real servers in which the machine gave out (a server that did not start, a clock that stood still), and in
 * which nothing was found to be other than expected, has one more try, alone; the report says so.
 */
async function tryAgain(suite) {
  suite.again = [];
  if (suite.project !== 'system') return;
  for (const [at, { file, isTrouble }] of suite.results.entries()) {
    if (!isTrouble || file === '') continue;
    suite.again.push(relative(root, file));
    const [result] = await resultsOf([file], ['--selectProjects', 'system', '--runInBand', '--runTestsByPath']);
    suite.results[at] = result;
  }
}

async function resultsOf(some, options) {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  const output = join(dir, 'result.json');
  try {
    const code = await jest([...some, ...options, '--forceExit', '--json', '--outputFile', output]);
    return read(output, code);
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
function read(output, code) {
  let results;
  try {
    results = JSON.parse(readFileSync(output, 'utf8')).testResults.map(resultOf);
  } catch {
    results = [];
  }
  const nothingFailed = results.every(({ failed }) => failed === 0);
  if (nothingFailed && code !== 0) results.push({ file: '', passed: 0, failed: 1, skipped: [], isTrouble: false });
  return results;
}

function resultOf({ name: file, status: whole, message, assertionResults }) {
  const those = (...statuses) => assertionResults.filter(({ status }) => statuses.includes(status));
  const failures = those('failed');
  // Only a file that could not be run says why in its message; else that shows the source as well.
  const words = failures.length === 0 ? message : failures.flatMap(({ failureMessages }) => failureMessages).join('\n');
  return {
    file,
    passed: those('passed').length,
    failed: failures.length === 0 && whole === 'failed' ? 1 : failures.length,
    skipped: those('pending', 'todo', 'disabled').map(({ fullName }) => `${relative(root, file)}: ${fullName}`),
    isTrouble: whole === 'failed' && TROUBLE.test(words) && !words.includes('expect('),
  };
}

function report() {
  const sum = (results, what) => results.reduce((total, result) => total + result[what], 0);
  const rows = suites.map(({ name, results }) => ({
    name,
    passed: sum(results, 'passed'),
    failed: sum(results, 'failed'),
  }));
  const skipped = suites.flatMap(({ results }) => results.flatMap((result) => result.skipped));
  if (strict && skipped.length > 0) rows.push({ name: 'skipped', passed: 0, failed: skipped.length });
  if (testServerMissing !== null) skipped.push(`test/scenarios: ${testServerMissing}`);
  const passed = sum(rows, 'passed');
  // Nothing at all was never a success.
  if (passed === 0 && patterns.length === 0) rows.push({ name: 'any test at all', passed: 0, failed: 1 });
  const failed = sum(rows, 'failed');

  console.log();
  for (const test of skipped) console.log(`skipped: ${test}`);
  for (const file of suites.flatMap(({ again }) => again)) console.log(`run again, the machine gave out: ${file}`);
  for (const suite of rows) console.log(`${suite.name}: ${suite.passed} passed, ${suite.failed} failed`);
  const file = process.env.TOCSIN_TEST_SUMMARY;
  if (file) writeFileSync(file, rows.map(({ name, passed, failed }) => `${passed} ${failed} ${name}\n`).join(''));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
