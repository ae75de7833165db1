/** How the development server is run: durable writes, and none of its delays that a page would have to wait for. */

export interface DevServerFlags {
  readonly port: number;
  /** Null: no UI. */
  readonly uiPort: number | null;
  readonly namespace: string;
  /** Path of the SQLite file; null: in memory. */
  readonly database: string | null;
}

/** Defaults are for a laptop of a beginner; each line is there for a reason that was measured. */
const DYNAMIC_CONFIG = {
  // With one shard, 20 reads a second of the transfer queue cost every step up to 50 ms. (The timer and visibility queues
  // have the same limit, and are better left with it: a page costs 5 ms less while the visibility queue waits its turn.)
  'history.transferProcessorMaxPollRPS': 2000,
  // With four partitions and few pollers a storm's slowest pages take half as long again.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Priorities hold without it; a share for each key (one team's storm beside another team's page) does not.
  'matching.enableFairness': true,
  // More than ten commands at once to one incident would wait for seconds.
  'history.maxInFlightUpdates': 1000,
  // A storm must not be refused by the limits meant for shared clusters.
  'frontend.rps': 10_000,
  'frontend.namespaceRPS': 10_000,
  'frontend.namespaceRPS.visibility': 200,
} as const;

/** Arguments of the `temporal` program. */
export function devServerArgs({ port, uiPort, namespace, database }: DevServerFlags): string[] {
  const storage =
    database === null
      ? []
      : // WAL with FULL is nearly as fast as NORMAL, and what was acknowledged survives a power cut.
        ['--db-filename', database, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...storage,
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
  ];
}
