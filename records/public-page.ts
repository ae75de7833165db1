/** The entries of the public page: only what was written for the public. Primary: no rebuild touches them. */
import type { Db } from './connection.ts';
import type { PublicIncident, PublicUpdate } from './records.ts';
import { lockIncident } from './projection.ts';

/** The page shows at most this many incidents, newest first. */
const MAX_SHOWN = 200;

/** `update` is clean already. */
export async function insertPublicUpdate(db: Db, update: PublicUpdate): Promise<void> {
  const { incidentId, n, at, state, impact, component, text, nextUpdateAt } = update;
  await db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    await trx
      .insertInto('public_entries')
      .values({ incident_id: incidentId, n, at, state, impact, component, text, next_update_at: nextUpdateAt })
      .onConflict((conflict) =>
        conflict
          .columns(['incident_id', 'n'])
          .doUpdateSet({ at, state, impact, component, text, next_update_at: nextUpdateAt })
          // A renewal; the same entry again changes nothing.
          .whereRef('excluded.at', '>', 'public_entries.at'),
      )
      .execute();
    await summarize(trx, incidentId);
  });
}

/** The incident's row holds its last entry, and the time of its first. */
async function summarize(db: Db, incidentId: string): Promise<void> {
  const entries = db.selectFrom('public_entries').where('incident_id', '=', incidentId);
  const { text: _text, ...last } = await entries.selectAll().orderBy('n', 'desc').limit(1).executeTakeFirstOrThrow();
  const first = await entries.select('at').orderBy('n').limit(1).executeTakeFirstOrThrow();
  const row = { ...last, started_at: first.at };
  await db
    .insertInto('public_incidents')
    .values(row)
    .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(row))
    .execute();
}

/** Oldest first. */
export async function publicEntries(db: Db, incidentId: string): Promise<readonly PublicUpdate[]> {
  const query = db.selectFrom('public_entries').selectAll().where('incident_id', '=', incidentId).orderBy('n');
  return (await query.execute()).map(({ next_update_at: nextUpdateAt, incident_id: incidentId, ...rest }) => ({
    ...rest,
    incidentId,
    nextUpdateAt,
  }));
}

export async function publicPage(db: Db, { since }: { readonly since: number }): Promise<readonly PublicIncident[]> {
  const incidents = await db
    .selectFrom('public_incidents')
    .selectAll()
    .where((eb) => eb.or([eb('state', '<>', 'Resolved'), eb('at', '>=', since)]))
    .orderBy('started_at', 'desc')
    .orderBy('incident_id', 'desc')
    .limit(MAX_SHOWN)
    .execute();
  const ids = incidents.map(({ incident_id: id }) => id);
  const query = db.selectFrom('public_entries').select(['incident_id', 'n', 'at', 'state', 'text']);
  const entries = ids.length === 0 ? [] : await query.where('incident_id', 'in', ids).orderBy('n', 'desc').execute();
  return incidents.map(({ incident_id: incidentId, state, impact, component, ...row }) => ({
    incidentId,
    state,
    impact,
    component,
    nextUpdateAt: row.next_update_at,
    startedAt: row.started_at,
    updatedAt: row.at,
    updates: entries.flatMap(({ incident_id: id, ...update }) => (id === incidentId ? [update] : [])),
  }));
}
