/**
 * The server's self-check: every few minutes a synthetic alert travels the whole way from webhook to page and back.
 * Only a success pings the external monitor; a failure goes to the monitor, the log, the metrics and the last-resort
 * people, by a path that uses nothing that is being checked.
 */
import { hostname } from 'node:os';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Contact } from '../../activities/ports.ts';
import { digestOf } from '../../runtime/digests.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
import { newUlid } from '../ingest/declaration.ts';
import {
  createSelfCheckEndpoint,
  newSelfCheckSecret,
  type SelfCheckState,
  runSyntheticCheck,
  SyntheticCheckFailed,
} from './synthetic-check.ts';
import { ExternalMonitor } from './external-monitor.ts';
import { createOutageNotifier, type PagingOutage } from './outage-notifier.ts';

export interface SelfCheckSettings {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly registry: Registry;
  /** The state directory: with the machine's name, it distinguishes this server from others. */
  readonly home: string;
  /** Called each time. `selfCheck` null: switched off. */
  readonly config: () => {
    readonly publicUrl: string;
    readonly selfCheck: { readonly pingUrl: string | null; readonly everyMs: number } | null;
  };
  /** The last-resort people; called each time. */
  readonly contacts: () => readonly Contact[];
  /** How long one check may take, ms: a minute, or the interval if that is shorter. */
  readonly withinMs?: number;
  readonly now?: () => number;
}

export type SelfCheck = ReturnType<typeof createSelfCheck>;

const WITHIN_MS = 60_000;
/** Workers may start after the server. */
const FIRST_AFTER_MS = 15_000;

export function createSelfCheck(settings: SelfCheckSettings) {
  const { client, circuitBreaker, log, registry, home, config, contacts, withinMs, now = Date.now } = settings;
  const periodMs = (): number | null => config().selfCheck?.everyMs ?? null;
  const server = digestOf([hostname(), home], 12);
  const secret = newSelfCheckSecret();
  const metrics = createSelfCheckMetrics(registry);
  const externalMonitor = new ExternalMonitor(() => config().selfCheck?.pingUrl ?? null, log);
  const outageNotifier = createOutageNotifier({ contacts, server, publicUrl: () => config().publicUrl, log });
  const ended = new AbortController();
  let state: SelfCheckState = periodMs() === null ? 'off' : 'unknown';
  let outage: PagingOutage | null = null;
  let url = '';

  async function check(everyMs: number): Promise<void> {
    const begunAt = now();
    const done = metrics.seconds.startTimer();
    try {
      // A check ends before the next begins.
      const within = { signal: ended.signal, withinMs: withinMs ?? Math.min(WITHIN_MS, everyMs) };
      await runSyntheticCheck({ url, secret, check: newUlid(begunAt), ...within });
    } catch (err) {
      if (!ended.signal.aborted && periodMs() !== null) checkFailed(err, begunAt);
      return;
    }
    // Switched off meanwhile: the result no longer matters.
    if (periodMs() === null) return;
    done();
    metrics.lastSuccess.set(now() / 1000);
    checkSucceeded();
  }

  function checkFailed(err: unknown, at: number): void {
    const reason = err instanceof SyntheticCheckFailed ? err.message : 'the check itself went wrong';
    outage ??= { reason, since: at };
    state = 'failing';
    metrics.ok.set(0);
    log.error({ err, since: new Date(outage.since) }, `self-check: ${reason}`);
    externalMonitor.pingFailure(reason);
    void outageNotifier.outageSeen({ ...outage, reason }, at);
  }

  function checkSucceeded(): void {
    if (outage !== null) log.info({ awayMs: now() - outage.since }, 'self-check: alerts become pages again');
    outage = null;
    state = 'ok';
    metrics.ok.set(1);
    externalMonitor.pingSuccess();
    void outageNotifier.outageOver();
  }

  const interval = new IntervalRunner({ periodMs, act: check, firstAfterMs: FIRST_AFTER_MS, now });

  return {
    endpoint: createSelfCheckEndpoint({ client, circuitBreaker, server, secret, state: () => state }),
    /** `listening`: where the server listens. The first check comes soon. */
    start(listening: string): void {
      url = dialable(listening);
      interval.start();
    },
    /** The check may be switched on or off, or its interval may differ. */
    configChanged(): void {
      if (periodMs() === null) [state, outage] = ['off', null];
      else if (state === 'off') state = 'unknown';
      interval.reschedule();
    },
    close(): void {
      ended.abort();
      interval.stop();
      externalMonitor.close();
    },
  };
}

/** A server that listens on all addresses is reached on this machine. */
export function dialable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function createSelfCheckMetrics(registry: Registry) {
  const registers = [registry];
  return {
    seconds: new Histogram({
      name: 'tocsin_self_check_seconds',
      help: 'From an alert at the webhook to the end of its workflow, for checks that succeeded',
      buckets: [0.1, 0.3, 1, 3, 10, 30, 60],
      registers,
    }),
    ok: new Gauge({ name: 'tocsin_self_check_ok', help: '1 when the last self-check succeeded', registers }),
    lastSuccess: new Gauge({
      name: 'tocsin_self_check_last_success_timestamp_seconds',
      help: 'When alerts were last seen to become pages',
      registers,
    }),
  };
}

interface IntervalRunnerParts {
  /** The interval in ms; null: do not run. Called each time. */
  readonly periodMs: () => number | null;
  /** Must not reject. */
  readonly act: (everyMs: number) => Promise<void>;
  /** Delay before the first run, ms; the interval if that is shorter. */
  readonly firstAfterMs: number;
  readonly now: () => number;
}

/** Runs a task at an interval that the configuration may change, and never twice at once. */
class IntervalRunner {
  private readonly parts: IntervalRunnerParts;
  private timer: NodeJS.Timeout | undefined;
  private isRunning = false;
  private isUnderWay = false;
  /** The interval by which the next run was planned; null: none is planned. */
  private plannedMs: number | null = null;

  constructor(parts: IntervalRunnerParts) {
    this.parts = parts;
  }

  /** The first run comes soon. */
  start(): void {
    this.isRunning = true;
    this.reschedule();
  }

  /** The interval may have changed. */
  reschedule(): void {
    const { periodMs, firstAfterMs } = this.parts;
    const everyMs = periodMs();
    if (!this.isRunning || everyMs === this.plannedMs) return;
    this.plannedMs = everyMs;
    if (everyMs === null) clearTimeout(this.timer);
    // A run in progress plans the next one itself.
    else if (!this.isUnderWay) this.scheduleNext(Math.min(firstAfterMs, everyMs));
  }

  stop(): void {
    this.isRunning = false;
    clearTimeout(this.timer);
  }

  private scheduleNext(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.runOnce(), afterMs);
    this.timer.unref();
  }

  /** The next run begins one interval after this one began, however long this one took. */
  private async runOnce(): Promise<void> {
    const { periodMs, act, now } = this.parts;
    const everyMs = periodMs();
    if (everyMs === null) return;
    const begunAt = now();
    this.isUnderWay = true;
    await act(everyMs);
    this.isUnderWay = false;
    const nextMs = periodMs();
    if (this.isRunning && nextMs !== null) this.scheduleNext(Math.max(0, nextMs - (now() - begunAt)));
  }
}
