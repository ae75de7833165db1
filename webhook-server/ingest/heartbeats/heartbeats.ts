/**
 * Heartbeats at the server. It sends each heartbeat's workflow the beats, and reports that this server is listening. A
 * workflow that gets neither knows that no beat could have arrived, and raises no alarm
 * (domain/heartbeat/heartbeat.ts).
 *
 * A server listens as soon as it can make a beat durable: it answers requests, and Temporal answers it. After an outage
 * of either, or after the process was stopped for a while, it listens only from then on, so that time in which beats
 * could not arrive does not count.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../../../config/config.ts';
import { heartbeatWorkflowIdFor, missedHeartbeatWorkflowIdFor } from '../../../config/routing.ts';
import type { HeartbeatConfig } from '../../../config/sections/heartbeats.ts';
import {
  type Beat,
  type HeartbeatSetting,
  type Listening,
  listeningEveryMs,
} from '../../../domain/heartbeat/heartbeat.ts';
import { digestOf } from '../../../runtime/digests.ts';
import {
  BEAT_SIGNAL,
  HEARTBEAT_WORKFLOW,
  type HeartbeatInput,
  LISTENING_SIGNAL,
  TASK_QUEUES,
} from '../../../workflows/contract.ts';
import type { Circuit } from '../../delivery/circuit-breaker.ts';
import { NotDurable } from '../../delivery/durable-delivery.ts';
import { cachedPolicy, declarationOf } from '../declaration.ts';
import type { WatchdogBeat } from '../sources/watchdog.ts';

export interface HeartbeatsParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly config: () => Config;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now?: () => number;
}

/** What this server has sent about one heartbeat. */
interface HeartbeatSignals {
  /** The newest durable beat. */
  beatAt: number;
  /** The newest beat that is not durable yet. */
  pendingBeatAt: number | null;
  sendingBeat: Promise<void> | null;
  sendingListening: Promise<void> | null;
  /** When anything was last sent. */
  at: number;
  /** Digest of the settings that this server has sent to the workflow. */
  setting: string;
  /** Since when its beats have been accepted, if later than for the others. */
  since: number;
}

const nothingSent = (): HeartbeatSignals => ({
  beatAt: -Infinity,
  pendingBeatAt: null,
  sendingBeat: null,
  sendingListening: null,
  at: -Infinity,
  setting: '',
  since: -Infinity,
});

const CHECK_INTERVAL_MS = 1000;
/** A check this much too late means that the whole process was stopped and was not listening. */
const PROCESS_STOPPED_MS = 15_000;
/** Beats closer together than this count as one. */
const AT_MOST_EVERY_MS = 5000;

export class Heartbeats {
  private readonly parts: HeartbeatsParts;
  private readonly now: () => number;
  private readonly signalsByName = new Map<string, HeartbeatSignals>();
  /** Null: beats cannot arrive. */
  private since: number | null = null;
  private checkedAt: number;
  private timer: NodeJS.Timeout | undefined;
  /** The heartbeats of the configuration before its last change. */
  private configuredBefore: ReadonlySet<string>;

  constructor(parts: HeartbeatsParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
    this.checkedAt = this.now();
    this.configuredBefore = new Set(parts.config().heartbeats.keys());
    parts.circuitBreaker.onRecovered(() => {
      if (this.since !== null) this.restartListening();
    });
  }

  /**
   * Resolves once this beat, or one just before it, is durable: many beats a minute become one signal every few
   * seconds. `at`: epoch ms. Throws `NotDurable` within 3 s when Temporal does not take it; the beat is delivered
   * later, so that a sender that does not retry does not count as missed.
   */
  async beat(name: string, at: number): Promise<'beaten' | 'unknown'> {
    const heartbeat = this.parts.config().heartbeats.get(name);
    if (!heartbeat) return 'unknown';
    const signals = this.signalsOf(name);
    if (at - signals.beatAt < Math.min(AT_MOST_EVERY_MS, heartbeat.everyMs / 10)) return 'beaten';
    signals.pendingBeatAt = Math.max(at, signals.pendingBeatAt ?? at);
    await this.beatOnce(heartbeat, signals).catch((err: unknown) => {
      this.parts.log.warn({ err, heartbeat: name }, 'a heartbeat could not be made durable; it is delivered later');
      throw new NotDurable('Temporal did not take the beat');
    });
    return 'beaten';
  }

  /** Beats can arrive from now on: reports this to the workflow of every configured heartbeat, and starts new ones. */
  startListening(): void {
    this.restartListening();
    this.timer = setInterval(() => this.check(), CHECK_INTERVAL_MS);
    this.timer.unref();
  }

  /** Updates the workflows of heartbeats that are new or have changed. */
  onConfigChanged(): void {
    const { heartbeats } = this.parts.config();
    // Until now, beats of a heartbeat that was not configured were rejected, so nobody was listening.
    for (const name of heartbeats.keys()) if (!this.configuredBefore.has(name)) this.signalsOf(name).since = this.now();
    for (const signals of this.signalsByName.values()) signals.setting = '';
    this.configuredBefore = new Set(heartbeats.keys());
    this.check();
  }

  /** Sends nothing more; resolves when what is in flight has ended. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.since = null;
    const inFlight = [...this.signalsByName.values()].flatMap(({ sendingBeat, sendingListening }) =>
      [sendingBeat, sendingListening].filter((sending) => sending !== null),
    );
    await Promise.allSettled(inFlight);
  }

  private signalsOf(name: string): HeartbeatSignals {
    const known = this.signalsByName.get(name) ?? nothingSent();
    this.signalsByName.set(name, known);
    return known;
  }

  private restartListening(): void {
    this.since = this.now();
    this.checkedAt = this.since;
    // Temporal may have lost its state in the outage.
    for (const signals of this.signalsByName.values()) Object.assign(signals, { at: -Infinity, setting: '' });
    this.check();
  }

  private check(): void {
    const at = this.now();
    if (this.since !== null && at - this.checkedAt > PROCESS_STOPPED_MS) this.since = at;
    this.checkedAt = at;
    const { circuitBreaker, config } = this.parts;
    if (this.since === null || !circuitBreaker.allowsCalls()) return;
    for (const heartbeat of config().heartbeats.values()) this.sendDue(heartbeat, at);
  }

  private sendDue(heartbeat: HeartbeatConfig, at: number): void {
    const signals = this.signalsOf(heartbeat.name);
    const failed = (err: unknown): void =>
      this.parts.log.warn({ err, heartbeat: heartbeat.name }, 'a heartbeat workflow was not reached');
    if (signals.pendingBeatAt !== null && signals.sendingBeat === null) this.beatOnce(heartbeat, signals).catch(failed);
    const isNew = signals.setting === '';
    if (signals.sendingListening !== null || (!isNew && at - signals.at < listeningEveryMs(heartbeat))) return;
    signals.sendingListening = this.sendListening(heartbeat, signals)
      .catch(failed)
      .finally(() => (signals.sendingListening = null));
  }

  /** One at a time; the next starts when it has ended. */
  private beatOnce(heartbeat: HeartbeatConfig, signals: HeartbeatSignals): Promise<void> {
    return (signals.sendingBeat ??= this.sendBeat(heartbeat, signals).finally(() => (signals.sendingBeat = null)));
  }

  private async sendBeat(heartbeat: HeartbeatConfig, signals: HeartbeatSignals): Promise<void> {
    const at = signals.pendingBeatAt ?? this.now();
    const setting = heartbeatSettingOf(this.parts.config(), heartbeat);
    await this.send(setting, BEAT_SIGNAL, { at, since: this.sinceOf(signals, at) });
    signals.beatAt = at;
    signals.at = this.now();
    if (signals.pendingBeatAt === at) signals.pendingBeatAt = null;
  }

  private async sendListening(heartbeat: HeartbeatConfig, signals: HeartbeatSignals): Promise<void> {
    const at = this.now();
    const config = this.parts.config();
    const setting = heartbeatSettingOf(config, heartbeat);
    const digest = digestOf(setting, 16);
    const changed = digest === signals.setting ? {} : { setting };
    await this.send(setting, LISTENING_SIGNAL, { since: this.sinceOf(signals, at), at, ...changed });
    signals.at = at;
    // The configuration may have changed meanwhile.
    signals.setting = this.parts.config() === config ? digest : '';
  }

  private sinceOf(signals: HeartbeatSignals, at: number): number {
    return Math.min(Math.max(this.since ?? at, signals.since), at);
  }

  private async send(setting: HeartbeatSetting, signal: string, signalArg: Beat | Listening): Promise<void> {
    const { client, circuitBreaker } = this.parts;
    const args: [HeartbeatInput] = [{ setting }];
    await circuitBreaker.callDurable(() =>
      client.workflow.signalWithStart(HEARTBEAT_WORKFLOW, {
        workflowId: heartbeatWorkflowIdFor(setting.name),
        taskQueue: TASK_QUEUES.incidents,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `heartbeat ${setting.name}`,
        args,
        signal,
        signalArgs: [signalArg],
      }),
    );
  }
}

/** Feeds the heartbeats of alerts that must never stop firing. Throws what they throw. */
export async function feedByAlerts(
  beats: readonly WatchdogBeat[],
  heartbeats: Pick<Heartbeats, 'beat'> | undefined,
): Promise<void> {
  const firing = beats.filter(({ status }) => status === 'firing');
  await Promise.all(firing.map(async ({ name, at }) => heartbeats?.beat(name, at)));
}

/** A configured heartbeat as its workflow needs it, with the incident to declare when it is missed. */
function heartbeatSettingOf(config: Config, heartbeat: HeartbeatConfig): HeartbeatSetting {
  const { name, everyMs, graceMs, team, severity, service } = heartbeat;
  const declaration = declarationOf({
    workflowId: missedHeartbeatWorkflowIdFor(team, name),
    // The workflow gives each missed heartbeat its own id, and adds to the summary since when.
    incidentId: '',
    title: `${name} has fallen silent`,
    summary: '',
    severity,
    team,
    service,
    component: service === null ? null : (config.services.get(service)?.component ?? null),
    source: 'heartbeat',
    policy: cachedPolicy(config, team, service),
  });
  return { name, everyMs, graceMs, declaration };
}
