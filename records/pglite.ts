/**
 * PGlite in a directory that this process has to itself. It has one session, so callers take turns, a transaction each.
 * A statement in WebAssembly cannot be cancelled: a caller that gives up leaves it running, and if it does not end, the
 * thread is killed and a new one started.
 */
import { mkdir } from 'node:fs/promises';
import type { PostgresPoolClient } from 'kysely';
import { lockDirectory } from '../runtime/file-lock.ts';
import { CALL_MS, type Engine } from './connection.ts';
import { ConnectionLost, QueryTimeout, sqlStateOf, within } from './errors.ts';
import { startThread, type PgliteThread } from './pglite-client.ts';

/** The first start creates the database. */
const START_MS = 120_000;
const GIVE_UP_MS = 30_000;
const UPKEEP_MS = 600_000;
/** No autovacuum runs in PGlite: without this, searches get slower and files grow. */
const UPKEEP = [
  'vacuum (analyze) incidents, early_results, alerts, alert_owner, counters',
  'analyze timeline, deliveries, messages',
];

export function openPglite(directory: string): Engine {
  const sessionQueue = new SessionQueue();
  let unlock: (() => Promise<void>) | null = null;
  let thread: PgliteThread | null = null;
  let ending = false;

  const upkeep = setInterval(() => void keepInShape().catch(() => undefined), UPKEEP_MS).unref();

  async function keepInShape(): Promise<void> {
    for (const statement of UPKEEP) {
      const turn = await lease();
      try {
        await turn.query(statement, []);
      } finally {
        turn.release();
      }
    }
  }

  async function lease(): Promise<PostgresPoolClient> {
    const endTurn = await sessionQueue.acquire();
    const mine = thread;
    if (mine === null) {
      endTurn();
      throw new ConnectionLost(new Error('not open'));
    }
    return session(mine, endTurn);
  }

  return {
    connect: lease,
    async start(onLoss) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      unlock ??= await lockDirectory(directory);
      const old = thread;
      thread = null;
      await old?.kill();
      const opening = startThread(directory);
      const opened = await within(START_MS, opening, 'opening the database').catch((error: unknown) => {
        void opening.then((late) => late.kill()).catch(() => undefined);
        throw error;
      });
      if (ending) return opened.kill();
      thread = opened;
      void opened.ended.then((reason) => {
        if (thread !== opened) return;
        thread = null;
        onLoss(reason);
      });
    },
    async end() {
      ending = true;
      clearInterval(upkeep);
      const last = thread;
      thread = null;
      if (last !== null) await within(CALL_MS - 1000, last.close(), 'closing').catch(() => last.kill());
      await unlock?.();
      unlock = null;
    },
  };
}

/** One caller's turn. A statement that the caller gave up on must end, and be rolled back, before the next turn begins. */
function session(thread: PgliteThread, endTurn: () => void): PostgresPoolClient {
  let last: Promise<unknown> = Promise.resolve();
  let givenUp = false;
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    if (givenUp) throw new QueryTimeout('the statement before', CALL_MS);
    const answer = thread.query(sql, parameters);
    last = answer.catch(() => undefined);
    try {
      return await within(CALL_MS, answer, 'a statement');
    } catch (error) {
      givenUp = error instanceof QueryTimeout;
      if (givenUp || error instanceof ConnectionLost || sqlStateOf(error) !== null) throw error;
      // The database itself did not say this, so its memory cannot be trusted any more.
      await thread.kill();
      throw new ConnectionLost(error);
    }
  };
  const cleanUp = async (): Promise<void> => {
    const end = last.then(() => thread.query('rollback', []));
    await within(GIVE_UP_MS, end, 'a statement').catch(() => thread.kill());
  };
  return {
    query: query as PostgresPoolClient['query'],
    release() {
      if (givenUp) void cleanUp().finally(endTurn);
      else endTurn();
    },
  };
}

/** One caller at a time, in the order of asking. */
class SessionQueue {
  #last = Promise.resolve();

  /** Resolves with the function that ends the turn. Rejects with `QueryTimeout` when the turn does not come in time. */
  async acquire(): Promise<() => void> {
    const before = this.#last;
    let endTurn = (): void => undefined;
    this.#last = new Promise((resolve) => (endTurn = resolve));
    try {
      await within(CALL_MS, before, 'waiting for a turn');
    } catch (error) {
      void before.then(endTurn);
      throw error;
    }
    return endTurn;
  }
}
