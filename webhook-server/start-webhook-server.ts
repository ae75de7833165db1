/** Assembles the webhook server of a process: spool, incidents, tokens, routes, the listening socket. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import { Registry } from 'prom-client';
import type { ConfigSource } from '../config/config-source.ts';
import { createDataConverter } from '../runtime/data-converter.ts';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';
import type { Log } from '../runtime/log.ts';
import { createSigner } from '../runtime/digests.ts';
import type { Records } from '../records/open-records.ts';
import { createApp } from './app.ts';
import { openAudit } from './audit/audit.ts';
import { createConfiguredFallbackPaging } from './delivery/fallback-paging/configured-fallback-paging.ts';
import { createTemporalGateway } from './incidents/gateway.ts';
import { CircuitBreaker } from './delivery/circuit-breaker.ts';
import { Maintenance } from './ingest/maintenance/windows.ts';
import { Parsing } from './ingest/parsing/parsing.ts';
import { ServerCount } from './ingest/storm/storm-poller.ts';
import { registerReloadMetrics } from './health/metrics.ts';
import { createTokenStore, tokenFileOf, createTokenUse, tokenUseFileOf } from './security/token-store.ts';
import { startServer, type RunningServer } from './http/server.ts';
import { DirectoryLocked, openSpool } from './delivery/spool/spool.ts';
import { createBackgroundChecks } from './health/background-checks.ts';

export interface WebhookServerSettings {
  readonly source: ConfigSource;
  /** Need not be up: alerts wait in the spool until it is. */
  readonly connection: ConnectionLike;
  readonly namespace: string;
  /** The caller closes them after the drain. They need not be up. */
  readonly records: Records;
  /** Checks acknowledge links; the same on every server and worker. */
  readonly secret: string;
  /** The state directory, with the spool, tokens and the copy of the public page. */
  readonly home: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** One more token with role admin; null: only those in the file. */
  readonly adminToken: string | null;
  /** For `/metrics`, with what else the process counts; the server's own alone unless given. */
  readonly registry?: Registry;
  readonly log: Log;
}

export interface WebhookServer {
  readonly url: string;
  /**
   * Accepts no new requests, answers those in flight, closes the spool. Leaves the Temporal connection open: the caller
   * owns it.
   */
  drain(): Promise<void>;
}

/** Throws `ExitError` (69) when the address or the spool is in use. */
export async function startWebhookServer(settings: WebhookServerSettings): Promise<WebhookServer> {
  const { source, connection, namespace, records, secret, home, host, port, adminToken, log } = settings;
  const spool = await openSpool({ directory: join(home, 'spool'), log }).catch(exitWhenSpoolInUse);
  const endsSpool = await openSpool({ directory: join(home, 'unknown-ends'), log }).catch(exitWhenSpoolInUse);
  const client = new Client({ connection, namespace, dataConverter: createDataConverter() });
  // Named by its state directory: no other server uses it, and a restart is no second server.
  const config = source.current;
  const storm = { config, servers: new ServerCount(records, `${hostname()} ${home}`) };
  const circuitBreaker = new CircuitBreaker({ client, log });
  const { registry = new Registry() } = settings;
  registerReloadMetrics(source, registry);
  const signer = createSigner(secret);
  const fallbackPaging = await createConfiguredFallbackPaging({ source, signer, home, log });
  const maintenance = new Maintenance({ client, circuitBreaker, log, config });
  const gateway = createTemporalGateway({
    client,
    circuitBreaker,
    spool,
    endsSpool,
    recordedOwners: {
      find: (query) => records.findAlertOwners(query),
      findAll: (limit) => records.allAlertOwners(limit),
    },
    log,
    nameOf: (person) => config().people.get(person)?.name ?? person,
    storm,
    maintenance,
    fallbackPaging,
  });
  const backgroundChecks = createBackgroundChecks({ client, circuitBreaker, source, home, registry, log });
  const parsing = new Parsing({ log });
  const audit = openAudit({ home, records, log });
  const tokenUse = createTokenUse(tokenUseFileOf(tokenFileOf(home)));
  const tokens = createTokenStore(tokenFileOf(home), {
    use: tokenUse,
    ...(adminToken === null ? {} : { adminToken }),
    onProblem: (error) => log.error({ err: error }, 'the file of tokens cannot be read: the last good one holds'),
  });
  const stop = async (): Promise<void> => {
    maintenance.close();
    await Promise.all([audit.close(), tokenUse.written(), gateway.close(), parsing.close()]);
    await spool.close();
    await endsSpool.close();
  };

  const listening: { server?: RunningServer } = {};
  const app = createApp({
    config,
    reload: source,
    gateway,
    parsing,
    records,
    stateDirectory: home,
    tokens,
    audit,
    signer,
    log,
    draining: () => listening.server?.draining() ?? false,
    registry,
    maintenance,
    heartbeats: backgroundChecks.heartbeats,
    selfCheck: backgroundChecks.selfCheck,
  });
  try {
    listening.server = await startServer({ app, host, port });
  } catch (error) {
    await backgroundChecks.close();
    await stop();
    throw new ExitError(EXIT_UNAVAILABLE, (error as Error).message, 'set PORT and HOST to an address that is free.');
  }
  const { server } = listening;
  backgroundChecks.start(server.url);
  return {
    url: server.url,
    async drain() {
      await backgroundChecks.close();
      await server.close();
      await stop();
    },
  };
}

function exitWhenSpoolInUse(error: unknown): never {
  if (!(error instanceof DirectoryLocked)) throw error;
  throw new ExitError(EXIT_UNAVAILABLE, error.message, 'stop the other one, or choose another TOCSIN_HOME.');
}
