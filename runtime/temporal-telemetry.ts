/** The SDK's runtime, once a process: its log lines go to ours. Must run before the first native connection. */
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

/** Each of our workers does one half of a worker's work, and the SDK wonders about the other half. */
const EXPECTED = /^No (activities|workflows) registered/;

function forwardSdkLog(own: Log, { level, message, meta }: LogEntry): void {
  if (EXPECTED.test(message)) return;
  // What our own activities say comes this way, too.
  const log = meta?.['sdkComponent'] === 'activity' ? own : own.child(FROM_TEMPORAL_SDK);
  const { taskToken: _, ...rest } = meta ?? {};
  const fields = JSON.parse(
    JSON.stringify(rest, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ) as object;
  if (level === 'ERROR') log.error(fields, message);
  else if (level === 'WARN') log.warn(fields, message);
  else log.debug(fields, message);
}
