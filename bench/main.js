/**
 * `npm run bench`: compiles the benchmark and the floor (a second or two) and runs it. Everything is built into
 * node_modules/.cache/tocsin-bench, so that nothing that is measured compiles while it is measured.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { build } from 'esbuild';

process.chdir(path.join(import.meta.dirname, '..'));
const out = path.resolve('node_modules/.cache/tocsin-bench');
await mkdir(out, { recursive: true });
await build({
  entryPoints: {
    run: 'bench/run.ts',
    floor: 'bench/floor/main.ts',
    noop: 'bench/noop-server.ts',
    'pglite-thread': 'records/pglite-thread.js',
  },
  outdir: out,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'inline',
  logLevel: 'warning',
});
await writeFile(path.join(out, 'package.json'), '{ "type": "module" }\n');
const { code } = await bundleWorkflowCode({
  workflowsPath: path.resolve('bench/floor/floor.workflow.ts'),
  logger: new DefaultLogger('ERROR'),
});
await writeFile(path.join(out, 'floor-workflows.js'), code);

process.env.BENCH_BUILD = out;
await import(pathToFileURL(path.join(out, 'run.js')).href);
