/** `tocsin records rebuild`: the records anew from Temporal's histories, while everything else goes on. */
import { prepareStandaloneProcess } from '../config/standalone-process.ts';
import { connectClient } from '../runtime/temporal-connection.ts';
import { openRecordsInHome } from '../records/open-records.ts';
import { rebuildRecords } from './rebuild-records.ts';

/** Between two lines that say how far it has come, ms. */
const SAY_EVERY_MS = 2_000;

/** Resolves with the exit code. Throws `ExitError` (78) for an environment that will not do. */
export async function main({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): Promise<number> {
  const { config, databaseUrl, temporal, environment, log } = prepareStandaloneProcess(env);
  const records = openRecordsInHome({ home: environment.home, databaseUrl, timeZone: () => config.timeZone, log });
  const { client, close } = connectClient(temporal);
  let loggedAt = 0;
  try {
    await records.ready();
    const { runs, batches } = await rebuildRecords({
      client,
      config,
      records,
      onProgress: (soFar) => {
        if (Date.now() - loggedAt < SAY_EVERY_MS) return;
        loggedAt = Date.now();
        log.info({ ...soFar }, 'rebuilding the records');
      },
    });
    log.info({ runs, batches }, 'the records are rebuilt');
    return 0;
  } finally {
    await Promise.all([records.close(), close()]);
  }
}
