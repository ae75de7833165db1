/** Which servers there are: each says so now and then, by the database's clock, since theirs may differ. */
import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** A server not heard of for this long is not counted. */
const HERE_MS = 60_000;
const KEPT_MS = 86_400_000;

const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Says that `server` is there; answers how many are, itself among them. */
export async function registerServer(db: Db, server: string): Promise<number> {
  await db
    .insertInto('servers')
    .values({ id: server, seen_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
    .execute();
  await db
    .deleteFrom('servers')
    .where('seen_at', '<', sql<number>`${now} - ${sql.lit(KEPT_MS)}`)
    .execute();
  const { here: present } = await db
    .selectFrom('servers')
    .select(({ fn }) => fn.countAll<number>().as('here'))
    .where('seen_at', '>', sql<number>`${now} - ${sql.lit(HERE_MS)}`)
    .executeTakeFirstOrThrow();
  return Math.max(1, Number(present));
}
