/** `tocsin server`: the webhook server alone. It starts while Temporal is away, since alerts can wait in the spool. */
import { atHangup } from '../config/hangup.ts';
import { drained, prepareAlone, untilAskedToStop } from '../config/process.ts';
import { sourceAlone } from '../config/source-alone.ts';
import { connectClient } from '../config/temporal.ts';
import { openRecordsAt } from '../records/at-home.ts';
import { startWebhookServer } from './run.ts';

/** Resolves with the exit code when told to stop. Throws `ExitError` (78, 69) when it cannot start. */
export async function main({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): Promise<number> {
  const alone = prepareAlone(env);
  const { environment, secret, databaseUrl, temporal, log } = alone;
  const source = sourceAlone(alone, env, 'server');
  atHangup(() => void source.reload('SIGHUP'));
  const { home, host, port, adminToken } = environment;
  const { namespace, address } = temporal;
  const stopped = untilAskedToStop();
  const { client, close } = connectClient(temporal);
  const { connection } = client;
  const records = openRecordsAt({ home, databaseUrl, timeZone: () => source.current().timeZone, log });
  const common = { source, connection, namespace, records, secret, home, host, port, adminToken, log };
  const server = await startWebhookServer(common);
  log.info({ url: server.url, temporal: address, namespace }, 'webhook server runs');
  await stopped;
  log.info('draining');
  if (!(await drained(server.drain().then(() => Promise.all([close(), records.close()])))))
    log.warn('draining took too long: leaving');
  return 0;
}
