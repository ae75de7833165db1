/** Postgres: a small pool in which every wait is bounded and no broken connection is handed out twice. */
import type { PostgresPoolClient } from 'kysely';
import { Pool, types, type PoolClient } from 'pg';
import { CALL_MS, type Engine } from './connection.ts';
import { ConnectionLost, isConnectionLoss, messageOf, sqlStateOf, within } from './errors.ts';

const CONNECTIONS = 5;
const BIGINT = 20;
const JSON_TYPE = 114;

/** `bigint` as a number (it holds only epoch ms and counts), `json` as text. */
function parserOf(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === BIGINT) return Number;
  if (oid === JSON_TYPE) return (text) => text;
  return types.getTypeParser(oid, format) as (text: string) => unknown;
}

function openPool(databaseUrl: string, onLoss: (reason: string) => void): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'tocsin',
    max: CONNECTIONS,
    connectionTimeoutMillis: CALL_MS,
    statement_timeout: CALL_MS,
    // The server's own limit comes first, unless the server hangs.
    query_timeout: CALL_MS + 1000,
    idle_in_transaction_session_timeout: 2 * CALL_MS,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  });
  // An idle connection broke: the pool has dropped it, and the others may be dead too.
  pool.on('error', (error) => onLoss(messageOf(error)));
  return pool;
}

export function postgres(databaseUrl: string): Engine {
  let pool: Pool | null = null;

  async function connect(): Promise<PostgresPoolClient> {
    if (pool === null) throw new ConnectionLost(new Error('not connected'));
    const client = await pool.connect().catch((error: unknown) => {
      throw sqlStateOf(error) === null ? new ConnectionLost(error) : error;
    });
    return leased(client);
  }

  return {
    connect,
    async start(onLoss) {
      // Connections from before the loss may be dead without knowing it.
      const old = pool;
      pool = openPool(databaseUrl, onLoss);
      void old?.end().catch(() => undefined);
      const client = await connect();
      try {
        await client.query('select 1', []);
      } finally {
        client.release();
      }
    },
    async end() {
      const last = pool;
      pool = null;
      if (last !== null) await within(CALL_MS, last.end(), 'closing the pool').catch(() => undefined);
    },
  };
}

/** A connection of the pool. A broken one is destroyed when it is returned. */
function leased(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const onError = (): void => void (broken = true);
  client.on('error', onError);
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    if (broken) throw new ConnectionLost(new Error('the connection broke'));
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      const failure = sqlStateOf(error) === null ? new ConnectionLost(error) : error;
      broken ||= isConnectionLoss(failure);
      throw failure;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release() {
      client.off('error', onError);
      client.release(broken);
    },
  };
}
