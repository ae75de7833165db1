/**
 * `tocsin server`: the webhook server alone. It can start while Temporal is down, since alerts can wait in the spool.
 */
import { onHangup, finishesWithin, untilStopSignal } from '../runtime/process.ts';
import { prepareStandaloneProcess, standaloneConfigSource } from '../config/standalone-process.ts';
import { connectClient } from '../runtime/temporal-connection.ts';
import { openRecordsInHome } from '../records/open-records.ts';
import { startWebhookServer } from './start-webhook-server.ts';

/** Resolves with the exit code when stopped. Throws `ExitError` (78, 69) when it cannot start. */
export async function main({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): Promise<number> {
  const alone = prepareStandaloneProcess(env);
  const { environment, secret, databaseUrl, temporal, log } = alone;
  const source = standaloneConfigSource(alone, env, 'server');
  onHangup(() => void source.reload('SIGHUP'));
  const { home, host, port, adminToken } = environment;
  const { namespace, address } = temporal;
  const stopped = untilStopSignal();
  const { client, close } = connectClient(temporal);
  const { connection } = client;
  const records = openRecordsInHome({ home, databaseUrl, timeZone: () => source.current().timeZone, log });
  const common = { source, connection, namespace, records, secret, home, host, port, adminToken, log };
  const server = await startWebhookServer(common);
  log.info({ url: server.url, temporal: address, namespace }, 'webhook server runs');
  await stopped;
  log.info('draining');
  if (!(await finishesWithin(server.drain().then(() => Promise.all([close(), records.close()])))))
    log.warn('draining took too long: leaving');
  return 0;
}
