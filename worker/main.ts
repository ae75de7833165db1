/** `tocsin worker`: the worker alone, for a Temporal server elsewhere. */
import { EXIT_UNAVAILABLE, ExitError, finishesWithin, onHangup, untilStopSignal } from '../runtime/process.ts';
import type { Log } from '../runtime/log.ts';
import { prepareStandaloneProcess, standaloneConfigSource } from '../config/standalone-process.ts';
import { connectNative, type ConnectOptions } from '../runtime/temporal-connection.ts';
import { openRecordsInHome } from '../records/open-records.ts';
import { serveMetrics } from './metrics-endpoint.ts';
import { startWorker, waitForRecordsWhileStarting } from './start-worker.ts';
import { installTemporalRuntime } from '../runtime/temporal-telemetry.ts';

/** How long a starting worker waits for Temporal, ms. Once connected it waits for ever. */
const CONNECT_TIMEOUT_MS = 60_000;
const SAY_EVERY_MS = 5000;

/** Resolves with the exit code when stopped. Throws `ExitError`: 78 for mistakes, 69 when Temporal is not reachable. */
export async function main({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): Promise<number> {
  const alone = prepareStandaloneProcess(env);
  const { secret, temporal, databaseUrl, environment, log } = alone;
  const source = standaloneConfigSource(alone, env, 'worker');
  onHangup(() => void source.reload('SIGHUP'));
  const { home, host, metricsPort } = environment;
  const { address, namespace } = temporal;
  installTemporalRuntime(log);
  const stopped = untilStopSignal();
  const connecting = connectNative(temporal, connectOptions(log, address)).catch(unavailable);
  const connected = await Promise.race([connecting, stopped.then(() => null)]);
  if (connected === null) return 0;

  const { connection, close } = connected;
  const opened = openRecordsInHome({ home, databaseUrl, timeZone: () => source.current().timeZone, log });
  const records = waitForRecordsWhileStarting(opened);
  const worker = await startWorker({ source, connection, namespace, secret, records, home, log }).catch(unavailable);
  const metrics = metricsPort === null ? null : await serveMetrics(worker.registry, host, metricsPort);
  log.info({ address, namespace, metricsPort: metrics?.port }, 'worker runs');
  const failure = await Promise.race([worker.failed, stopped.then(() => null)]);
  if (failure !== null)
    throw new ExitError(EXIT_UNAVAILABLE, `the worker ended: ${failure.message}`, 'start it again.');
  log.info('draining');
  await metrics?.close();
  const ended = worker.drain().then(() => Promise.all([records.close(), close()]));
  if (!(await finishesWithin(ended))) log.warn('draining took too long: leaving');
  return 0;
}

function connectOptions(log: Log, address: string): ConnectOptions {
  let sayAgainAtMs = 0;
  return {
    withinMs: CONNECT_TIMEOUT_MS,
    onWait: ({ waitedMs, reason }) => {
      if (waitedMs < sayAgainAtMs) return;
      sayAgainAtMs = waitedMs + SAY_EVERY_MS;
      log.warn({ address, reason }, 'waiting for Temporal');
    },
  };
}

function unavailable(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new ExitError(
    EXIT_UNAVAILABLE,
    message,
    'are TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE right, and is Temporal running?',
  );
}
