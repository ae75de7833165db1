/** Finds the Temporal command line, which holds the development server, or fetches or builds it once. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { firstOf, installOnce } from './acquire.ts';
import type { Say, Source } from './acquire.ts';
import { repositoryRoot, userCache } from './places.ts';
import { runProgram } from './run-program.ts';
import { downloadBySdk } from './sdk-download.ts';

export interface TemporalCli {
  readonly path: string;
  /** Of the server in it, e.g. `1.29.1`: a database belongs to one version. */
  readonly serverVersion: string;
}

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const BUILD_TIMEOUT_MS = 30 * 60_000;
const REMEDY =
  'set TEMPORAL_CLI_PATH to the "temporal" program, put it on the PATH, or install Go so that it can be built; ' +
  'or set TEMPORAL_ADDRESS to a Temporal server that runs already.';

/** Looks in the order of the documentation (docs: "Where the Temporal server comes from"). Throws `ExitError` (69). */
export async function findTemporalCli(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<TemporalCli> {
  const version = pinnedVersion();
  const dir = userCache();
  const name = `temporal-${version}`;
  const cached = async (): Promise<string> => working(existingFile(join(dir, name), 'nothing there yet'));
  const install = (make: (temporary: string) => Promise<void>): Promise<string> =>
    installOnce({ dir, name, say }, { existing: cached, make });

  const sources: Source[] = [
    { name: 'TEMPORAL_CLI_PATH', find: async () => working(given(env['TEMPORAL_CLI_PATH'])) },
    { name: 'temporal on the PATH', find: async () => working(onPath('temporal', env['PATH'])) },
    { name: `the cache (${dir})`, find: cached },
    {
      name: "the SDK's download",
      find: () => install((temporary) => downloadBySdk({ server: 'dev', version: `v${version}`, say }, temporary)),
    },
    { name: 'built with Go', find: () => install((temporary) => buildWithGo(temporary, { say, env })) },
  ];
  const path = await firstOf('the Temporal server', sources, say, REMEDY);
  return { path, serverVersion: await serverVersionOf(path) };
}

/** The version that `tools/temporal/go.mod` pins. */
function pinnedVersion(): string {
  const module = readFileSync(join(repositoryRoot(), 'tools', 'temporal', 'go.mod'), 'utf8');
  const version = /github\.com\/temporalio\/cli v(\S+)/.exec(module)?.[1];
  if (version === undefined) throw new Error('tools/temporal/go.mod names no version of the Temporal command line');
  return version;
}

async function buildWithGo(temporary: string, { say, env }: { say: Say; env: NodeJS.ProcessEnv }): Promise<void> {
  const go = onPath('go', env['PATH'], 'Go is not installed');
  const args = ['build', '-o', temporary, PACKAGE];
  const text = 'building the Temporal server with Go, once (3 to 5 minutes on an idle machine)';
  say(`${text} …`);
  const cwd = join(repositoryRoot(), 'tools', 'temporal');
  await runProgram({ command: go, args, cwd, env, timeoutMs: BUILD_TIMEOUT_MS, progress: { text, say } });
}

function given(path: string | undefined): string {
  if (!path) throw new Error('not set');
  return existingFile(path, `there is no file ${path}`);
}

function existingFile(path: string, otherwise: string): string {
  if (!existsSync(path)) throw new Error(otherwise);
  return path;
}

/** The first executable called `name` in `path`, as a shell would find it. Throws when there is none. */
export function onPath(name: string, path: string | undefined, otherwise = 'not there'): string {
  for (const dir of (path ?? '').split(delimiter).filter((entry) => entry !== '')) {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return join(dir, name);
    } catch {
      continue;
    }
  }
  throw new Error(otherwise);
}

/** Gives the path back once the program has said its version. */
async function working(path: string): Promise<string> {
  await serverVersionOf(path);
  return path;
}

/** `temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)` → `1.29.1`; what precedes the bracket depends on the build. */
async function serverVersionOf(path: string): Promise<string> {
  const answer = await runProgram({ command: path, args: ['--version'], timeoutMs: 30_000 });
  const version = /\(Server ([^,)\s]+)/.exec(answer)?.[1];
  if (version === undefined) throw new Error(`${path} does not say which Temporal server it holds`);
  return version;
}
