/**
 * The worker of a process: workflows, pages and notifications each have a task queue and slots of their own, so that no
 * backlog of notifications keeps a page waiting.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { Registry } from 'prom-client';
import type { ConfigSource } from '../config/config-source.ts';
import type { Records } from '../records/records.ts';
import { createDataConverter } from '../runtime/data-converter.ts';
import type { Log } from '../runtime/log.ts';
import { TASK_QUEUES } from '../workflows/contract.ts';
import { createPageMetrics } from './page-metrics.ts';
import { reloadableActivities } from './reloadable-activities.ts';
import { watchSearchAttributes } from './search-attributes.ts';

export interface WorkerSettings {
  readonly source: ConfigSource;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Signs acknowledge links; the same on every server and worker. */
  readonly secret: string;
  /** The caller opens it, and closes it after `drain()`; it need not be up. */
  readonly records: Records;
  /** The state directory. */
  readonly home: string;
  readonly log: Log;
}

export interface RunningWorker {
  /** With the metrics of pages: for the `/metrics` of the process. */
  readonly registry: Registry;
  /** Finishes calls in progress and accepts none. */
  drain(): Promise<void>;
  /** Resolves when the worker ends unasked. */
  readonly failed: Promise<Error>;
}

const SLOTS = { pages: 200, notifications: 40 };
/**
 * A storm's notifications are rate-limited, so that pages have the machine and no chat is flooded: those for which
 * people wait go before the announcements (see workflows/activity-proxies.ts).
 */
const NOTIFICATIONS_PER_SECOND = 5;
const CACHED_WORKFLOWS = 500;
const DRAIN_MS = 15_000;

/** Throws when Temporal refuses the worker. */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const { connection, namespace, log } = settings;
  const registry = new Registry();
  keepStacksShort();
  const attributes = await watchSearchAttributes(connection, namespace, log);
  const activities = reloadableActivities({
    ...settings,
    searchAttributes: attributes.answer,
    pageMetrics: createPageMetrics(registry),
  });
  const common = {
    connection,
    namespace,
    dataConverter: createDataConverter(),
    shutdownGraceTime: DRAIN_MS,
    shutdownForceTime: DRAIN_MS + 5_000,
  } satisfies Partial<WorkerOptions>;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      ...workflowCode(),
      taskQueue: TASK_QUEUES.incidents,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      // How long a dead worker's incidents wait before another worker takes them.
      stickyQueueScheduleToStartTimeout: '5s',
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.pages,
      activities: activities.pages,
      maxConcurrentActivityTaskExecutions: SLOTS.pages,
      // A call that waits for a provider learns within this time that somebody has acknowledged.
      defaultHeartbeatThrottleInterval: '1s',
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.notifications,
      activities: activities.notifications,
      maxConcurrentActivityTaskExecutions: SLOTS.notifications,
      maxActivitiesPerSecond: NOTIFICATIONS_PER_SECOND,
    }),
  ]);
  const running = supervise(workers, () => attributes.stop());
  const drain = (): Promise<void> => running.drain().finally(() => activities.close());
  return { registry, drain, failed: running.failed };
}

/**
 * For its stack trace query, the SDK records a stack trace of every promise that a workflow makes, which is a third of
 * a workflow's cost. Contexts created from here on keep only the topmost frames.
 */
function keepStacksShort(): void {
  setFlagsFromString('--stack-trace-limit=3');
}

function supervise(workers: readonly Worker[], stop: () => void): Omit<RunningWorker, 'registry'> {
  const running = workers.map((worker) => worker.run());
  let draining = false;
  const failed = new Promise<Error>((resolve) => {
    for (const run of running) {
      run.then(
        () => draining || resolve(new Error('a worker stopped')),
        (err: unknown) => draining || resolve(err instanceof Error ? err : new Error(String(err))),
      );
    }
  });
  const drain = async (): Promise<void> => {
    draining = true;
    stop();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(running);
  };
  return { drain, failed };
}

/** The bundle that the launcher built beside the compiled code; from sources (in tests), the workflows themselves. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const dir = process.env['TOCSIN_BUILD_DIR'];
  const codePath = dir === undefined ? '' : `${dir}/workflow-bundle.js`;
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}

/**
 * The same records; what is written while they are starting waits for them, so that an incident has its number as soon as
 * they are there, and not when the activity is next tried. The activity bounds the waiting; records that are away refuse
 * at once.
 */
export function waitForRecordsWhileStarting(records: Records): Records {
  return {
    ...records,
    async project(batch) {
      if (records.state() === 'starting') await records.ready();
      return records.project(batch);
    },
  };
}
