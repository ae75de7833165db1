/**
 * `npm run dev`: runs `tocsin up` and restarts it when a source or the configuration changes. Arguments go to `up`
 * (`npm run dev -- --verbose`).
 *
 * A change is compiled first: while it does not compile, the running one goes on. A restart is a SIGTERM, the end of the
 * process, and a new start on the same state directory, so incidents, timers and the Temporal database are kept.
 */
import { spawn } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { watch } from 'chokidar';
import { compile, SOURCES } from '../bin/compile.js';

/** Several files saved together are one change. */
const QUIET_MS = 200;

const root = join(import.meta.dirname, '..');
const config = resolve(root, process.env.TOCSIN_CONFIG ?? 'tocsin.yaml');
const watched = [...SOURCES.map((folder) => join(root, folder)), join(root, 'package-lock.json'), config];

/** @type {{ child: import('node:child_process').ChildProcess, ended: Promise<void> } | null} */
let running = null;
let ending = false;
let timer;
/** Restarts wait for each other. */
let work = start();
const changed = new Set();

const watcher = watch(watched, { ignoreInitial: true });
watcher.on('all', (_event, path) => {
  changed.add(relative(root, path));
  clearTimeout(timer);
  timer = setTimeout(() => (work = work.then(restart)), QUIET_MS);
});
watcher.on('error', (error) => say(`watching failed: ${error.message}`));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(signal));

async function restart() {
  if (ending || changed.size === 0) return;
  const files = [...changed].sort();
  changed.clear();
  say(`changed: ${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`);
  try {
    await compile({ root });
  } catch (error) {
    // The compiler has printed what is wrong with a source of ours; anything else must not pass in silence.
    say(`does not compile${error.errors === undefined ? `: ${error.message}` : ''}; waiting for the next change`);
    return;
  }
  if (ending) return;
  say(running === null ? 'starting again' : 'restarting');
  await stop();
  await start();
}

async function start() {
  if (ending) return;
  // A process group of its own: Ctrl-C reaches only us, and we pass on one signal.
  const child = spawn(process.execPath, [join(root, 'bin', 'tocsin.js'), 'up', ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = new Promise((done) => {
    child.once('error', (error) => {
      say(`could not start: ${error.message}`);
      done();
    });
    child.once('exit', (code, signal) => {
      if (running?.child === child) {
        running = null;
        if (!ending) say(`ended by itself (${signal ?? `exit code ${code}`}); waiting for a change`);
      }
      done();
    });
  });
  running = { child, ended };
}

/** Resolves when the process is gone. It bounds its own draining, so nothing kills it here. */
async function stop() {
  if (running === null) return;
  const { child, ended } = running;
  running = null;
  child.kill('SIGTERM');
  await ended;
}

async function end(signal) {
  if (ending) return;
  ending = true;
  say(`${signal}: stopping`);
  await watcher.close();
  await stop();
  process.exit(0);
}

function say(text) {
  console.error(`dev: ${text}`);
}
