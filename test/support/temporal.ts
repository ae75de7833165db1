/**
 * A real Temporal server for tests, with the settings that `tocsin up` uses, on a free port and a database of its own.
 * It is killed and started again at a test's word; unlike the embedded one nothing brings it back by itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { devServerArgs } from '../../embedded/dev-server-flags.ts';
import { freePort } from '../../embedded/ports.ts';
import { prepareNamespace, untilServing } from '../../embedded/prepare-namespace.ts';
import { lastLines, spawnServer } from '../../embedded/server-process.ts';
import { databaseFile, noteDatabaseVersion, temporalLogFile } from '../../embedded/server-record.ts';
import { findTemporalCli } from '../../embedded/temporal-cli.ts';
import type { TemporalCli } from '../../embedded/temporal-cli.ts';

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

let cli: Promise<TemporalCli> | undefined;

/** The `temporal` program that the tests run against. */
export const testCli = (): Promise<TemporalCli> =>
  findTemporalCli({
    home: null,
    say: (line) => process.stderr.write(`${line}\n`),
    verbose: () => undefined,
  });

/** `searchAttributes: false` leaves them out, as on a server that somebody forgot to prepare. */
export async function devServer({
  home: givenHome,
  searchAttributes = true,
}: { home?: string; searchAttributes?: boolean } = {}): Promise<TestTemporal> {
  const { path, serverVersion } = await (cli ??= testCli());
  const home = givenHome ?? mkdtempSync(join(tmpdir(), 'tocsin-temporal-'));
  let port = await freePort();
  let address = `127.0.0.1:${port}`;

  const start = async () => {
    const args = devServerArgs({ port, uiPort: null, namespace: 'default', database: databaseFile(home) });
    noteDatabaseVersion(home, serverVersion);
    const process = spawnServer(path, args, temporalLogFile(home));
    let ended = false;
    void process.ended.then(() => (ended = true));
    const reason = (): string | null => (ended ? `it ended: ${lastLines(temporalLogFile(home))}` : null);
    const connection = await untilServing({ address, withinMs: 30_000, ended: reason });
    if (searchAttributes) await prepareNamespace(connection, 'default', pino({ enabled: false }));
    await connection.close();
    return process;
  };

  let server = await start().catch(async () => {
    // Somebody else took the port meanwhile.
    port = await freePort();
    address = `127.0.0.1:${port}`;
    return start();
  });
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
