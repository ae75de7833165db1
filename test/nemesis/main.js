/** `npm run nemesis`: compiles the nemesis (a second) and runs it. `--help` says what can be asked of it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

process.chdir(path.join(import.meta.dirname, '../..'));
const out = path.resolve('node_modules/.cache/tocsin-nemesis');
await mkdir(out, { recursive: true });
await build({
  entryPoints: { run: 'test/nemesis/run.ts' },
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
process.env.TOCSIN_LAUNCHER = path.resolve('bin/tocsin.js');
await import(pathToFileURL(path.join(out, 'run.js')).href);
