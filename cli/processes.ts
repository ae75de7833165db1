/**
 * The parts of the system that only some commands need, loaded when they are called: `tocsin ack` must answer at
 * once, on a laptop where nothing else is ever started.
 */
import type { LazyProcesses } from './command.ts';
import { tokenProcesses } from './token-processes.ts';

export const processes: LazyProcesses = {
  up: async (options) => (await import('../embedded/up.ts')).up(options),
  server: async (options) => (await import('../webhook-server/main.ts')).main(options),
  worker: async (options) => (await import('../worker/main.ts')).main(options),
  rebuildRecords: async (options) => (await import('../worker/rebuild-records.ts')).main(options),
  ...tokenProcesses,
};
