/**
 * Connecting to Temporal. Address, namespace, TLS and keys come from `TEMPORAL_*` and the profile file that Temporal's
 * own tools use. A process with a worker shares one native connection between worker and client (`connectNative`);
 * the webhook server alone needs no native code and must start while Temporal is down (`connectClient`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions, GrpcRetryOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection, NativeConnectionOptions } from '@temporalio/worker';
import { createDataConverter } from './data-converter.ts';

export interface TemporalSettings {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** Everything else that a connection needs: TLS, API key, metadata. */
  readonly options: NativeConnectionOptions;
}

/** Reads `TEMPORAL_*` and the profile; `overrides` win (the embedded server knows its own address). */
export function temporalSettings(
  overrides: { readonly address?: string; readonly namespace?: string } = {},
  env?: Record<string, string>,
): TemporalSettings {
  const { connectionOptions, namespace } = loadClientConnectConfig(env === undefined ? {} : { overrideEnvVars: env });
  const address = overrides.address ?? connectionOptions.address ?? 'localhost:7233';
  return {
    address,
    namespace: overrides.namespace ?? namespace ?? 'default',
    options: { ...connectionOptions, address },
  };
}

const RESOURCE_EXHAUSTED = 8;
/** A timer may fire late. */
const RETRY_MARGIN_MS = 100;

/** Without a limit, grpc-js waits minutes before it retries a server that was down for long. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1000 };

/** For a process without a worker. Returns at once; calls fail until Temporal is there, and heal within 1 s. */
export function connectClient(settings: TemporalSettings): { client: Client; close: () => Promise<void> } {
  const defaults = defaultGrpcRetryOptions({
    initialIntervalMs: ({ code }) => ((code as number) === RESOURCE_EXHAUSTED ? 200 : 100),
  });
  let isClosing = false;
  let lastRetryAt = 0;
  const retry: GrpcRetryOptions = {
    retryableDecider: (attempt, status) => !isClosing && defaults.retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      const ms = defaults.delayFunction(attempt, status);
      lastRetryAt = Math.max(lastRetryAt, performance.now() + ms);
      return ms;
    },
  };
  const connection = Connection.lazy({
    // The profile's options are typed for the native connection; the fields that it sets mean the same here.
    ...(settings.options as ConnectionOptions),
    channelArgs: RECONNECT,
    interceptors: [makeGrpcRetryInterceptor(retry)],
  });
  return {
    client: createClient(connection, settings),
    // The SDK throws from a timer, which ends the process, when it retries a call on a closed connection.
    close: async () => {
      isClosing = true;
      const leftMs = lastRetryAt - performance.now();
      if (leftMs > 0) await sleep(leftMs + RETRY_MARGIN_MS);
      await connection.close();
    },
  };
}

/** How long to try, and how to report progress. */
export interface ConnectOptions {
  /** Give up after this long, ms. */
  readonly withinMs: number;
  /** Called after each failed attempt. */
  readonly onWait?: (progress: { readonly waitedMs: number; readonly reason: string }) => void;
}

const ATTEMPT_MS = 5000;
const SHORTEST_ATTEMPT_MS = 100;
const BETWEEN_ATTEMPTS_MS = 250;

/** For a process with a worker: one connection for both. Throws when Temporal does not answer in time. */
export async function connectNative(
  settings: TemporalSettings,
  { withinMs, onWait }: ConnectOptions,
): Promise<{ connection: NativeConnection; client: Client; close: () => Promise<void> }> {
  // Loaded here, so that the webhook server alone never loads the native bridge.
  const worker = await import('@temporalio/worker');
  const begunAt = Date.now();
  for (;;) {
    const leftMs = withinMs - (Date.now() - begunAt);
    try {
      const connecting = worker.NativeConnection.connect(settings.options);
      const connection = await connectWithin(connecting, Math.max(Math.min(leftMs, ATTEMPT_MS), SHORTEST_ATTEMPT_MS));
      return { connection, client: createClient(connection, settings), close: () => connection.close() };
    } catch (err) {
      const waitedMs = Date.now() - begunAt;
      const reason = err instanceof Error ? err.message : String(err);
      if (waitedMs + BETWEEN_ATTEMPTS_MS > withinMs) {
        throw new Error(`Temporal at ${settings.address} did not answer within ${withinMs} ms: ${reason}`, {
          cause: err,
        });
      }
      onWait?.({ waitedMs, reason });
      await sleep(BETWEEN_ATTEMPTS_MS);
    }
  }
}

/** A client over any connection, with our data converter. */
function createClient(connection: Connection | NativeConnection, { namespace }: { namespace: string }): Client {
  return new Client({ connection, namespace, dataConverter: createDataConverter() });
}

/** A server that accepts and never answers would hold a connect for ever. A late connection is closed. */
async function connectWithin(connecting: Promise<NativeConnection>, ms: number): Promise<NativeConnection> {
  const abort = new AbortController();
  const tooLate = sleep(ms, undefined, { signal: abort.signal }).then(() => {
    void connecting.then((late) => late.close()).catch(() => undefined);
    throw new Error(`no answer in ${ms} ms`);
  });
  tooLate.catch(() => undefined);
  try {
    return await Promise.race([connecting, tooLate]);
  } finally {
    abort.abort();
  }
}
