/** Compiles a command of this repository that is no part of the product (a second or two). */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * @param {Record<string, string>} entryPoints name of the compiled file → source
 * @param {string} name of the directory in node_modules/.cache that it is compiled into
 * @returns {Promise<string>} that directory
 */
export async function bundle(entryPoints, name) {
  const out = path.resolve('node_modules/.cache', name);
  await mkdir(out, { recursive: true });
  await build({
    entryPoints,
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
  return out;
}
