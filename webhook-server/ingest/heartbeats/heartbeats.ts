/**
 * Dead-man's switches at the edge: beats go to each one's workflow, and so does the word that this server listens. A
 * workflow that hears neither knows that nobody could have heard, and raises no alarm of it (domain/heartbeat/heartbeat.ts).
 *
 * A server listens from the moment it can make a beat durable: it answers requests, and Temporal answers it. After an
 * outage of either, and when the process itself was stopped for a while, it says so from then on only, so that the time
 * in which beats could not arrive counts for nothing.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { digestOf } from '../../../runtime/canonical-json.ts';
import type { Config } from '../../../config/config.ts';
import type { HeartbeatConfig } from '../../../config/sections/heartbeats.ts';
import { heartbeatWorkflowIdFor } from '../../../config/correlation-key.ts';
import type { Beat, HeartbeatSetting, Listening } from '../../../domain/heartbeat/heartbeat.ts';
import { listeningEveryMs } from '../../../domain/heartbeat/heartbeat.ts';
import { BEAT_SIGNAL, HEARTBEAT_WORKFLOW, LISTENING_SIGNAL, TASK_QUEUES } from '../../../workflows/contract.ts';
import type { HeartbeatInput } from '../../../workflows/contract.ts';
import { NotDurable } from '../../incidents/gateway.ts';
import type { Circuit } from '../../delivery/circuit-breaker.ts';
import { heartbeatSettingOf } from './heartbeat-setting.ts';

export interface Heartbeats {
  /**
   * Resolves once the beat is durable, or one just before it: many of them a minute are one signal every few seconds.
   * `at`: epoch ms. Throws `NotDurable` within 3 s when Temporal does not take it; the beat is brought along later, so
   * that a sender who does not try again is not taken for silent.
   */
  beat(name: string, at: number): Promise<'beaten' | 'unknown'>;
}

export interface RunningHeartbeats extends Heartbeats {
  /** From now on beats can arrive: tells the workflow of every configured heartbeat, and begins those that are new. */
  startListening(): void;
  /** The configuration has changed: tells the workflows of heartbeats that are new or other than before. */
  onConfigChanged(): void;
  /** Says nothing any more; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface HeartbeatsParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly config: () => Config;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now?: () => number;
}

/** What this server has said of one heartbeat. */
interface HeartbeatSignals {
  /** The newest beat that is durable. */
  beatAt: number;
  /** The newest that is not. */
  pendingBeatAt: number | null;
  sendingBeat: Promise<void> | null;
  sendingListening: Promise<void> | null;
  /** When anything was last said. */
  at: number;
  /** The setting that its workflow knows from us. */
  setting: string;
  /** From when on beats of it were let in, as far as that is later than for all of them. */
  since: number;
}

const CHECK_INTERVAL_MS = 1000;
/** The look came so much too late that the whole process must have been stopped: nobody listened. */
const PROCESS_STOPPED_MS = 15_000;
/** Beats closer to each other than this are one. */
const AT_MOST_EVERY_MS = 5000;

export function createHeartbeats({
  client,
  circuitBreaker,
  config,
  log,
  now = Date.now,
}: HeartbeatsParts): RunningHeartbeats {
  const signalsByName = new Map<string, HeartbeatSignals>();
  /** Null: beats cannot arrive. */
  let since: number | null = null;
  let checkedAt = now();
  let timer: NodeJS.Timeout | undefined;
  /** The heartbeats of the configuration before the last change. */
  let configuredBefore: ReadonlySet<string> = new Set(config().heartbeats.keys());

  const signalsOf = (name: string): HeartbeatSignals => {
    const known = signalsByName.get(name);
    if (known) return known;
    const none: HeartbeatSignals = {
      beatAt: -Infinity,
      pendingBeatAt: null,
      sendingBeat: null,
      sendingListening: null,
      at: -Infinity,
      setting: '',
      since: -Infinity,
    };
    signalsByName.set(name, none);
    return none;
  };

  function restartListening(): void {
    since = now();
    checkedAt = since;
    // What a workflow knew may be gone with the server that it was told on.
    for (const each of signalsByName.values()) Object.assign(each, { at: -Infinity, setting: '' });
    check();
  }

  /** Beats of a heartbeat that was not configured were turned away: nobody listened for it until now. */
  function onConfigChanged(): void {
    const { heartbeats } = config();
    for (const name of heartbeats.keys()) if (!configuredBefore.has(name)) signalsOf(name).since = now();
    for (const each of signalsByName.values()) Object.assign(each, { setting: '' });
    configuredBefore = new Set(heartbeats.keys());
    check();
  }

  const sinceOf = (each: HeartbeatSignals, at: number): number => Math.min(Math.max(since ?? at, each.since), at);

  async function send(setting: HeartbeatSetting, signal: string, signalArg: Beat | Listening): Promise<void> {
    const args: [HeartbeatInput] = [{ setting }];
    await circuitBreaker.callDurable(() =>
      client.workflow.signalWithStart(HEARTBEAT_WORKFLOW, {
        workflowId: heartbeatWorkflowIdFor(setting.name),
        taskQueue: TASK_QUEUES.incidents,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `heartbeat ${setting.name}`,
        ...{ args, signal, signalArgs: [signalArg] },
      }),
    );
  }

  async function sendBeat(heartbeat: HeartbeatConfig, each: HeartbeatSignals): Promise<void> {
    const at = each.pendingBeatAt ?? now();
    await send(heartbeatSettingOf(config(), heartbeat), BEAT_SIGNAL, { at, since: sinceOf(each, at) });
    each.beatAt = at;
    each.at = now();
    if (each.pendingBeatAt === at) each.pendingBeatAt = null;
  }

  async function sendListening(heartbeat: HeartbeatConfig, each: HeartbeatSignals): Promise<void> {
    const at = now();
    const of = config();
    const setting = heartbeatSettingOf(of, heartbeat);
    const digest = digestOf(setting, 16);
    const known = digest === each.setting;
    await send(setting, LISTENING_SIGNAL, { since: sinceOf(each, at), at, ...(known ? {} : { setting }) });
    each.at = at;
    // It may have changed while it was told.
    each.setting = config() === of ? digest : '';
  }

  /** One at a time; the next begins when it has ended. */
  function beatOnce(heartbeat: HeartbeatConfig, each: HeartbeatSignals): Promise<void> {
    return (each.sendingBeat ??= sendBeat(heartbeat, each).finally(() => (each.sendingBeat = null)));
  }

  function check(): void {
    const at = now();
    if (since !== null && at - checkedAt > PROCESS_STOPPED_MS) since = at;
    checkedAt = at;
    if (since === null || !circuitBreaker.allowsCalls()) return;
    for (const heartbeat of config().heartbeats.values()) sendDue(heartbeat, signalsOf(heartbeat.name), at);
  }

  function sendDue(heartbeat: HeartbeatConfig, each: HeartbeatSignals, at: number): void {
    const failed = (err: unknown): void => log.warn({ err, heartbeat: heartbeat.name }, 'a heartbeat was not told');
    if (each.pendingBeatAt !== null && each.sendingBeat === null) beatOnce(heartbeat, each).catch(failed);
    const isNew = each.setting === '';
    if (each.sendingListening !== null || (!isNew && at - each.at < listeningEveryMs(heartbeat))) return;
    each.sendingListening = sendListening(heartbeat, each)
      .catch(failed)
      .finally(() => (each.sendingListening = null));
  }

  circuitBreaker.onRecovered(() => {
    if (since !== null) restartListening();
  });

  return {
    async beat(name, at) {
      const heartbeat = config().heartbeats.get(name);
      if (!heartbeat) return 'unknown';
      const each = signalsOf(name);
      if (at - each.beatAt < Math.min(AT_MOST_EVERY_MS, heartbeat.everyMs / 10)) return 'beaten';
      each.pendingBeatAt = Math.max(at, each.pendingBeatAt ?? at);
      await beatOnce(heartbeat, each).catch((err: unknown) => {
        log.warn({ err, heartbeat: name }, 'a beat could not be made durable; it is brought along later');
        throw new NotDurable('Temporal did not take the beat');
      });
      return 'beaten';
    },
    startListening() {
      restartListening();
      timer = setInterval(check, CHECK_INTERVAL_MS);
      timer.unref();
    },
    onConfigChanged,
    async close() {
      clearInterval(timer);
      since = null;
      const underWay = [...signalsByName.values()].flatMap(({ sendingBeat, sendingListening }) =>
        [sendingBeat ?? [], sendingListening ?? []].flat(),
      );
      await Promise.allSettled(underWay);
    },
  };
}
