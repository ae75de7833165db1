/**
 * `npm test`: every suite but those that run only when named, what was skipped, and as the last line
 * `N passed, N failed`. `--suite NAME` (several may be given) runs only that suite. All other arguments go to Jest:
 * `npm test -- test/domain`, `npm run test:scenarios -- merge -t "both answered"`.
 *
 * `TOCSIN_TEST_SUMMARY` names a file that gets one line for each suite: passed, failed, name. With `CI=true` a skipped
 * test is a failed test.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { acquire } from './acquire.js';
import { bundleWorkflows } from './bundle-workflows.js';

/**
 * Rows run one after the other; the suites of a row share its Jest workers, so that no core waits for the other.
 * `servers`: it needs the Temporal servers and the workflow bundle. The workers are for two cores; scenarios and system
 * tests spend much of their time waiting, so there are three of them.
 */
const ROWS = [
  { suites: ['unit'], servers: false, workers: 2 },
  { suites: ['integration'], servers: true, workers: 2 },
  { suites: ['scenarios', 'system'], servers: true, workers: 3 },
  { suites: ['replay'], servers: true, workers: 1, onlyWhenNamed: true },
  { suites: ['endurance'], servers: true, workers: 1, onlyWhenNamed: true },
  { suites: ['texts'], servers: true, workers: 1, onlyWhenNamed: true },
];
const LIMIT_MS = 30 * 60_000;
const WITHOUT_SERVERS = { env: {}, testServerMissing: null };

const root = join(import.meta.dirname, '..');
const strict = process.env.CI === 'true';
const { wanted, jestArgs } = parseArguments(process.argv.slice(2));

const temporary = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
let servers;
const outcomes = [];
try {
  for (const row of ROWS) {
    const suites = row.suites.filter((name) => (wanted.length > 0 ? wanted.includes(name) : !row.onlyWhenNamed));
    if (suites.length === 0) continue;
    // A pattern that names tests of one suite must not fetch the servers of another.
    if (jestArgs.length > 0 && !(await hasTests(suites))) continue;
    try {
      const { env, testServerMissing } = row.servers ? (servers ??= await prepareServers()) : WITHOUT_SERVERS;
      outcomes.push(...(await run(suites, { env, testServerMissing, workers: row.workers })));
    } catch (error) {
      console.error(error.remedy === undefined ? error.message : `${error.message}\n${error.remedy}`);
      outcomes.push({ name: suites.join(' and '), passed: 0, failed: 1, skipped: [], seconds: 0 });
    }
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
report();

/** @returns {{ wanted: string[], jestArgs: string[] }} exits with 2 for a suite that does not exist */
function parseArguments(args) {
  const known = ROWS.flatMap(({ suites }) => suites);
  const wanted = [];
  const jestArgs = [];
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] !== '--suite') {
      jestArgs.push(args[at]);
      continue;
    }
    at += 1;
    if (!known.includes(args[at])) {
      console.error(`--suite ${args[at] ?? ''}: there is no such suite; there are ${known.join(', ')}`);
      process.exit(2);
    }
    wanted.push(args[at]);
  }
  return { wanted, jestArgs };
}

/** The programs and the workflow bundle, before any test's time limit begins to count. */
async function prepareServers() {
  const { env, testServerMissing } = await acquire(root);
  if (testServerMissing !== null && strict) throw new Error(`CI skips nothing: ${testServerMissing}`);
  return { env: { ...env, TOCSIN_TEST_WORKFLOWS: await bundleWorkflows(root, temporary) }, testServerMissing };
}

/**
 * Runs the suites of a row in one Jest.
 *
 * @typedef {{ name: string, passed: number, failed: number, skipped: string[], seconds: number }} Outcome of one suite
 * @returns {Promise<Outcome[]>}
 */
async function run(suites, { env, testServerMissing, workers }) {
  const runnable = suites.filter((name) => name !== 'scenarios' || testServerMissing === null);
  const outcomes = new Map(suites.map((name) => [name, { name, passed: 0, failed: 0, skipped: [], seconds: 0 }]));
  if (runnable.length < suites.length) outcomes.get('scenarios').skipped.push(`test/scenarios: ${testServerMissing}`);
  if (runnable.length === 0) return [...outcomes.values()];

  const output = join(temporary, `${runnable.join('-')}.json`);
  const started = Date.now();
  const code = await jest(
    [
      ...jestArgs,
      ...['--selectProjects', ...runnable, `--maxWorkers=${workers}`, '--forceExit', '--json', '--outputFile', output],
      ...(jestArgs.length > 0 ? ['--passWithNoTests'] : []),
    ],
    env,
  );
  const seconds = (Date.now() - started) / 1000;
  for (const file of readResults(output)) add(outcomes.get(suiteOf(file.name, runnable)), file);

  const all = [...outcomes.values()];
  for (const outcome of all) outcome.seconds = seconds;
  // A file that could not be run at all, or a run that left no result, is a failure though no test says so.
  if (code !== 0 && all.every(({ failed }) => failed === 0)) all[0].failed += 1;
  return all;
}

function suiteOf(file, suites) {
  const [, folder] = relative(root, file).split('/');
  return suites.find((name) => name === folder) ?? suites.at(-1);
}

function add(outcome, { name: file, status, assertionResults }) {
  const count = (...wanted) => assertionResults.filter((test) => wanted.includes(test.status));
  const failed = count('failed').length;
  outcome.passed += count('passed').length;
  outcome.failed += failed === 0 && status === 'failed' ? 1 : failed;
  for (const { fullName } of count('pending', 'todo', 'disabled')) {
    outcome.skipped.push(`${relative(root, file)}: ${fullName}`);
  }
}

function readResults(output) {
  try {
    return JSON.parse(readFileSync(output, 'utf8')).testResults;
  } catch {
    return [];
  }
}

async function hasTests(suites) {
  const output = join(temporary, 'tests.json');
  await jest(
    [...jestArgs, '--selectProjects', ...suites, '--listTests', '--json', '--outputFile', output],
    {},
    'ignore',
  );
  return readFileSync(output, 'utf8') !== '[]';
}

/** @returns {Promise<number>} the exit code; 1 when it had to be ended */
function jest(args, env, stderr = 'inherit') {
  const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...args], {
    cwd: root,
    env: { ...process.env, ...env, NODE_OPTIONS: options.filter(Boolean).join(' ') },
    stdio: ['ignore', 'ignore', stderr],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}

function report() {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const rows = outcomes.map(({ name, passed, failed, seconds }) => ({ name, passed, failed, seconds }));
  if (strict && skipped.length > 0) rows.push({ name: 'skipped', passed: 0, failed: skipped.length });
  const sum = (what) => rows.reduce((total, row) => total + row[what], 0);
  // A run in which nothing passed is never a success.
  if (sum('passed') === 0) rows.push({ name: 'any test at all', passed: 0, failed: 1 });

  console.log();
  for (const test of skipped) console.log(`skipped: ${test}`);
  for (const { name, passed, failed, seconds } of rows) {
    const duration = seconds === undefined ? '' : ` (${Math.round(seconds)} s)`;
    console.log(`${name}: ${passed} passed, ${failed} failed${duration}`);
  }
  const file = process.env.TOCSIN_TEST_SUMMARY;
  if (file) writeFileSync(file, rows.map(({ name, passed, failed }) => `${passed} ${failed} ${name}\n`).join(''));
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
