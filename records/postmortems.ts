/**
 * Post-mortems as people have written them, every version of each. Primary: no rebuild touches them. A draft of the
 * the post-incident flow is kept beside them, by nobody, and never over what a person wrote.
 */
import type { Db } from './connection.ts';
import { lockIncident } from './projection.ts';

/** A version of an incident's post-mortem. */
export interface Postmortem {
  /** Counts the versions, from 1. */
  readonly version: number;
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
  /** Markdown. */
  readonly text: string;
}

export interface NewPostmortem extends Omit<Postmortem, 'version'> {
  readonly incidentId: string;
}

/** What has become of it. `changed` false: the last version has that very text. */
export type WrittenPostmortem = Omit<Postmortem, 'text'> & { readonly changed: boolean };

/** `said` is clean already. The same text again is the same version, whoever sends it. */
export async function writePostmortem(db: Db, { incidentId, by, at, text }: NewPostmortem): Promise<WrittenPostmortem> {
  return db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    const last = await readPostmortem(trx, incidentId);
    if (last?.text === text) return { version: last.version, by: last.by, at: last.at, changed: false };
    const version = (await lastOf(trx, incidentId)) + 1;
    await trx.insertInto('postmortems').values({ incident_id: incidentId, n: version, at, by, text }).execute();
    return { version, by, at, changed: true };
  });
}

/** The last that a person wrote; null when nobody has. */
export async function readPostmortem(db: Db, incidentId: string): Promise<Postmortem | null> {
  const query = db.selectFrom('postmortems').select(['n', 'at', 'by', 'text']).where('incident_id', '=', incidentId);
  const row = await query.where('by', 'is not', null).orderBy('n', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? null : { version: row.n, by: row.by ?? '', at: row.at, text: row.text };
}

/** Keeps a draft, unless a person has written or the last draft was the same. `text` is clean already. */
export async function keepDraft(db: Db, incidentId: string, text: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    const query = trx
      .selectFrom('postmortems')
      .select(['by', 'text'])
      .where('incident_id', '=', incidentId)
      .orderBy('n');
    const versions = await query.execute();
    if (versions.some(({ by }) => by !== null) || versions.at(-1)?.text === text) return;
    const n = (await lastOf(trx, incidentId)) + 1;
    await trx
      .insertInto('postmortems')
      .values({ incident_id: incidentId, n, at: Date.now(), by: null, text })
      .execute();
  });
}

async function lastOf(db: Db, incidentId: string): Promise<number> {
  const last = db.selectFrom('postmortems').select((eb) => eb.fn.max('n').as('n'));
  return (await last.where('incident_id', '=', incidentId).executeTakeFirst())?.n ?? 0;
}
