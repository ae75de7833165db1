/** `tocsin records rebuild`: the records anew from Temporal's histories, while everything else goes on. */
import { prepareAlone } from '../config/process.ts';
import { connectClient } from '../config/temporal.ts';
import { openRecordsAt } from '../records/at-home.ts';
import { rebuildRecords } from './rebuild.ts';

/** Between two lines that say how far it has come, ms. */
const SAY_EVERY_MS = 2_000;

/** Resolves with the exit code. Throws `ExitError` (78) for an environment that will not do. */
export async function main({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): Promise<number> {
  const { config, databaseUrl, temporal, environment, log } = prepareAlone(env);
  const records = openRecordsAt({ home: environment.home, databaseUrl, timeZone: () => config.timeZone, log });
  const { client, close } = connectClient(temporal);
  let saidAt = 0;
  try {
    await records.ready();
    const { runs, batches } = await rebuildRecords({
      client,
      config,
      records,
      say: (soFar) => {
        if (Date.now() - saidAt < SAY_EVERY_MS) return;
        saidAt = Date.now();
        log.info({ ...soFar }, 'rebuilding the records');
      },
    });
    log.info({ runs, batches }, 'the records are rebuilt');
    return 0;
  } finally {
    await Promise.all([records.close(), close()]);
  }
}
