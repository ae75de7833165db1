/**
 * What a process that runs alone (`tocsin server`, `tocsin worker`) needs before it starts. Everything that is missing
 * is said before anything is begun.
 */
import type { Config } from './config.ts';
import { checkEnvironment, type Environment } from './environment.ts';
import { EXIT_CONFIGURATION, ExitError } from '../runtime/process.ts';
import { openConfigSource, type ConfigSource } from './config-source.ts';
import { loadConfig } from './load.ts';
import { createLog, type Log } from '../runtime/log.ts';
import { ConfigError } from './problems.ts';
import { temporalSettings, type TemporalSettings } from '../runtime/temporal-connection.ts';

export interface StandaloneProcess {
  readonly environment: Environment;
  readonly secret: string;
  /** Of the records, which every server and worker shares. */
  readonly databaseUrl: string;
  readonly config: Config;
  readonly temporal: TemporalSettings;
  readonly log: Log;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Throws `ExitError` (78) for an environment or a configuration that will not do. Says doubts in the log. */
export function prepareStandaloneProcess(env: Env): StandaloneProcess {
  const { environment, problems: unusable } = checkEnvironment({ ...env });
  const problems = [...unusable];
  if (!environment.temporalAddress && !env['TEMPORAL_PROFILE'] && !env['TEMPORAL_CONFIG_FILE']) {
    problems.push('TEMPORAL_ADDRESS is not set: the address of the Temporal server, host:port');
  }
  if (!environment.secret) {
    problems.push('TOCSIN_SECRET is not set: it signs acknowledge links, and every server and worker has the same');
  }
  const { secret, databaseUrl } = environment;
  if (!env['DATABASE_URL']) {
    problems.push('DATABASE_URL is not set: the Postgres that every server and worker keep the records in');
  }
  if (problems.length > 0 || !secret || !databaseUrl) {
    const remedy = 'correct the environment, or use tocsin up, which needs none of it.';
    throw new ExitError(EXIT_CONFIGURATION, problems.join('\n'), remedy);
  }
  const log = createLog({ level: environment.logLevel, file: null });
  const config = readConfig(env);
  for (const line of config.warnings) log.warn(line);
  for (const line of config.notSupportedYet) log.warn(`not yet acted on: ${line}`);
  return { environment, secret, databaseUrl, config, temporal: readTemporalSettings(env), log };
}

/** The configuration; its mistakes as an `ExitError` (78). */
function readConfig(env: Env): Config {
  try {
    return loadConfig({ env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ExitError(EXIT_CONFIGURATION, error.format(), 'correct it and look with: tocsin config check');
  }
}

/** From the environment and the files that it names. Throws `ExitError` (78). */
function readTemporalSettings(env: Env): TemporalSettings {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return temporalSettings({}, Object.fromEntries(set));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExitError(EXIT_CONFIGURATION, `Temporal's settings cannot be used: ${reason}`, 'correct TEMPORAL_*.');
  }
}

/** Its configuration, read from the same file again and again. */
export function standaloneConfigSource(
  { config, log }: Pick<StandaloneProcess, 'config' | 'log'>,
  env: Env,
  serves: 'server' | 'worker',
): ConfigSource {
  return openConfigSource({
    first: config,
    load: () => loadConfig({ env, mustExist: true }),
    log,
    processes: [serves],
    // The environment of a process cannot change, but the profile and the certificates that it names can.
    restartOnly: [
      { name: "Temporal's address, keys or certificates (TEMPORAL_*)", read: () => readTemporalSettings(env) },
    ],
  });
}
