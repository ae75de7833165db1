/**
 * The download that comes with the Temporal SDK's test package. It knows no "only fetch", so the server is started and
 * stopped at once; in a process of its own, since the SDK's runtime can be set up only once in a process and has no
 * time limit.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Print } from './find-program.ts';
import { repositoryRoot } from './paths.ts';
import { runProgram } from './run-program.ts';

/** Nothing arriving for this long is taken for a network that leads nowhere. */
const STALL_MS = 15_000;
const TIMEOUT_MS = 300_000;

export interface SdkDownload {
  readonly server: 'dev' | 'time-skipping';
  /** `v1.5.1`, or `default`: the one that suits the SDK. */
  readonly version: string;
  readonly say: Print;
  readonly env: NodeJS.ProcessEnv;
}

/** Puts the program at `temporary`. Rejects with the reason when it cannot be fetched. */
export async function downloadBySdk({ server, version, say, env }: SdkDownload, temporary: string): Promise<void> {
  const dir = `${temporary}.download`;
  mkdirSync(dir, { recursive: true });
  const text = "fetching by the Temporal SDK's download";
  say(`${text} (once) …`);
  const progress = { text, say };
  try {
    const script = scriptFor(server, { type: 'cached-download', downloadDir: dir, version });
    await runProgram({
      command: process.execPath,
      args: ['--input-type=module', '-e', script],
      cwd: repositoryRoot(),
      env,
      timeoutMs: TIMEOUT_MS,
      progress,
      stalled: stallDetector(dir),
    }).catch((error: unknown) => {
      // It may have arrived and yet not have run in the few seconds the SDK gives it: we try it ourselves.
      if (fetched(dir) === null) throw new Error(plain(error));
    });
    const file = fetched(dir);
    if (file === null) throw new Error('nothing was downloaded');
    cpSync(file, temporary);
    chmodSync(temporary, 0o755);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function scriptFor(server: SdkDownload['server'], executable: object): string {
  const create = server === 'dev' ? 'createLocal' : 'createTimeSkipping';
  return `
    import { DefaultLogger, Runtime } from '@temporalio/worker';
    import { TestWorkflowEnvironment } from '@temporalio/testing';
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const server = { executable: ${JSON.stringify(executable)} };
    TestWorkflowEnvironment.${create}({ server }).then(
      async (env) => { await env.teardown(); process.exit(0); },
      (error) => { console.error('Error: ' + error.message.split('\\n')[0]); process.exit(1); },
    );`;
}

/** A complete file has its final name; one that is on its way has another ending. */
function fetched(dir: string): string | null {
  const name = existsSync(dir) ? readdirSync(dir).find((file) => !/\.(downloading|tmp|part)$/.test(file)) : undefined;
  return name === undefined ? null : join(dir, name);
}

function stallDetector(dir: string): () => boolean {
  let lastSize = { bytes: 0, at: Date.now() };
  return () => {
    const bytes = readdirSync(dir).reduce((sum, file) => sum + sizeOf(join(dir, file)), 0);
    if (bytes !== lastSize.bytes) lastSize = { bytes, at: Date.now() };
    return fetched(dir) === null && Date.now() - lastSize.at > STALL_MS;
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The reason without the address that was asked and without saying things twice. */
function plain(error: unknown): string {
  const layers = (error as Error).message
    .replace(/^Error: /, '')
    .replaceAll(/ for url \([^)]*\)/g, '')
    .split(': ');
  return [...new Set(layers)].join(': ');
}
