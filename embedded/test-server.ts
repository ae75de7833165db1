/** Finds Temporal's time-skipping test server, or fetches it once. For tests: nothing in production needs it. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';
import {
  ProgramNotFound,
  cachedFile,
  firstAvailable,
  givenFile,
  installOnce,
  onPath,
  type SearchReport,
  type Print,
  type ProgramSource,
  repositoryRoot,
  userCache,
  runProgram,
} from './find-program.ts';
import { downloadBySdk } from './download-temporal.ts';

const MAVEN_TIMEOUT_MS = 10 * 60_000;
const REMEDY = 'set TEMPORAL_TEST_SERVER_PATH to it, or install Java and Maven so that it can be fetched.';

/** Path of a program that takes a port: `executable: { type: 'existing-path', path }`. Throws `ExitError` (69). */
export async function findTestServer(report: SearchReport, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { say } = report;
  const version = pinnedVersion();
  const dir = userCache();
  const binary = `test-server-${version}`;
  const jars = `test-server-${version}-java`;
  const existing = (path: string) => async (): Promise<string> => cachedFile(path);
  const cachedBinary = existing(join(dir, binary));
  const cachedJars = existing(join(dir, jars, 'test-server.sh'));

  const sources: ProgramSource<string>[] = [
    { name: 'TEMPORAL_TEST_SERVER_PATH', find: async () => givenFile(env['TEMPORAL_TEST_SERVER_PATH']) },
    { name: `the cache (${dir})`, find: () => cachedBinary().catch(() => withJava(cachedJars, env)) },
    {
      name: "the SDK's download",
      find: () =>
        installOnce(
          { dir, name: binary, say },
          {
            existing: cachedBinary,
            make: (temporary) => downloadBySdk({ server: 'time-skipping', version: 'default', say, env }, temporary),
          },
        ),
    },
    {
      name: 'Maven',
      find: () => {
        const make = (temporary: string): Promise<void> => fetchWithMaven(temporary, { say, env });
        return withJava(() => installOnce({ dir, name: jars, say }, { existing: cachedJars, make }), env);
      },
    },
  ];
  try {
    return await firstAvailable('the time-skipping test server', sources, report);
  } catch (error) {
    throw error instanceof ProgramNotFound ? new ExitError(EXIT_UNAVAILABLE, error.message, REMEDY) : error;
  }
}

/** The version that `tools/test-server/pom.xml` pins. */
function pinnedVersion(): string {
  const pom = readFileSync(join(repositoryRoot(), 'tools', 'test-server', 'pom.xml'), 'utf8');
  const version = /temporal-test-server<\/artifactId>\s*<version>([^<]+)</.exec(pom)?.[1];
  if (version === undefined) throw new Error('tools/test-server/pom.xml names no version of the test server');
  return version;
}

/** `<temporary>/lib/*.jar` and the script that runs them. */
async function fetchWithMaven(temporary: string, { say, env }: { say: Print; env: NodeJS.ProcessEnv }): Promise<void> {
  const maven = onPath('mvn', env['PATH'], 'Maven is not installed');
  const tools = join(repositoryRoot(), 'tools', 'test-server');
  mkdirSync(temporary, { recursive: true });
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies';
  const options = ['-q', '-B', '-f', join(tools, 'pom.xml'), '-DincludeScope=runtime'];
  await runProgram({
    command: maven,
    args: [...options, `-DoutputDirectory=${join(temporary, 'lib')}`, goal],
    cwd: temporary,
    env,
    timeoutMs: MAVEN_TIMEOUT_MS,
    progress: { text: 'fetching the time-skipping test server with Maven, once (under a minute)', say },
  });
  copyFileSync(join(tools, 'test-server.sh'), join(temporary, 'test-server.sh'));
  chmodSync(join(temporary, 'test-server.sh'), 0o755);
}

async function withJava(find: () => Promise<string>, env: NodeJS.ProcessEnv): Promise<string> {
  const path = await find();
  onPath('java', env['PATH'], 'Java is not installed');
  return path;
}
