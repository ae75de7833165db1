/** A heartbeat in skipped time: the real workflows, a server that says it listens every three minutes, and a ledger of pages. */
import type { WorkflowHandle } from '@temporalio/client';
import type { HeartbeatSetting, HeartbeatState } from '../../domain/heartbeat/heartbeat.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import {
  BEAT_SIGNAL,
  HEARTBEAT_QUERY,
  HEARTBEAT_WORKFLOW,
  INCIDENT_QUERY,
  LISTENING_SIGNAL,
  TASK_QUEUES,
} from '../../workflows/contract.ts';
import { aDeclaration } from './builders.ts';
import { createLedger, DEFAULT_ROSTER } from './ledger.ts';
import { recordHistory } from './record-history.ts';
import { releaseClock, waitUntilSettled, sleepReleasingLocks } from './settle.ts';
import { startWorkers, type World } from './scenario.ts';

const MINUTE = 60_000;
/** Minutes; a real one says it more often. */
const LISTENING_SIGNAL_EVERY = 3;

export interface HeartbeatDriver {
  /** Lets so many minutes pass. While the server is up it says that it listens. */
  readonly advanceMinutes: (minutes: number) => Promise<void>;
  readonly beat: () => Promise<void>;
  /** Nobody listens any more: Temporal, the servers or the way between them is away. */
  readonly stopListening: () => void;
  /** A server listens again from now on. */
  readonly startListening: (setting?: HeartbeatSetting) => Promise<void>;
  readonly heartbeatState: () => Promise<HeartbeatState>;
  readonly incident: (workflowId?: string) => Promise<IncidentView>;
  /** Null: there is no such incident. */
  readonly incidentOrNull: () => Promise<IncidentView | null>;
  readonly handle: WorkflowHandle;
  readonly setting: HeartbeatSetting;
}

let scenarioCount = 0;

/** `every` 5 min and as much grace, unless said; its silence is a SEV2 of platform. */
export const aHeartbeat = (over: Partial<HeartbeatSetting> = {}): HeartbeatSetting => ({
  name: 'Watchdog',
  everyMs: 5 * MINUTE,
  graceMs: 5 * MINUTE,
  declaration: aDeclaration({ title: 'Watchdog has fallen silent', source: 'heartbeat', component: null }),
  ...over,
});

/** Plays it and returns its ledger: every outward act, with its minute since the heartbeat was first listened for. */
export async function runHeartbeatScenario(
  { env, bundle }: World,
  over: Partial<HeartbeatSetting>,
  runSteps: (runHeartbeatScenario: HeartbeatDriver) => Promise<void>,
): Promise<string[]> {
  scenarioCount += 1;
  const workflowId = `heartbeat-scenario-${scenarioCount}`;
  const incidentId = `inc-missed-heartbeat-${scenarioCount}`;
  const base = aHeartbeat(over);
  const setting = { ...base, declaration: { ...base.declaration, workflowId: incidentId, incidentId: '' } };
  if (scenarioCount > 1) await releaseClock(env);
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const stop = await startWorkers(env, bundle, ledger.ports);
  const handle = env.client.workflow.getHandle(workflowId);
  const settle = (id: string): Promise<void> => waitUntilSettled(env, [id], ledger);
  const begin = await env.currentTimeMs();
  let since: number | null = begin;
  const signal = async (name: string, payload: object): Promise<void> => {
    const start = { workflowId, taskQueue: TASK_QUEUES.incidents, args: [{ setting }] };
    await env.client.workflow.signalWithStart(HEARTBEAT_WORKFLOW, { ...start, signal: name, signalArgs: [payload] });
    await settle(workflowId);
  };
  const listen = async (extra: object = {}): Promise<void> => {
    if (since !== null) await signal(LISTENING_SIGNAL, { since, at: await env.currentTimeMs(), ...extra });
  };
  try {
    await listen({ setting });
    await runSteps({
      handle,
      setting,
      async advanceMinutes(minutes) {
        for (let left = minutes; left > 0; left -= LISTENING_SIGNAL_EVERY) {
          await sleepReleasingLocks(env, Math.min(left, since === null ? left : LISTENING_SIGNAL_EVERY) * MINUTE);
          if (since === null) break;
          await listen();
        }
        await settle(incidentId);
      },
      async beat() {
        const at = await env.currentTimeMs();
        await signal(BEAT_SIGNAL, { at, since: since ?? at });
        await settle(incidentId);
      },
      stopListening: () => void (since = null),
      async startListening(changed) {
        since = await env.currentTimeMs();
        await listen(changed === undefined ? {} : { setting: changed });
      },
      heartbeatState: () => handle.query<HeartbeatState>(HEARTBEAT_QUERY),
      incident: (id = incidentId) => env.client.workflow.getHandle(id).query<IncidentView>(INCIDENT_QUERY),
      incidentOrNull: () =>
        env.client.workflow
          .getHandle(incidentId)
          .query<IncidentView>(INCIDENT_QUERY)
          .catch(() => null),
    });
    return ledger.lines(begin);
  } finally {
    for (const id of [workflowId, incidentId]) {
      await recordHistory(env.client, id);
      await env.client.workflow.getHandle(id).terminate('the scenario is over').catch(ignoreNotFound);
    }
    await stop();
  }
}

function ignoreNotFound(err: unknown): void {
  if (!(err instanceof Error) || err.name !== 'WorkflowNotFoundError') throw err;
}
