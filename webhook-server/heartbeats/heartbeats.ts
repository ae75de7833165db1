/**
 * Dead-man's switches at the edge: beats go to each one's workflow, and so does the word that this server listens. A
 * workflow that hears neither knows that nobody could have heard, and raises no alarm of it (domain/heartbeat.ts).
 *
 * A server listens from the moment it can make a beat durable: it answers requests, and Temporal answers it. After an
 * outage of either, and when the process itself was stopped for a while, it says so from then on only, so that the time
 * in which beats could not arrive counts for nothing.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { digestOf } from '../../config/canonical-json.ts';
import type { Config, HeartbeatConfig } from '../../config/config.ts';
import { heartbeatWorkflowIdFor } from '../../config/identity.ts';
import type { Beat, HeartbeatSetting, Listening } from '../../domain/heartbeat.ts';
import { listeningEveryMs } from '../../domain/heartbeat.ts';
import { BEAT_SIGNAL, HEARTBEAT_WORKFLOW, LISTENING_SIGNAL, TASK_QUEUES } from '../../workflows/contract.ts';
import type { HeartbeatInput } from '../../workflows/contract.ts';
import { NotDurable } from '../gateway.ts';
import type { Gate } from '../incidents/gate.ts';
import { settingOf } from './setting.ts';

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
  listen(): void;
  /** The configuration has changed: tells the workflows of heartbeats that are new or other than before. */
  lookAgain(): void;
  /** Says nothing any more; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface HeartbeatsParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly config: () => Config;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now?: () => number;
}

/** What this server has said of one heartbeat. */
interface Said {
  /** The newest beat that is durable. */
  beatAt: number;
  /** The newest that is not. */
  owedBeatAt: number | null;
  beating: Promise<void> | null;
  telling: Promise<void> | null;
  /** When anything was last said. */
  at: number;
  /** The setting that its workflow knows from us. */
  setting: string;
  /** From when on beats of it were let in, as far as that is later than for all of them. */
  since: number;
}

const LOOK_EVERY_MS = 1000;
/** The look came so much too late that the whole process must have been stopped: nobody listened. */
const STOPPED_MS = 15_000;
/** Beats closer to each other than this are one. */
const AT_MOST_EVERY_MS = 5000;

export function createHeartbeats({ client, gate, config, log, now = Date.now }: HeartbeatsParts): RunningHeartbeats {
  const said = new Map<string, Said>();
  /** Null: beats cannot arrive. */
  let since: number | null = null;
  let lookedAt = now();
  let timer: NodeJS.Timeout | undefined;
  /** The heartbeats of the configuration before the last change. */
  let before: ReadonlySet<string> = new Set(config().heartbeats.keys());

  const saidOf = (name: string): Said => {
    const known = said.get(name);
    if (known) return known;
    const nothing: Said = {
      beatAt: -Infinity,
      owedBeatAt: null,
      beating: null,
      telling: null,
      at: -Infinity,
      setting: '',
      since: -Infinity,
    };
    said.set(name, nothing);
    return nothing;
  };

  function restartListening(): void {
    since = now();
    lookedAt = since;
    // What a workflow knew may be gone with the server that it was told on.
    for (const each of said.values()) Object.assign(each, { at: -Infinity, setting: '' });
    look();
  }

  /** Beats of a heartbeat that was not configured were turned away: nobody listened for it until now. */
  function follow(): void {
    const { heartbeats } = config();
    for (const name of heartbeats.keys()) if (!before.has(name)) saidOf(name).since = now();
    for (const each of said.values()) Object.assign(each, { setting: '' });
    before = new Set(heartbeats.keys());
    look();
  }

  const sinceOf = (each: Said, at: number): number => Math.min(Math.max(since ?? at, each.since), at);

  async function send(setting: HeartbeatSetting, signal: string, word: Beat | Listening): Promise<void> {
    const args: [HeartbeatInput] = [{ setting }];
    await gate.call(() =>
      client.workflow.signalWithStart(HEARTBEAT_WORKFLOW, {
        workflowId: heartbeatWorkflowIdFor(setting.name),
        taskQueue: TASK_QUEUES.incidents,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `heartbeat ${setting.name}`,
        ...{ args, signal, signalArgs: [word] },
      }),
    );
  }

  async function sendBeat(heartbeat: HeartbeatConfig, each: Said): Promise<void> {
    const at = each.owedBeatAt ?? now();
    await send(settingOf(config(), heartbeat), BEAT_SIGNAL, { at, since: sinceOf(each, at) });
    each.beatAt = at;
    each.at = now();
    if (each.owedBeatAt === at) each.owedBeatAt = null;
  }

  async function sendWord(heartbeat: HeartbeatConfig, each: Said): Promise<void> {
    const at = now();
    const of = config();
    const setting = settingOf(of, heartbeat);
    const digest = digestOf(setting, 16);
    const known = digest === each.setting;
    await send(setting, LISTENING_SIGNAL, { since: sinceOf(each, at), at, ...(known ? {} : { setting }) });
    each.at = at;
    // It may have changed while it was told.
    each.setting = config() === of ? digest : '';
  }

  /** One at a time; the next begins when it has ended. */
  function beatOnce(heartbeat: HeartbeatConfig, each: Said): Promise<void> {
    return (each.beating ??= sendBeat(heartbeat, each).finally(() => (each.beating = null)));
  }

  function look(): void {
    const at = now();
    if (since !== null && at - lookedAt > STOPPED_MS) since = at;
    lookedAt = at;
    if (since === null || !gate.isOpen()) return;
    for (const heartbeat of config().heartbeats.values()) speak(heartbeat, saidOf(heartbeat.name), at);
  }

  function speak(heartbeat: HeartbeatConfig, each: Said, at: number): void {
    const failed = (err: unknown): void => log.warn({ err, heartbeat: heartbeat.name }, 'a heartbeat was not told');
    if (each.owedBeatAt !== null && each.beating === null) beatOnce(heartbeat, each).catch(failed);
    const isNew = each.setting === '';
    if (each.telling !== null || (!isNew && at - each.at < listeningEveryMs(heartbeat))) return;
    each.telling = sendWord(heartbeat, each)
      .catch(failed)
      .finally(() => (each.telling = null));
  }

  gate.onOpen(() => {
    if (since !== null) restartListening();
  });

  return {
    async beat(name, at) {
      const heartbeat = config().heartbeats.get(name);
      if (!heartbeat) return 'unknown';
      const each = saidOf(name);
      if (at - each.beatAt < Math.min(AT_MOST_EVERY_MS, heartbeat.everyMs / 10)) return 'beaten';
      each.owedBeatAt = Math.max(at, each.owedBeatAt ?? at);
      await beatOnce(heartbeat, each).catch((err: unknown) => {
        log.warn({ err, heartbeat: name }, 'a beat could not be made durable; it is brought along later');
        throw new NotDurable('Temporal did not take the beat');
      });
      return 'beaten';
    },
    listen() {
      restartListening();
      timer = setInterval(look, LOOK_EVERY_MS);
      timer.unref();
    },
    lookAgain: follow,
    async close() {
      clearInterval(timer);
      since = null;
      const underWay = [...said.values()].flatMap(({ beating, telling }) => [beating ?? [], telling ?? []].flat());
      await Promise.allSettled(underWay);
    },
  };
}
