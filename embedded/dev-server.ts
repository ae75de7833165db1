/**
 * The embedded Temporal server: started, or adopted when it survived us; supervised until it is told to stop. It holds
 * the truth of every incident, so it never opens a database that another version made.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT_CONFIGURATION, EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';
import type { Log } from '../runtime/log.ts';
import { claimPort, listenOnce, prepareNamespace, untilServing } from './ports.ts';
import { isAlive } from '../runtime/process-identity.ts';
import { adoptServer, boundLog, lastLines, type ServerProcess, spawnServer } from './server-process.ts';
import * as records from './server-process.ts';
import type { TemporalCli } from './temporal-cli.ts';

export interface DevServerOptions {
  readonly cli: TemporalCli;
  /** The state directory. */
  readonly home: string;
  /** 0: a free one. */
  readonly port: number;
  /** 0: a free one; null: no UI. */
  readonly uiPort: number | null;
  readonly namespace: string;
  readonly log: Log;
  /** Called each time the process runs and does not serve yet: time for other work. */
  readonly onSpawned?: () => void;
}

export interface DevServer {
  /** `host:port` */
  readonly address: string;
  /** Null without UI. */
  readonly uiUrl: string | null;
  /** It was running already. */
  readonly adopted: boolean;
  /** Changes when it had to be started again. */
  pid(): number;
  stop(): Promise<void>;
}

const SERVES_WITHIN_MS = 30_000;
const ADOPTED_SERVES_WITHIN_MS = 5_000;
const STOP_MS = 8_000;
const LOG_LOOK_MS = 60_000;

/** Throws `ExitError`: 69 when a port is taken or it does not start, 78 for the database of another version. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  refuseForeignDatabase(options);
  const survivor = await adopt(options);
  const { record, child } = survivor ?? (await startFresh(options));
  const pinned = { ...options, port: record.port, uiPort: record.uiPort };
  const supervision = superviseServer({
    child,
    log: options.log,
    restart: async () => {
      // Meanwhile somebody else may listen there; the supervisor tries again.
      if ((await listenOnce(record.port)) === null) throw new Error(`port ${record.port} is taken by another program`);
      return (await launch(pinned)).child;
    },
  });
  const logTimer = setInterval(() => boundLog(records.temporalLogFile(options.home)), LOG_LOOK_MS);
  logTimer.unref();
  return {
    address: addressOf(record.port),
    uiUrl: record.uiPort === null ? null : `http://127.0.0.1:${record.uiPort}`,
    adopted: survivor !== null,
    pid: () => supervision.current().identity.pid,
    async stop() {
      clearInterval(logTimer);
      await supervision.stop(STOP_MS);
      records.forgetServer(options.home);
    },
  };
}

interface Started {
  readonly record: records.ServerRecord;
  readonly child: ServerProcess;
}

/** `findTemporalCli` picks a program that fits and says how to get one. This guards the database whatever the caller passes. */
function refuseForeignDatabase({ home, cli }: DevServerOptions): void {
  const madeBy = records.databaseVersion(home);
  if (madeBy === null || madeBy === cli.serverVersion) return;
  throw new ExitError(
    EXIT_CONFIGURATION,
    `the database in ${home} was made by Temporal server ${madeBy}; ${cli.path} holds ${cli.serverVersion}`,
    `set TEMPORAL_CLI_PATH to a program with server ${madeBy}, or begin anew with another TOCSIN_HOME.`,
  );
}

/** Takes over a server that outlived its parent, if it is the one we would start; stops any other of ours. */
async function adopt(options: DevServerOptions): Promise<Started | null> {
  const record = records.readServerRecord(options.home);
  if (record === null || !isAlive(record)) return null;
  const child = adoptServer(record);
  const suits =
    record.serverVersion === options.cli.serverVersion &&
    (options.port === 0 || options.port === record.port) &&
    (options.uiPort === 0 || options.uiPort === record.uiPort);
  if (suits) {
    try {
      await prepare(options, record.port, ADOPTED_SERVES_WITHIN_MS, () => (isAlive(record) ? null : 'it ended'));
      options.log.info({ pid: record.pid, port: record.port }, 'the Temporal server was still running: adopted');
      return { record, child };
    } catch (error) {
      options.log.warn({ pid: record.pid, err: error }, 'the Temporal server of last time does not answer');
    }
  }
  // Two servers on one database file would corrupt it: the old one must be gone first.
  await child.stop(STOP_MS);
  return null;
}

async function startFresh(options: DevServerOptions): Promise<Started> {
  const port = await claimPort(options.port, { purpose: 'the Temporal server', setting: 'TOCSIN_TEMPORAL_PORT' });
  const ui = { purpose: "Temporal's UI", setting: 'TOCSIN_TEMPORAL_UI_PORT' };
  const uiPort = options.uiPort === null ? null : await claimPort(options.uiPort, ui);
  try {
    return await launch({ ...options, port, uiPort });
  } catch (error) {
    const message = `the Temporal server did not start: ${(error as Error).message}`;
    throw new ExitError(EXIT_UNAVAILABLE, message, `look into ${records.temporalLogFile(options.home)}.`);
  }
}

async function launch(options: DevServerOptions): Promise<Started> {
  const { cli, home, port, uiPort, namespace } = options;
  const logFile = records.temporalLogFile(home);
  const { serverVersion } = cli;
  records.writeDatabaseVersion(home, serverVersion);
  const child = spawnServer(
    cli.path,
    devServerArgs({ port, uiPort, namespace, database: records.databaseFile(home) }),
    logFile,
  );
  const record = { ...child.identity, port, uiPort, serverVersion };
  records.writeServerRecord(home, record);
  options.onSpawned?.();
  let ended = false;
  void child.ended.then(() => (ended = true));
  try {
    await prepare(options, port, SERVES_WITHIN_MS, () => (ended ? lastLines(logFile) || 'it ended at once' : null));
  } catch (error) {
    await child.stop(STOP_MS);
    throw error;
  }
  return { record, child };
}

async function prepare(
  { namespace, log }: DevServerOptions,
  port: number,
  withinMs: number,
  ended: () => string | null,
): Promise<void> {
  const connection = await untilServing({ address: addressOf(port), withinMs, ended });
  try {
    await prepareNamespace(connection, namespace, log);
  } finally {
    await connection.close();
  }
}

const addressOf = (port: number): string => `127.0.0.1:${port}`;

export interface DevServerFlags {
  readonly port: number;
  /** Null: no UI. */
  readonly uiPort: number | null;
  readonly namespace: string;
  /** Path of the SQLite file; null: in memory. */
  readonly database: string | null;
}

/** Defaults are for a laptop of a beginner; each line is there for a reason that was measured. */
const DYNAMIC_CONFIG = {
  // With one shard, 20 reads a second of the transfer queue cost every step up to 50 ms. (The timer and visibility queues
  // have the same limit, and are better left with it: a page costs 5 ms less while the visibility queue waits its turn.)
  'history.transferProcessorMaxPollRPS': 2000,
  // With four partitions and few pollers a storm's slowest pages take half as long again.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Priorities hold without it; a share for each key (one team's storm beside another team's page) does not.
  'matching.enableFairness': true,
  // More than ten commands at once to one incident would wait for seconds.
  'history.maxInFlightUpdates': 1000,
  // A storm must not be refused by the limits meant for shared clusters.
  'frontend.rps': 10_000,
  'frontend.namespaceRPS': 10_000,
  'frontend.namespaceRPS.visibility': 200,
} as const;

/** Arguments of the `temporal` program. */
export function devServerArgs({ port, uiPort, namespace, database }: DevServerFlags): string[] {
  const storage =
    database === null
      ? []
      : // WAL with FULL is nearly as fast as NORMAL, and what was acknowledged survives a power cut.
        ['--db-filename', database, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...storage,
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
  ];
}

export interface Supervision {
  current(): ServerProcess;
  /** Ends the supervision and the server. */
  stop(graceMs: number): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** One that ran this long was well: the pauses begin anew. */
const HEALTHY_MS = 60_000;

/** `restart` resolves with a server that serves, or rejects; then it is asked again after a longer pause. */
function superviseServer(parts: {
  readonly child: ServerProcess;
  readonly log: Log;
  readonly restart: () => Promise<ServerProcess>;
}): Supervision {
  const { log, restart } = parts;
  const stopping = new AbortController();
  let child = parts.child;
  let pauseMs = FIRST_PAUSE_MS;

  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const since = Date.now();
      await child.ended;
      if (stopping.signal.aborted) return;
      log.error({ pid: child.identity.pid }, 'the Temporal server ended by itself: starting it again');
      if (Date.now() - since > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
      await again();
    }
  };
  const again = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      try {
        child = await restart();
        log.info({ pid: child.identity.pid }, 'the Temporal server serves again');
        return;
      } catch (error) {
        log.error({ err: error, againInMs: pauseMs }, 'the Temporal server does not start');
      }
    }
  };
  const watching = watch();

  return {
    current: () => child,
    async stop(graceMs) {
      stopping.abort();
      // First the one that runs, so that the watch ends; then one that a restart brought up in the meantime.
      await child.stop(graceMs);
      await watching;
      await child.stop(graceMs);
    },
  };
}
