/**
 * `npm run bench`: compiles the benchmark and the floor (a second or two) and runs it. Everything is built into
 * node_modules/.cache/tocsin-bench, so that nothing that is measured compiles while it is measured.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundle } from '../scripts/bundle.js';

process.chdir(path.join(import.meta.dirname, '..'));
const out = await bundle(
  {
    bench: 'bench/bench.ts',
    floor: 'bench/floor/main.ts',
    noop: 'bench/noop-server.ts',
    'pglite-thread': 'records/pglite-thread.js',
  },
  'tocsin-bench',
);
const { code } = await bundleWorkflowCode({
  workflowsPath: path.resolve('bench/floor/floor.workflow.ts'),
  logger: new DefaultLogger('ERROR'),
});
await writeFile(path.join(out, 'floor-workflows.js'), code);

process.env.BENCH_BUILD = out;
await import(pathToFileURL(path.join(out, 'bench.js')).href);
