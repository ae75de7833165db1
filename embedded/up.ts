/**
 * `tocsin up`: everything in one process beside the embedded Temporal server. Each part that starts adds its shutdown to
 * a list; whatever happens, the list is worked off backwards.
 */
import { join } from 'node:path';
import { type ConfigSource, openConfigSource } from '../config/config-source.ts';
import type { Config } from '../config/config.ts';
import { type Environment, isLoopback, readEnvironment } from '../config/environment.ts';
import { loadConfig, type LoadOptions } from '../config/load.ts';
import { ConfigError } from '../config/problems.ts';
import type { Records } from '../records/records.ts';
import { createLog, type Log } from '../runtime/log.ts';
import {
  EXIT_CONFIGURATION,
  EXIT_UNAVAILABLE,
  ExitError,
  finishesWithin,
  onHangup,
  untilStopSignal,
} from '../runtime/process.ts';
import { connectNative, temporalSettings, type TemporalSettings } from '../runtime/temporal-connection.ts';
import { banner, nodeWarning, printTimelineOn, RECORDS_READY } from './banner.ts';
import { startDevServer } from './dev-server.ts';
import { claimPort } from './ports.ts';
import { ensureSecrets, lockHome, readSecrets, type Secrets } from './state-directory.ts';
import { findTemporalCli } from './temporal-cli.ts';

const TEMPORAL_TIMEOUT_MS = 60_000;
/** Together below the 30 s that SIGTERM promises. */
const LIMITS = { server: 5_000, worker: 11_000, connection: 1_000, records: 3_000, temporal: 8_000 };

interface Parts {
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly source: ConfigSource;
  readonly log: Log;
  readonly endings: ShutdownSteps;
  readonly env: Env;
  readonly verbose: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

export interface UpOptions {
  readonly env: Env;
  /** Also show the log on the terminal, and every source searched for a Temporal server. */
  readonly verbose: boolean;
}

/** Resolves with the exit code once stopped. Throws `ExitError`: 69 for a busy or missing resource, 78 for mistakes. */
export async function up({ env, verbose }: UpOptions): Promise<number> {
  const givenEnvironment = readEnvironment({ ...env });
  const stopped = untilStopSignal();
  const endings = new ShutdownSteps();
  try {
    endings.add('lock', 1_000, await lockHome(givenEnvironment.home));
    // Before anything is fetched or started: a port that is taken ends it all.
    const { host } = givenEnvironment;
    const port = await claimPort(givenEnvironment.port, { purpose: 'the webhook server', setting: 'PORT', host });
    const environment = { ...givenEnvironment, port };
    const secrets = ensureSecrets(environment);
    // Without a public address in the file, links lead to this port.
    const options = { env: { ...env, PORT: String(port) }, sampleToken: secrets.sourceToken };
    const config = readConfig(options);
    const file = logFileOf(environment.home);
    const log = createLog({ level: environment.logLevel, file, terminal: verbose ? 'everything' : 'problems' });
    endings.log = log;
    logWarnings({ environment, config, log });
    const restartOnly = [{ name: `secrets in ${environment.home}`, read: () => readSecrets(environment) }];
    const source = openConfigSource({
      first: config,
      load: () => loadConfig({ ...options, mustExist: true }),
      log,
      processes: ['server', 'worker'],
      restartOnly,
    });
    onHangup(() => void source.reload('SIGHUP'));
    const running = await start({ environment, secrets, source, log, endings, env, verbose }, stopped);
    if (running === null) return 0;
    const failure = await Promise.race([running.failed, stopped.then(() => null)]);
    if (failure === null) {
      log.info('stopping: what is in flight is finished first');
      return 0;
    }
    throw new ExitError(EXIT_UNAVAILABLE, `the worker ended: ${failure.message}`, 'start it again.');
  } finally {
    await endings.runInReverse();
  }
}

/** Loading these takes a second, which the Temporal server needs to start as well: each has a processor. */
const loadParts = async () => {
  const [records, worker, runtime, starting, server] = await Promise.all([
    import('../records/open-records.ts'),
    import('../worker/start-worker.ts'),
    import('../runtime/temporal-telemetry.ts'),
    import('../worker/start-worker.ts'),
    import('../webhook-server/start-webhook-server.ts'),
  ]);
  return { ...records, ...worker, ...runtime, ...starting, ...server };
};

/** Null when it was stopped while starting. */
async function start(parts: Parts, stopped: Promise<unknown>): Promise<{ failed: Promise<Error> } | null> {
  const { environment, secrets, source, log, endings } = parts;
  const { home, host, port } = environment;
  let opening: Promise<Records> | undefined;
  // Opened beside everything else: nothing waits for them, pages least of all.
  const open = (): Promise<Records> => (opening ??= openRecords(parts));
  const temporal = await findTemporal(parts, () => void open().catch(() => undefined), stopped);
  if (temporal === null) return null;
  const { settings, uiUrl } = temporal;
  const { address, namespace } = settings;
  const [opened, loaded] = await Promise.all([open(), loadParts()]);
  const { installTemporalRuntime, startWorker, startWebhookServer, waitForRecordsWhileStarting } = loaded;
  const records = printTimelineOn(print, waitForRecordsWhileStarting(opened), () => source.current());
  installTemporalRuntime(log);
  const waiting = { withinMs: TEMPORAL_TIMEOUT_MS, onWait: () => log.warn({ address }, 'waiting for Temporal') };
  const connecting = connectNative(settings, waiting).catch(unavailable);
  const connected = await Promise.race([connecting, stopped.then(() => null)]);
  if (connected === null) return null;
  const { connection } = connected;
  endings.add('connection', LIMITS.connection, connected.close);

  const { secret, adminToken } = secrets;
  const worker = await startWorker({ source, connection, namespace, secret, records, home, log });
  endings.add('worker', LIMITS.worker, () => worker.drain());
  const common = { source, connection, namespace, secret, records, home, host, port, log };
  const server = await startWebhookServer({ ...common, adminToken, registry: worker.registry });
  endings.add('webhook server', LIMITS.server, () => server.drain());

  const { url } = server;
  const config = source.current();
  const recordsReady = records.state() === 'up';
  const where = { url, temporalUi: uiUrl, temporalAddress: address };
  print(banner({ ...where, config, environment, secrets, logFile: logFileOf(home), recordsReady }));
  if (!recordsReady)
    void opened.ready().then(
      () => print(RECORDS_READY),
      () => undefined,
    );
  return worker;
}

async function openRecords({ environment, source, log, endings }: Parts): Promise<Records> {
  const { openRecordsInHome } = await loadParts();
  const { home, databaseUrl } = environment;
  const records = openRecordsInHome({ home, databaseUrl, timeZone: () => source.current().timeZone, log });
  endings.add('records', LIMITS.records, () => records.close());
  return records;
}

/** The embedded server, unless `TEMPORAL_ADDRESS` names another. Null when stopped meanwhile. */
async function findTemporal(
  { environment, log, endings, env, verbose }: Parts,
  onSpawned: () => void,
  stopped: Promise<unknown>,
): Promise<{ settings: TemporalSettings; uiUrl: string | null } | null> {
  const { home, namespace, temporalPort, temporalUiPort, temporalAddress } = environment;
  if (temporalAddress !== null) return { settings: temporalSettings(), uiUrl: null };
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const search = { home, env: { ...env }, say, verbose: verbose ? say : () => undefined };
  const cli = await Promise.race([findTemporalCli(search), stopped.then(() => null)]);
  if (cli === null) return null;
  const ports = { port: temporalPort, uiPort: temporalUiPort };
  const server = await startDevServer({ cli, home, ...ports, namespace, log, onSpawned });
  endings.add('Temporal server', LIMITS.temporal, () => server.stop());
  const { address } = server;
  // Nothing of TEMPORAL_*: keys and TLS are meant for another server.
  return { settings: { address, namespace, options: { address } }, uiUrl: server.uiUrl };
}

const logFileOf = (home: string): string => join(home, 'logs', 'tocsin.log');

const print = (text: string): void => void process.stdout.write(text);

function readConfig(options: LoadOptions): Config {
  try {
    return loadConfig(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ExitError(EXIT_CONFIGURATION, error.format(), 'correct it and look with: tocsin config check');
  }
}

function logWarnings({
  environment,
  config,
  log,
}: Pick<Parts, 'environment' | 'log'> & { readonly config: Config }): void {
  const old = isLoopback(environment.host) ? null : nodeWarning(process.versions.node);
  if (old !== null) log.warn(old);
  for (const line of config.warnings) log.warn(line);
  for (const line of config.notSupportedYet) log.warn(`not yet acted on: ${line}`);
}

function unavailable(error: unknown): never {
  throw new ExitError(EXIT_UNAVAILABLE, (error as Error).message, 'is TEMPORAL_ADDRESS right, and Temporal running?');
}

export /** The ends of everything that was started, worked off backwards, each with its time limit. */
class ShutdownSteps {
  readonly #steps: { readonly name: string; readonly withinMs: number; readonly end: () => Promise<void> }[] = [];
  /** From when there is one, problems are reported there. */
  log: Log | undefined;

  add(name: string, withinMs: number, end: () => Promise<void>): void {
    this.#steps.push({ name, withinMs, end });
  }

  /** Never rejects: one part that cannot end must not keep the others from it. */
  async runInReverse(): Promise<void> {
    for (const { name, withinMs, end } of this.#steps.splice(0).reverse()) {
      try {
        this.log?.debug({ part: name }, 'ending');
        const inTime = await finishesWithin(end(), withinMs);
        if (!inTime) this.log?.warn({ part: name }, 'took too long to end: left behind');
      } catch (error) {
        this.log?.warn({ part: name, err: error }, 'did not end well');
      }
    }
  }
}
