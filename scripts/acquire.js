/**
 * Finds or fetches the programs that tests run against, before the tests' own time limits begin to count.
 * Exports what the tests need in their environment, and what is missing.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const FINDERS = `
  export { findTemporalCli } from './embedded/temporal-cli.ts';
  export { findTestServer } from './embedded/test-server.ts';
`;

/**
 * @param {string} root the repository
 * @returns {Promise<{ env: Record<string, string>, testServerMissing: string | null }>} rejects when Temporal itself is
 *   not to be had: without it nothing can be tested
 */
export async function acquire(root) {
  process.env.TOCSIN_ROOT = root;
  const { findTemporalCli, findTestServer } = await load(root);
  const report = { say: (line) => console.error(line), verbose: () => undefined };
  const { path } = await findTemporalCli({ home: null, ...report });
  const env = { TEMPORAL_CLI_PATH: path };
  try {
    return { env: { ...env, TEMPORAL_TEST_SERVER_PATH: await findTestServer(report) }, testServerMissing: null };
  } catch (error) {
    return { env, testServerMissing: `${error.message.split('\n')[0]} ${error.remedy ?? ''}` };
  }
}

async function load(root) {
  const dir = join(root, 'node_modules', '.cache');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `tocsin-acquire-${process.pid}.mjs`);
  try {
    await build({
      stdin: { contents: FINDERS, resolveDir: root },
      outfile: file,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node20',
    });
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(file, { force: true });
  }
}
