/**
 * `npm run path-files`: prints which of our files run between an alert's route and the call that pages somebody, and
 * between a command's route and `decide`. Everything but Temporal's server runs in this process, and V8 counts the
 * functions that are called. Each is measured once caches are warm, and without loading the configuration and logging.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from '../bin/compile.js';

const root = join(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'tocsin-path-files-'));
const TOKEN = 'path-files-token';
const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` };
/** What runs for every request before its handler, or writes a log. */
const APART = /^webhook-server\/(http|security|audit|app|server)\b|^runtime\/log/;
const TARGETS = { page: 40, decide: 25 };

const print = process.stdout.write.bind(process.stdout);
const { dir } = await compile({ root, out: join(root, 'node_modules/.cache/tocsin-path-files') });
const session = new Session();
session.connect();
let onPage;
const sink = await listen((request, response) => {
  onPage?.();
  request.resume();
  response.end('{}');
});
const port = await freePort();
writeFileSync(
  join(home, 'tocsin.yaml'),
  `organization: Example
people: { ana: { name: Ana, contact: [{ webhook: 'http://127.0.0.1:${sink.port}/' }] } }
teams: { platform: { onCall: ana, escalation: [onCall] } }
sources: { alertmanager: { token: '${TOKEN}' } }
routes: [{ team: platform, severity: SEV2 }]
`,
);
await startTocsin();

const page = await measure((name) => {
  const paged = new Promise((resolve) => (onPage = () => resolve(takeCoverage())));
  return send('/webhooks/alertmanager', message(name)).then(() => paged);
});
const answer = await fetch(`http://127.0.0.1:${port}/api/v1/incidents`, { headers: AUTHORIZATION });
const { incidents } = await answer.json();
const decide = await measure(async () => {
  // Refused, so that nothing runs after `decide`: an open incident cannot be reopened.
  const refused = await send(`/api/v1/incidents/${incidents[0].workflowId}/reopen`, { by: 'ana', reason: 'measured' });
  if (refused.status !== 409) throw new Error(`a refusal was expected, not ${refused.status}: ${await refused.text()}`);
  return takeCoverage();
});

report('alert → page: from the handler of /webhooks/alertmanager to the call of the webhook', page, TARGETS.page);
report('command → decide: from the handler of /incidents/:id/reopen to its refusal', decide, TARGETS.decide);
process.kill(process.pid, 'SIGTERM');
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

/** `tocsin up` in this process; workflows too, instead of in the SDK's threads. */
async function startTocsin() {
  Object.assign(process.env, {
    TEMPORAL_DEBUG: '1',
    TOCSIN_HOME: join(home, 'state'),
    TOCSIN_CONFIG: join(home, 'tocsin.yaml'),
    TOCSIN_ROOT: root,
    TOCSIN_BUILD_DIR: dir,
    TOCSIN_ADMIN_TOKEN: TOKEN,
    TOCSIN_TEMPORAL_PORT: String(await freePort()),
    TOCSIN_TEMPORAL_UI_PORT: String(await freePort()),
    PORT: String(port),
  });
  process.argv.splice(2, Infinity, 'up');
  process.stdout.write = () => true;
  void import(pathToFileURL(join(dir, 'cli/main.js')).href);
  await settled();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
}

/** Ready, and the records have been reached. */
async function settled() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.ok && (await answer.json()).records === 'up') break;
  }
  await new Promise((resolve) => setTimeout(resolve, 2000));
}

/** The files whose functions `act` calls before it takes the coverage, the second time that it is done. */
async function measure(act) {
  await act('Warming');
  await settled();
  await takeCoverage();
  return filesOf(await act('Measured'));
}

/** Taken at once, though the answer comes later. Starts the count anew. */
async function takeCoverage() {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result;
}

function filesOf(scripts) {
  const called = new Map();
  for (const { url, functions } of scripts) {
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (!file.startsWith(dir) && !file.includes('workflow-bundle')) continue;
    const sources = sourcesIn(file.startsWith('/') ? file : join(dir, 'workflow-bundle.js'));
    for (const { functionName, ranges } of functions) {
      const [{ count, startOffset, endOffset }] = ranges;
      const source = sources.findLast(({ offset }) => offset <= startOffset);
      // A module itself is a function that contains the beginnings of others.
      const isModule = sources.some(({ offset }) => offset > startOffset && offset < endOffset);
      if (count === 0 || isModule || source === undefined || source.file === '') continue;
      called.set(source.file, (called.get(source.file) ?? new Set()).add(functionName || '(anonymous)'));
    }
  }
  return called;
}

/** Where each source begins in a compiled file: the bundler writes its name into a comment. */
function sourcesIn(file) {
  const own =
    /^(activities|bin|cli|config|domain|embedded|providers|records|runtime|schedules|webhook-server|worker|workflows)\//;
  return [...readFileSync(file, 'utf8').matchAll(/^\s*(?:\/\/ (\S+\.[jt]sx?)|\/\*\*\*\/.*)$/gm)].map(
    ({ index, 1: name }) => ({
      offset: index,
      file: name !== undefined && own.test(name) ? name : '',
    }),
  );
}

function report(title, called, target) {
  const files = [...called.keys()].filter((file) => !APART.test(file)).sort();
  const lines = files.map((file) => `  ${file}: ${[...called.get(file)].slice(0, 5).join(', ')}`);
  print(`\n${title}: ${files.length} files (target: at most ${target})\n${lines.join('\n')}\n`);
}

function send(path, body) {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { ...AUTHORIZATION, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A message of Alertmanager with one firing alert. */
function message(alertname) {
  const labels = { alertname, service: 'payments', severity: 'critical' };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname },
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example',
    truncatedAlerts: 0,
    alerts: [
      {
        status: 'firing',
        labels,
        annotations: { summary: 'Payments fail' },
        startsAt: new Date().toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example/graph',
        fingerprint: createHash('md5').update(alertname).digest('hex').slice(0, 16),
      },
    ],
  };
}

async function listen(handle) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  server.unref();
  return { port: server.address().port };
}

async function freePort() {
  const socket = createSocket().listen(0, '127.0.0.1');
  await new Promise((resolve) => socket.once('listening', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
