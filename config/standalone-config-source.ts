/** The configuration of a process that runs alone (`tocsin server`, `tocsin worker`), from the same file again and again. */
import { openConfigSource, type ConfigSource } from './config-source.ts';
import { loadConfig } from './load.ts';
import { readTemporalSettings, type StandaloneProcess } from './standalone-process.ts';

export function standaloneConfigSource(
  { config, log }: Pick<StandaloneProcess, 'config' | 'log'>,
  env: Readonly<Record<string, string | undefined>>,
  serves: 'server' | 'worker',
): ConfigSource {
  return openConfigSource({
    first: config,
    load: () => loadConfig({ env, mustExist: true }),
    log,
    processes: [serves],
    // The environment of a process cannot change, but the profile and the certificates that it names can.
    restartOnly: [
      { name: "Temporal's address, keys or certificates (TEMPORAL_*)", read: () => readTemporalSettings(env) },
    ],
  });
}
