/** The processes themselves. Each is loaded only when it is called for. */
import type { CommandSpec } from '../command.ts';

export const up: CommandSpec = {
  name: 'up',
  suggestedFor: ['start', 'run-all', 'launch', 'boot', 'begin', 'init', 'daemon', 'dev'],
  about: 'start everything on this machine: Temporal, worker, webhook server (npm start does this)',
  kind: 'process',
  options: [{ flags: '--verbose', about: 'print the log here as well, and where Temporal was looked for' }],
  examples: ['tocsin up', 'PORT=8090 TOCSIN_HOME=/var/lib/tocsin tocsin up'],
  run: ({ context, options }) => context.processes.up({ env: context.env, verbose: options.flag('verbose') }),
};

export const server: CommandSpec = {
  name: 'server',
  suggestedFor: ['serve', 'start-server', 'api', 'http'],
  about: 'run only the webhook server (needs TEMPORAL_ADDRESS and TOCSIN_SECRET)',
  kind: 'process',
  examples: ['TEMPORAL_ADDRESS=temporal:7233 TOCSIN_SECRET=… tocsin server'],
  run: ({ context }) => context.processes.server({ env: context.env }),
};

export const recordsRebuild: CommandSpec = {
  name: 'records rebuild',
  suggestedFor: ['rebuild', 'reindex'],
  about: 'rebuild the records from the histories that Temporal keeps',
  kind: 'process',
  examples: [
    'tocsin records rebuild',
    'DATABASE_URL=postgres://… TEMPORAL_ADDRESS=temporal:7233 tocsin records rebuild',
  ],
  run: ({ context }) => context.processes.rebuildRecords({ env: context.env }),
};

export const worker: CommandSpec = {
  name: 'worker',
  suggestedFor: ['start-worker', 'work'],
  about: 'run only a worker (needs TEMPORAL_ADDRESS and TOCSIN_SECRET)',
  kind: 'process',
  examples: ['TEMPORAL_ADDRESS=temporal:7233 TOCSIN_SECRET=… tocsin worker'],
  run: ({ context }) => context.processes.worker({ env: context.env }),
};
