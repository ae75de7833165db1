/**
 * The embedded Temporal server: started, or adopted when it survived us; supervised until it is told to stop. It holds
 * the truth of every incident, so it never opens a database that another version made.
 */
import { EXIT_CONFIGURATION, EXIT_UNAVAILABLE, ExitError } from '../runtime/exit-error.ts';
import type { Log } from '../runtime/log.ts';
import { devServerArgs } from './dev-server-flags.ts';
import { claimPort, listenOnce } from './ports.ts';
import { prepareNamespace, untilServing } from './prepare-namespace.ts';
import { isAlive } from './process-identity.ts';
import { adoptServer, boundLog, lastLines, spawnServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';
import * as records from './server-record.ts';
import { superviseServer } from './supervise-server.ts';
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

/** Takes over a server that outlived its parent, if it is the one we would start; any other of ours is ended. */
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
