/**
 * A real Temporal server for tests, with the settings that `tocsin up` uses, on a free port and a database of its own.
 * It is killed and started again at a test's word; unlike the embedded one nothing brings it back by itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { devServerArgs } from '../../embedded/dev-server.ts';
import { prepareNamespace, untilServing } from '../../embedded/ports.ts';
import {
  lastLines,
  spawnServer,
  databaseFile,
  writeDatabaseVersion,
  temporalLogFile,
} from '../../embedded/server-process.ts';
import { findTemporalCli, type TemporalCli } from '../../embedded/temporal-cli.ts';
import { choosePort, saysPortTaken } from './ports.ts';

export interface TestTemporal {
  readonly address: string;
  readonly cliPath: string;
  pid(): number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** On the same port and database; ends a running one first. Resolves when it serves. */
  restart(): Promise<void>;
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>;
}

/** Far more than any machine needs: one that cannot start ends by itself, and that is noticed at once. */
const SERVING_WITHIN_MS = 120_000;

let cli: Promise<TemporalCli> | undefined;

/** The `temporal` program that the tests run against. */
export const findTestCli = (): Promise<TemporalCli> =>
  findTemporalCli({
    home: null,
    say: (line) => process.stderr.write(`${line}\n`),
    verbose: () => undefined,
  });

/** `searchAttributes: false` leaves them out, as on a server that somebody forgot to prepare. */
export async function startTestTemporal({
  home: givenHome,
  searchAttributes = true,
}: { home?: string; searchAttributes?: boolean } = {}): Promise<TestTemporal> {
  const { path, serverVersion } = await (cli ??= findTestCli());
  const home = givenHome ?? mkdtempSync(join(tmpdir(), 'tocsin-temporal-'));
  let port = await choosePort();
  let address = `127.0.0.1:${port}`;

  const start = async () => {
    const args = devServerArgs({ port, uiPort: null, namespace: 'default', database: databaseFile(home) });
    writeDatabaseVersion(home, serverVersion);
    const process = spawnServer(path, args, temporalLogFile(home));
    let ended = false;
    void process.ended.then(() => (ended = true));
    const reason = (): string | null => (ended ? `it ended: ${lastLines(temporalLogFile(home))}` : null);
    try {
      const connection = await untilServing({ address, withinMs: SERVING_WITHIN_MS, ended: reason });
      if (searchAttributes) await prepareNamespace(connection, 'default', pino({ enabled: false }));
      await connection.close();
      return process;
    } catch (error) {
      await process.stop(0);
      throw error;
    }
  };

  const startOnFreePort = async () => {
    for (;;) {
      try {
        return await start();
      } catch (error) {
        if (!saysPortTaken((error as Error).message)) throw error;
        port = await choosePort();
        address = `127.0.0.1:${port}`;
      }
    }
  };

  let server = await startOnFreePort();
  // An interrupted test run must not leave servers behind.
  process.once('exit', () => void server.stop(0));
  return {
    address,
    cliPath: path,
    pid: () => server.identity.pid,
    kill: () => server.stop(0),
    async restart() {
      await server.stop(2_000);
      server = await start();
    },
    async stop() {
      await server.stop(2_000);
      if (givenHome === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}
