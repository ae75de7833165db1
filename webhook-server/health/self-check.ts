/**
 * The server's check of itself: every few minutes an alert that is none goes the whole way from webhook to page and
 * back. Only its success beats for the monitor outside; its failure is said there, in the log, in the metrics, and to
 * the people of the last resort, by a path that needs none of what is broken.
 */
import { hostname } from 'node:os';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Contact } from '../../activities/ports.ts';
import { digestOf } from '../../runtime/canonical-json.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
import { newUlid } from '../ingest/declaration.ts';
import {
  createSelfCheckEndpoint,
  newSelfCheckSecret,
  type SelfCheckEndpoint,
  type SelfCheckState,
  runSyntheticCheck,
  SyntheticCheckFailed,
} from './synthetic-check.ts';
import { createExternalMonitor } from './external-monitor.ts';
import { createIntervalRunner } from './interval-runner.ts';
import { createOutageNotifier, type PagingOutage } from './outage-notifier.ts';

export interface SelfCheckSettings {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly registry: Registry;
  /** The state directory: with the machine's name, what tells this server from others. */
  readonly home: string;
  /** Asked each time. `selfCheck` null: switched off. */
  readonly config: () => {
    readonly publicUrl: string;
    readonly selfCheck: { readonly pingUrl: string | null; readonly everyMs: number } | null;
  };
  /** Of the last resort; asked each time. */
  readonly contacts: () => readonly Contact[];
  /** How long one check may take, ms: a minute, or the time between two. */
  readonly withinMs?: number;
  readonly now?: () => number;
}

export interface SelfCheck {
  readonly endpoint: SelfCheckEndpoint;
  /** `url`: where the server listens. The first check comes soon. */
  start(url: string): void;
  /** The configuration has changed: it may be switched on or off, or wanted more often. */
  configChanged(): void;
  /** Something else has failed that must not stay inside, such as a chain with nobody left to page: says so outside. */
  readonly reportFailureOutside: (reason: string) => void;
  close(): void;
}

const WITHIN_MS = 60_000;
/** Workers may start after the server. */
const FIRST_AFTER_MS = 15_000;

export function createSelfCheck(settings: SelfCheckSettings): SelfCheck {
  const { client, circuitBreaker, log, registry, home, config, contacts, withinMs, now = Date.now } = settings;
  const periodMs = (): number | null => config().selfCheck?.everyMs ?? null;
  const server = digestOf([hostname(), home], 12);
  const secret = newSelfCheckSecret();
  const metrics = createSelfCheckMetrics(registry);
  const externalMonitor = createExternalMonitor(() => config().selfCheck?.pingUrl ?? null, log);
  const outageNotifier = createOutageNotifier({ contacts, server, publicUrl: () => config().publicUrl, log });
  const ended = new AbortController();
  let state: SelfCheckState = periodMs() === null ? 'off' : 'unknown';
  let outage: PagingOutage | null = null;
  let url = '';

  async function check(everyMs: number): Promise<void> {
    const begunAt = now();
    const done = metrics.seconds.startTimer();
    try {
      // One is over before the next begins.
      const within = { signal: ended.signal, withinMs: withinMs ?? Math.min(WITHIN_MS, everyMs) };
      await runSyntheticCheck({ url, secret, check: newUlid(begunAt), ...within });
    } catch (err) {
      if (!ended.signal.aborted && periodMs() !== null) checkFailed(err, begunAt);
      return;
    }
    // Switched off meanwhile: nobody wants to know any more.
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

  const interval = createIntervalRunner({ periodMs, act: check, firstAfterMs: FIRST_AFTER_MS, now });

  return {
    endpoint: createSelfCheckEndpoint({ client, circuitBreaker, server, secret, state: () => state }),
    start(listening) {
      url = dialable(listening);
      interval.start();
    },
    configChanged() {
      if (periodMs() === null) [state, outage] = ['off', null];
      else if (state === 'off') state = 'unknown';
      interval.reschedule();
    },
    reportFailureOutside: (reason) => externalMonitor.pingFailure(reason),
    close() {
      ended.abort();
      interval.stop();
      externalMonitor.close();
    },
  };
}

/** A server that listens everywhere is asked on this machine. */
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
