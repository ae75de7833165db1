/**
 * A story in skipped time: the real workflows and activities on the time-skipping server, with ports that write a
 * ledger. One environment a file; one workflow id a story.
 */
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createNotificationActivities, createPageActivities } from '../../activities/index.ts';
import type { Ports } from '../../activities/ports.ts';
import { createDataConverter } from '../../runtime/data-converter.ts';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import type { Command } from '../../domain/kernel/commands.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { shownEntry } from '../../domain/engine/to-view.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import {
  postIncidentWorkflowId,
  ALERTS_SIGNAL,
  INCIDENT_QUERY,
  INCIDENT_WORKFLOW,
  SEARCH_ATTRIBUTES,
  TASK_QUEUES,
  TIMELINE_QUERY,
} from '../../workflows/contract.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { anAlertBatch, anAlert, aDeclaration } from './builders.ts';
import type { Roster, Ledger, SimulatedFailures } from './ledger.ts';
import { createLedger, DEFAULT_ROSTER } from './ledger.ts';
import { recordHistory } from './record-history.ts';
import { endOpenWorkflows, releaseClock, waitUntilSettled, sleepReleasingLocks } from './settle.ts';
import { startTimeSkipping } from './time-skipping-server.ts';
import { findTestServer } from '../../embedded/test-server.ts';

const MINUTE = 60_000;
const TYPE_NUMBERS = { KEYWORD: 2, DATETIME: 6 } as const;

export interface World {
  readonly env: TestWorkflowEnvironment;
  readonly bundle: WorkflowBundleOption;
  close(): Promise<void>;
}

/** The one that `npm test` has made for all files, else one of our own. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const codePath = process.env['TOCSIN_TEST_WORKFLOWS'];
  if (codePath !== undefined) return { codePath };
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}

/** One environment and one bundle for a file of stories. */
export async function createWorld(): Promise<World> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = await findTestServer({ say: () => undefined, verbose: () => undefined });
  const [{ env, close }, bundle] = await Promise.all([
    startTimeSkipping(path, { dataConverter: createDataConverter() }),
    workflowBundle(),
  ]);
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(
      Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPE_NUMBERS[type]]),
    ),
  });
  return { env, bundle, close };
}

export interface ScenarioDriver {
  /** Lets so many minutes pass, with everything that falls due in them. */
  readonly advanceMinutes: (minutes: number) => Promise<void>;
  /** Reports alerts of this incident. */
  readonly sendAlerts: (...sendAlerts: readonly Partial<AlertReport>[]) => Promise<void>;
  /** Gives a command as an update. */
  readonly sendCommand: (command: TestCommand) => Promise<CommandAnswer>;
  readonly view: () => Promise<IncidentView>;
  /** The post-incident flow's view of the incident. */
  readonly postIncident: () => Promise<IncidentView>;
  readonly timeline: () => Promise<TimelineView>;
  /** Waits until nothing more happens by itself, for stories that knock at a via of their own. */
  settle(): Promise<void>;
  readonly env: TestWorkflowEnvironment;
  readonly ledger: Ledger;
  readonly workflowId: string;
}

/** A command without what every command carries; `by` is ana unless said. */
export type TestCommand = DistributiveOmit<Command, 'by'> & { readonly by?: string };
type DistributiveOmit<T, K extends keyof never> = T extends unknown ? Omit<T, K> : never;

export interface ScenarioSettings {
  readonly declaration?: Partial<Declaration>;
  /** The alerts that open it; none for a person's declaration. */
  readonly firstAlerts?: readonly Partial<AlertReport>[];
  /** What else the edge says of them. */
  readonly batch?: Partial<AlertBatch>;
  readonly roster?: Roster;
  readonly failures?: SimulatedFailures;
  /** Real vendors instead of the ledger's. */
  readonly ports?: Ports;
  /** What must be there before the incident, once there are workers. */
  readonly before?: () => Promise<void>;
}

let scenarioCount = 0;

/** Plays a story and returns its ledger: every outward act, with its minute since the declaration. */
export async function runScenario(
  { env, bundle }: World,
  setting: ScenarioSettings,
  runSteps: (driver: ScenarioDriver) => Promise<void>,
): Promise<string[]> {
  scenarioCount += 1;
  const workflowId = `inc-scenario-${scenarioCount}`;
  if (scenarioCount > 1) await releaseClock(env);
  const ledger = createLedger(setting.roster ?? DEFAULT_ROSTER, setting.failures ?? {});
  const stop = await startWorkers(env, bundle, setting.ports ?? ledger.ports);
  const handle = env.client.workflow.getHandle(workflowId);
  try {
    await setting.before?.();
    const since = await startIncident(env, workflowId, setting);
    const settle = () => waitUntilSettled(env, [workflowId, postIncidentWorkflowId(`E${scenarioCount}`)], ledger);
    await settle();
    await runSteps({
      env,
      ledger,
      workflowId,
      settle,
      advanceMinutes: async (minutes) => {
        await sleepReleasingLocks(env, minutes * MINUTE);
        await settle();
      },
      sendAlerts: async (...alerts) => {
        const receivedAt = await env.currentTimeMs();
        await handle.signal(ALERTS_SIGNAL, anAlertBatch(alerts.map(anAlert), { receivedAt }));
        await settle();
      },
      sendCommand: async ({ type, by = 'ana', ...command }) => {
        const answer = await handle.executeUpdate<CommandAnswer, [unknown]>(type, { args: [{ by, ...command }] });
        await settle();
        return answer;
      },
      view: () => handle.query<IncidentView>(INCIDENT_QUERY),
      postIncident: async () => {
        const { id: incidentId } = await handle.query<IncidentView>(INCIDENT_QUERY);
        return env.client.workflow.getHandle(postIncidentWorkflowId(incidentId)).query<IncidentView>(INCIDENT_QUERY);
      },
      timeline: async () => withRecordedEntries(await handle.query<TimelineView>(TIMELINE_QUERY), ledger),
    });
    return ledger.lines(since);
  } finally {
    await endScenario(env, workflowId);
    await stop();
  }
}

/** The run keeps the last lines; the records have all that came before. */
function withRecordedEntries({ timeline, cut }: TimelineView, { records }: Ledger): TimelineView {
  const recorded = [...(records.get(`E${scenarioCount}`)?.lines.values() ?? [])].filter(({ seq }) => seq <= cut);
  const before = recorded.sort((a, b) => a.seq - b.seq);
  return {
    timeline: [...before.map(shownEntry), ...timeline],
    cut: cut - before.length,
  };
}

async function startIncident(
  env: TestWorkflowEnvironment,
  workflowId: string,
  { declaration, firstAlerts, batch = {} }: ScenarioSettings,
): Promise<number> {
  const alerts = (firstAlerts ?? (declaration?.declaredBy ? [] : [{}])).map(anAlert);
  const start = {
    workflowId,
    taskQueue: TASK_QUEUES.incidents,
    args: [{ declaration: aDeclaration({ ...declaration, workflowId, incidentId: `E${scenarioCount}` }) }],
  };
  const handle =
    alerts.length === 0
      ? await env.client.workflow.start(INCIDENT_WORKFLOW, start)
      : await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
          ...start,
          signal: ALERTS_SIGNAL,
          signalArgs: [anAlertBatch(alerts, { receivedAt: await env.currentTimeMs(), ...batch })],
        });
  return (await handle.describe()).startTime.getTime();
}

/**
 * Workers of all three queues for one story; the answer stops them. `forgetful` ones hand every task back to whoever
 * comes next: the time-skipping server waits for ever for a worker that remembered a run and has gone.
 */
export async function startWorkers(
  env: TestWorkflowEnvironment,
  bundle: WorkflowBundleOption,
  ports: Ports,
  withoutWorkflowCache = false,
) {
  const common = { connection: env.nativeConnection, namespace: 'default', dataConverter: createDataConverter() };
  const workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue: TASK_QUEUES.incidents, workflowBundle: bundle },
      ...(withoutWorkflowCache ? { maxCachedWorkflows: 0 } : {}),
    }),
    Worker.create({
      ...{ ...common, taskQueue: TASK_QUEUES.pages, activities: createPageActivities(ports) },
      defaultHeartbeatThrottleInterval: '1s',
    }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.notifications, activities: createNotificationActivities(ports) }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await running;
  };
}

/** A workflow left open would stop the clock for the next story. */
async function endScenario(env: TestWorkflowEnvironment, workflowId: string): Promise<void> {
  for (const id of [workflowId, postIncidentWorkflowId(`E${scenarioCount}`)]) await recordHistory(env.client, id);
  await endOpenWorkflows(env);
}
