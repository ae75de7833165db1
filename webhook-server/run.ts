/** The webhook server of a process, put together: spool, incidents, tokens, routes, the listening socket. */
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import { createDataConverter } from '../config/data-converter.ts';
import { EXIT_UNAVAILABLE, ExitError } from '../config/exit-error.ts';
import type { Log } from '../config/log.ts';
import { createSigner } from '../config/signed-links.ts';
import type { Records } from '../records/index.ts';
import { createApp } from './app.ts';
import { createIncidents } from './incidents.ts';
import { createTokenStore, tokenFileOf } from './security/tokens.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';
import { Locked, openSpool } from './spool/spool.ts';

export interface WebhookServerSettings {
  readonly config: Config;
  /** Need not be up: alerts wait in the spool until it is. */
  readonly connection: ConnectionLike;
  readonly namespace: string;
  /** Closed by whoever opened them, after the drain. Need not be there. */
  readonly records: Records;
  /** Checks acknowledge links; the same on every server and worker. */
  readonly secret: string;
  /** The state directory: spool, tokens and the copy of the public page are there. */
  readonly home: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** One more token of role admin; null: only those in the file. */
  readonly adminToken: string | null;
  readonly log: Log;
}

export interface WebhookServer {
  readonly url: string;
  /** Takes nothing new, answers what is in flight, closes the spool. The connection stays open: it is not ours. */
  drain(): Promise<void>;
}

/** Throws `ExitError` (69) when the address or the spool is in use. */
export async function startWebhookServer(settings: WebhookServerSettings): Promise<WebhookServer> {
  const { config, connection, namespace, records, secret, home, host, port, adminToken, log } = settings;
  const spool = await openSpool({ directory: join(home, 'spool'), log }).catch(inUse);
  const client = new Client({ connection, namespace, dataConverter: createDataConverter() });
  const incidents = createIncidents({ client, spool, log });
  const tokens = createTokenStore(tokenFileOf(home), {
    ...(adminToken === null ? {} : { adminToken }),
    onProblem: (error) => log.error({ err: error }, 'the file of tokens cannot be read: the last good one holds'),
  });
  const stop = async (): Promise<void> => {
    await incidents.close();
    await spool.close();
  };

  const listening: { server?: RunningServer } = {};
  const app = createApp({
    config: () => config,
    gateway: incidents,
    records,
    stateDirectory: home,
    tokens,
    signer: createSigner(secret),
    log,
    draining: () => listening.server?.draining() ?? false,
  });
  try {
    listening.server = await startServer({ app, host, port });
  } catch (error) {
    await stop();
    throw new ExitError(EXIT_UNAVAILABLE, (error as Error).message, 'set PORT and HOST to an address that is free.');
  }
  const { server } = listening;
  return {
    url: server.url,
    async drain() {
      await server.close();
      await stop();
    },
  };
}

function inUse(error: unknown): never {
  if (!(error instanceof Locked)) throw error;
  throw new ExitError(EXIT_UNAVAILABLE, error.message, 'stop the other one, or choose another TOCSIN_HOME.');
}
