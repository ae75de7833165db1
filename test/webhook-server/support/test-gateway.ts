/** The gateway on a real Temporal server, with a stand-in worker and a spool of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../../runtime/data-converter.ts';
import { connectClient, connectNative } from '../../../runtime/temporal-connection.ts';
import {
  createTemporalGateway,
  type TemporalGateway,
  type TemporalGatewayParts,
} from '../../../webhook-server/incidents/gateway.ts';
import { openSpool, type Spool } from '../../../webhook-server/delivery/spool/spool.ts';
import type { StormSettings } from '../../../webhook-server/ingest/storm/storms.ts';
import { TASK_QUEUES } from '../../../workflows/contract.ts';
import type { StandInState } from '../incidents/stand-in.workflow.ts';
import type { FreezableTemporal } from './freezable-temporal.ts';
import { silentLog } from './routed-alerts.ts';

export interface TestGateway {
  readonly incidents: TemporalGateway;
  readonly spool: Spool;
  readonly endsSpool: Spool;
  readonly log: ReturnType<typeof silentLog>;
  receivedBy(workflowId: string): Promise<StandInState>;
  /** A newer incident begins in that run. */
  startNewerIncident(workflowId: string, incidentId: string): Promise<void>;
  /** Stops the gateway; the spool stays on the disk. */
  close(): Promise<void>;
}

export const temporaryDirectory = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'edge-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/**
 * As the webhook server alone does: grpc-js, and Temporal may be away. `native`: as in one process with a worker.
 * Without `storm`, every group is an incident of its own.
 */
export async function openTestGateway(
  { settings }: FreezableTemporal,
  directory: string,
  connection: 'grpc' | 'native' = 'grpc',
  storm?: StormSettings,
  recordedOwners?: TemporalGatewayParts['recordedOwners'],
): Promise<TestGateway> {
  const log = silentLog();
  const spool = await openSpool({ directory, log });
  const { client, close } =
    connection === 'grpc' ? connectClient(settings) : await connectNative(settings, { withinMs: 10_000 });
  const endsSpool = await openSpool({ directory: join(directory, 'unknown-ends'), log });
  const incidents = createTemporalGateway({
    client,
    spool,
    endsSpool,
    log,
    ...(storm === undefined ? {} : { storm }),
    ...(recordedOwners === undefined ? {} : { recordedOwners }),
  });
  return {
    incidents,
    spool,
    endsSpool,
    log,
    receivedBy: (workflowId) => client.workflow.getHandle(workflowId).query<StandInState>('standInState'),
    startNewerIncident: (workflowId, incidentId) =>
      client.workflow.getHandle(workflowId).signal('recurring', incidentId),
    async close() {
      await incidents.close();
      await spool.close();
      await endsSpool.close();
      await close();
    },
  };
}

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

export async function startStandInWorker({ settings }: FreezableTemporal): Promise<() => Promise<void>> {
  const { connection, close } = await connectNative(settings, { withinMs: 10_000 });
  const worker = await Worker.create({
    connection,
    namespace: settings.namespace,
    taskQueue: TASK_QUEUES.incidents,
    dataConverter: createDataConverter(),
    workflowsPath: join(import.meta.dirname, '../incidents/stand-in.workflow.ts'),
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await close();
  };
}

/** Waits until `claim` holds; says what did not when it never does. */
export async function until(what: string, withinMs: number, claim: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + withinMs; ;) {
    if (await claim()) return;
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
