/** The embedded Temporal server on real processes: it serves prepared, survives, comes back, and refuses a port that another program has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { pino } from 'pino';
import { startDevServer, type DevServer, type DevServerOptions } from '../../embedded/dev-server.ts';
import { identify } from '../../runtime/process-identity.ts';
import { writeDatabaseVersion, readServerRecord } from '../../embedded/server-process.ts';
import { findTestCli } from '../support/test-temporal.ts';

const log = pino({ enabled: false });
const cli = await findTestCli();
let home: string;
const running: DevServer[] = [];

const start = async (options: Partial<DevServerOptions> = {}): Promise<DevServer> => {
  const server = await startDevServer({ cli, home, port: 0, uiPort: null, namespace: 'default', log, ...options });
  running.push(server);
  return server;
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-dev-server-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(home, { recursive: true, force: true });
});

test('serves with the search attributes and keeps closed incidents for 30 days', async () => {
  const { address } = await start();
  const connection = await Connection.connect({ address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  await connection.close();
  expect(customAttributes).toMatchObject({ TocsinIncident: 2, TocsinNextDeadline: 6 });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
}, 60_000);

test('one that outlived its parent is taken over, not started a second time', async () => {
  const first = await start();
  const again = await start();
  expect(again.adopted).toBe(true);
  expect(again.pid()).toBe(first.pid());
  expect(again.address).toBe(first.address);
}, 60_000);

test('a survivor on another port than the one asked for makes room', async () => {
  const first = await start();
  const port = await freeButNot(first.address);
  const second = await start({ port });
  expect(second.adopted).toBe(false);
  expect(second.address).toBe(`127.0.0.1:${port}`);
}, 60_000);

test('killed, it comes back on the same port with the same database', async () => {
  const server = await start();
  const before = server.pid();
  process.kill(before, 'SIGKILL');
  await until(() => server.pid() !== before);
  const connection = await Connection.connect({ address: server.address });
  await connection.close();
  expect(readServerRecord(home)?.pid).toBe(server.pid());
}, 60_000);

test('stopped, it is gone and not started again', async () => {
  const server = await start();
  const pid = server.pid();
  await server.stop();
  await sleep(500);
  expect(identify(pid)).toBeNull();
  expect(readServerRecord(home)).toBeNull();
}, 60_000);

test('another program on the port is named with a remedy, exit code 69', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => other.once('listening', listening));
  const { port } = other.address() as AddressInfo;
  await expect(start({ port })).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringContaining(String(port)),
    remedy: expect.stringContaining('TOCSIN_TEMPORAL_PORT'),
  });
  other.close();
});

test('the database of another server version is not opened, exit code 78', async () => {
  writeDatabaseVersion(home, '1.0.0');
  writeFileSync(join(home, 'temporal', 'temporal.sqlite'), '');
  await expect(start()).rejects.toMatchObject({ exitCode: 78, message: expect.stringContaining('1.0.0') });
});

async function freeButNot(address: string): Promise<number> {
  const { freePort } = await import('../../embedded/ports.ts');
  const port = await freePort();
  return address.endsWith(`:${port}`) ? freeButNot(address) : port;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(50);
}
