/** The configuration of a process that runs alone (`tocsin server`, `tocsin worker`), from the same file again and again. */
import { openConfigSource, type ConfigSource } from './config-source.ts';
import { loadConfig } from './load.ts';
import { readTemporal, type Alone } from './process.ts';

export function sourceAlone(
  { config, log }: Pick<Alone, 'config' | 'log'>,
  env: Readonly<Record<string, string | undefined>>,
  serves: 'server' | 'worker',
): ConfigSource {
  return openConfigSource({
    first: config,
    load: () => loadConfig({ env, mustExist: true }),
    log,
    serves: [serves],
    // The environment of a process cannot change, but the profile and the certificates that it names can.
    fixed: [{ name: "Temporal's address, keys or certificates (TEMPORAL_*)", read: () => readTemporal(env) }],
  });
}
