/**
 * Keeps the database connected: connects, migrates, notices a loss and tries again for ever, all in the background.
 * While it is away every call is refused at once. An outage is two lines in the log: its beginning and its end.
 */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { isConnectionLoss, isTransient, messageOf, RecordsDown, within } from './errors.ts';
import type { RecordsLog, RecordsState } from './records.ts';
import { migrate, type Tables } from './schema.ts';

/** The longest a statement, or the wait for a connection, may take, ms. */
export const CALL_MS = 5000;
const RETRY_MS = { first: 250, longest: 5000 };
/** A call as a whole, however many statements it makes. */
const WORK_MS = 10_000;
const CLOSE_MS = 5000;

export type Db = Kysely<Tables>;

/** What the records need of a database, Postgres or PGlite. Kysely's Postgres dialect runs on it. */
export interface Engine extends PostgresPool {
  /** Connects, also after a loss. Rejects with the reason. `onLoss` reports a loss that no statement noticed. */
  start(onLoss: (reason: string) => void): Promise<void>;
  connect(): Promise<PostgresPoolClient>;
  /** Bounded; nothing is running afterwards. */
  end(): Promise<void>;
}

export interface Connection {
  /** Throws `RecordsDown` when the database is away or too slow, and otherwise what `work` throws. */
  readonly run: <T>(work: (db: Db) => Promise<T>) => Promise<T>;
  readonly ready: () => Promise<void>;
  readonly state: () => RecordsState;
  readonly upSince: () => number | null;
  readonly close: () => Promise<void>;
}

export function connectTo(engine: Engine, log: RecordsLog): Connection {
  const db: Db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: engine }) });
  const first = deferred<void>();
  first.promise.catch(() => undefined);
  const closing = deferred<void>();
  let lost = deferred<string>();
  let state: RecordsState = 'starting';
  let upSince: number | null = null;
  let closed = false;

  async function contact(): Promise<void> {
    lost = deferred<string>();
    const mine = lost;
    await engine.start((reason) => mine.resolve(reason));
    await migrate(db);
  }

  async function keepUp(): Promise<void> {
    let wait = RETRY_MS.first;
    while (!closed) {
      try {
        await contact();
        if (closed) return;
        if (state === 'down') log.info({}, 'the records are back');
        state = 'up';
        upSince = Date.now();
        wait = RETRY_MS.first;
        first.resolve();
        down(await Promise.race([lost.promise, closing.promise.then(() => 'closed')]));
      } catch (error) {
        down(messageOf(error));
      }
      await pause(wait);
      wait = Math.min(2 * wait, RETRY_MS.longest);
    }
  }

  /** Logged once for each outage. */
  function down(reason: string): void {
    if (!closed && state !== 'down') log.error({ reason }, 'the records are out of reach; paging does not need them');
    state = 'down';
    upSince = null;
  }

  async function pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([over, closing.promise]);
    clearTimeout(timer);
  }

  const kept = keepUp();

  return {
    async run(work) {
      if (state !== 'up') throw new RecordsDown(closed ? 'the records are closed' : 'the records are out of reach');
      try {
        return await within(WORK_MS, work(db), 'the records');
      } catch (error) {
        if (isConnectionLoss(error)) lost.resolve(messageOf(error));
        if (isTransient(error)) throw new RecordsDown(messageOf(error), { cause: error });
        throw error;
      }
    },
    ready: () => first.promise,
    state: () => state,
    upSince: () => upSince,
    async close() {
      if (closed) return;
      closed = true;
      state = 'down';
      upSince = null;
      first.reject(new RecordsDown('the records were closed'));
      closing.resolve();
      const ended = engine.end().then(() => kept);
      await within(CLOSE_MS, ended, 'closing').catch(() => undefined);
    },
  };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...(settle as unknown as Omit<Deferred<T>, 'promise'>) };
}
