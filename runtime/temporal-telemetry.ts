/** The SDK's runtime, one per process: forwards its log to ours. Must run before the first native connection. */
import type { LogEntry } from '@temporalio/worker';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { FROM_TEMPORAL_SDK, type Log } from './log.ts';

let installed = false;

export function installTemporalRuntime(log: Log): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('WARN', (entry) => forwardSdkLog(log, entry)),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
    // We drain ourselves: the worker must not stop before the server has.
    shutdownSignals: [],
  });
}

/** Each of our workers does one half of a worker's job, and the SDK warns about the other half. */
const EXPECTED = /^No (activities|workflows) registered/;

function forwardSdkLog(own: Log, { level, message, meta }: LogEntry): void {
  if (EXPECTED.test(message)) return;
  // Log entries of our own activities also arrive here.
  const log = meta?.['sdkComponent'] === 'activity' ? own : own.child(FROM_TEMPORAL_SDK);
  const { taskToken: _, ...rest } = meta ?? {};
  const fields = JSON.parse(
    JSON.stringify(rest, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ) as object;
  if (level === 'ERROR') log.error(fields, message);
  else if (level === 'WARN') log.warn(fields, message);
  else log.debug(fields, message);
}
