/**
 * Compiles the repository into a directory named by a hash of everything that went into it: `cli/main.js` with its
 * chunks, and `workflow-bundle.js` for the worker. A second start finds the directory and compiles nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';

export const SOURCES = [
  'domain',
  'schedules',
  'workflows',
  'activities',
  'providers',
  'records',
  'config',
  'worker',
  'webhook-server',
  'cli',
  'embedded',
  'bin',
];
const KEPT = 4;
const HOUR_MS = 3_600_000;

/**
 * @param {{ root: string, out?: string }} options `root`: the repository; `out`: compile there, whatever the cache holds
 * @returns {Promise<{ dir: string, compiled: boolean }>} where the compiled files are
 */
export async function compile({ root, out }) {
  if (out !== undefined) {
    rmSync(out, { recursive: true, force: true });
    await build(root, out);
    return { dir: out, compiled: true };
  }
  const cache = cacheOf(root);
  const dir = join(cache, hashOf(root));
  if (existsSync(dir)) {
    touch(dir);
    return { dir, compiled: false };
  }
  console.error('compiling (once for each change of the sources) …');
  const started = Date.now();
  const temporary = `${dir}.${process.pid}-${randomBytes(3).toString('hex')}.tmp`;
  try {
    linkPackages(root, temporary);
    await build(root, temporary);
    moveInto(temporary, dir);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  console.error(`compiled in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  prune(cache, dir);
  return { dir, compiled: true };
}

/** Inside node_modules, or, where that may not be written, in the user's cache directory. */
function cacheOf(root) {
  const modules = join(root, 'node_modules');
  const home = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  for (const dir of [join(modules, '.cache', 'tocsin'), join(home, 'tocsin', 'build')]) {
    try {
      accessSync(modules, constants.R_OK);
      mkdirSync(dir, { recursive: true });
      accessSync(dir, constants.W_OK);
      return dir;
    } catch {
      continue;
    }
  }
  throw new Error(
    `nowhere to put the compiled files: run "npm ci" in ${root}, or set XDG_CACHE_HOME to a writable place`,
  );
}

function hashOf(root) {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', ...SOURCES.flatMap((folder) => filesUnder(root, folder))]) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 20);
}

function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** Loaded only when there is something to compile: both cost more than a warm start may. */
async function build(root, dir) {
  const [{ build: bundle, stop }, { bundleWorkflowCode, DefaultLogger }] = await Promise.all([
    import('esbuild'),
    import('@temporalio/worker'),
  ]);
  // Every run of a workflow evaluates all modules of ours anew, and calls from one to another go through getters: as one
  // module a run costs about a third less.
  const workflowBundle = async () => {
    const workflowsPath = join(dir, 'workflows.mjs');
    await bundle({
      absWorkingDir: root,
      entryPoints: ['workflows/index.ts'],
      outfile: workflowsPath,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'neutral',
      target: 'node20',
      logLevel: 'warning',
    });
    return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  };
  const [workflows] = await Promise.all([
    workflowBundle(),
    bundle({
      absWorkingDir: root,
      // The others are loaded from their files, as threads.
      entryPoints: ['cli/main.ts', 'records/pglite-thread.js', 'webhook-server/ingest/parsing/parse-thread.ts'],
      outbase: '.',
      outdir: dir,
      bundle: true,
      splitting: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: true,
      logLevel: 'warning',
    }),
  ]);
  // Its helper process would otherwise live as long as ours.
  await stop();
  writeFileSync(join(dir, 'workflow-bundle.js'), workflows.code);
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n');
}

/** Outside the repository the compiled files would find no packages. */
function linkPackages(root, dir) {
  if (dir.startsWith(root)) return;
  mkdirSync(dir, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction');
}

/** Two may compile at once; the files are the same, so the loser's are thrown away. */
function moveInto(temporary, dir) {
  try {
    renameSync(temporary, dir);
  } catch (error) {
    if (!existsSync(dir)) throw error;
  }
}

function touch(dir) {
  try {
    utimesSync(dir, new Date(), new Date());
  } catch {
    // Another user's cache: it only matters for pruning.
  }
}

/** Keeps the last few used, and whatever was used within the hour: a running process may still load a chunk of it. */
function prune(cache, current) {
  const entries = readdirSync(cache)
    .map((name) => join(cache, name))
    .filter((path) => path !== current)
    .flatMap((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? [] : [{ path, usedAt: found.mtimeMs }];
    })
    .sort((a, b) => b.usedAt - a.usedAt);
  for (const { path, usedAt } of entries.slice(KEPT - 1)) {
    if (Date.now() - usedAt > HOUR_MS) rmSync(path, { recursive: true, force: true });
  }
}
