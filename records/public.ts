/** The public page's entries, which hold nothing but what was written for the public. Primary: no rebuild touches them. */
import type { Db } from './connection.ts';
import type { PublicIncident, PublicUpdate } from './records.ts';
import { claim } from './write.ts';

/** The page shows at most this many, newest first. */
const SHOWN = 200;

/** `update` is clean already. */
export async function publish(db: Db, update: PublicUpdate): Promise<void> {
  const { episode, n, at, state, impact, component, text, nextUpdateAt } = update;
  await db.transaction().execute(async (trx) => {
    await claim(trx, episode);
    await trx
      .insertInto('public_entries')
      .values({ episode, n, at, state, impact, component, text, next_update_at: nextUpdateAt })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await summarize(trx, episode);
  });
}

/** The incident's row is its last entry, and when its first was. */
async function summarize(db: Db, episode: string): Promise<void> {
  const entries = db.selectFrom('public_entries').where('episode', '=', episode);
  const { text: _text, ...last } = await entries.selectAll().orderBy('n', 'desc').limit(1).executeTakeFirstOrThrow();
  const first = await entries.select('at').orderBy('n').limit(1).executeTakeFirstOrThrow();
  const row = { ...last, started_at: first.at };
  await db
    .insertInto('public_incidents')
    .values(row)
    .onConflict((conflict) => conflict.column('episode').doUpdateSet(row))
    .execute();
}

/** In their order. */
export async function publicEntries(db: Db, episode: string): Promise<readonly PublicUpdate[]> {
  const query = db.selectFrom('public_entries').selectAll().where('episode', '=', episode).orderBy('n');
  return (await query.execute()).map(({ next_update_at: nextUpdateAt, ...rest }) => ({ ...rest, nextUpdateAt }));
}

export async function publicPage(db: Db, { since }: { readonly since: number }): Promise<readonly PublicIncident[]> {
  const incidents = await db
    .selectFrom('public_incidents')
    .selectAll()
    .where((eb) => eb.or([eb('state', '<>', 'Resolved'), eb('at', '>=', since)]))
    .orderBy('started_at', 'desc')
    .orderBy('episode', 'desc')
    .limit(SHOWN)
    .execute();
  const updates = await updatesOf(
    db,
    incidents.map(({ episode }) => episode),
  );
  return incidents.map(({ episode, state, impact, component, ...row }) => ({
    ...{ episode, state, impact, component },
    nextUpdateAt: row.next_update_at,
    startedAt: row.started_at,
    updatedAt: row.at,
    updates: updates.filter((update) => update.episode === episode).map(({ episode: _of, ...update }) => update),
  }));
}

async function updatesOf(db: Db, episodes: readonly string[]) {
  if (episodes.length === 0) return [];
  const query = db.selectFrom('public_entries').select(['episode', 'n', 'at', 'state', 'text']);
  return query.where('episode', 'in', episodes).orderBy('n', 'desc').execute();
}
