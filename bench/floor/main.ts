/**
 * The floor: the least that a durable alert can cost on the same Temporal. One process with an HTTP server, a client
 * and two workers (workflows; pages) on one connection, like `tocsin up`, but no authentication, no rules, no
 * timeline: an alert is a signal, a workflow, one activity.
 */
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import express, { type Request } from 'express';
import { startDevServer } from '../../embedded/dev-server.ts';
import { findTemporalCli } from '../../embedded/temporal-cli.ts';
import { createLog } from '../../runtime/log.ts';
import { alertsSignal, type FloorAlert, floorWorkflow } from './floor.workflow.ts';
import { createFloorActivities } from './page.ts';

const NAMESPACE = 'default';
const TASK_QUEUE = 'floor-incidents';
const PAGE_QUEUE = 'floor-pages';
const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
const temporal = await startTemporal({
  home: setting('FLOOR_HOME'),
  port: Number(setting('FLOOR_TEMPORAL_PORT')),
  uiPort: Number(setting('FLOOR_TEMPORAL_UI_PORT')),
});
const connection = await NativeConnection.connect({ address: temporal.address });
const client = new Client({ connection, namespace: NAMESPACE });
const workers = await createWorkers();
const running = Promise.all(workers.map((worker) => worker.run()));
const server = createApp().listen(Number(setting('PORT')), '127.0.0.1');

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  workers.forEach((worker) => worker.shutdown());
});
await running;
await connection.close();
await temporal.stop();

function createApp() {
  const app = express();
  app.get('/readyz', (_request, response) => void response.sendStatus(200));
  app.use(express.json({ limit: '16mb' }));
  app.post('/webhooks/alertmanager', async (request: Request<unknown, unknown, AlertmanagerBody>, response) => {
    const { groupKey, alerts } = request.body;
    const workflowId = `floor-${groupKey}`;
    await client.workflow.signalWithStart(floorWorkflow, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ key: randomUUID() }],
      signal: alertsSignal,
      signalArgs: [alerts],
    });
    response.status(202).json({ incidents: [{ workflowId }] });
  });
  return app;
}

interface AlertmanagerBody {
  readonly groupKey: string;
  readonly alerts: readonly FloorAlert[];
}

async function createWorkers(): Promise<Worker[]> {
  const shared = { connection, namespace: NAMESPACE, shutdownGraceTime: '5s' } as const;
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: TASK_QUEUE,
      workflowBundle: { codePath: setting('FLOOR_BUNDLE') },
      maxCachedWorkflows: 500,
    }),
    Worker.create({
      ...shared,
      taskQueue: PAGE_QUEUE,
      activities: createFloorActivities(setting('FLOOR_SINK')),
      maxConcurrentActivityTaskExecutions: 200,
    }),
  ]);
}

async function startTemporal(place: { readonly home: string; readonly port: number; readonly uiPort: number }) {
  const cli = await findTemporalCli({ home: place.home, say: (line) => console.error(line), verbose: () => undefined });
  return startDevServer({ ...place, cli, namespace: NAMESPACE, log: createLog({ level: 'warn', file: null }) });
}
