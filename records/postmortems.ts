/**
 * Post-mortems, every version of each. Primary: no rebuild touches them. The draft that the post-incident flow makes is
 * kept beside what people write, and never replaces it.
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

/** `changed` is false when the last version has the same text already. */
export type WrittenPostmortem = Omit<Postmortem, 'text'> & { readonly changed: boolean };

/** `postmortem` is clean already. Writing the last version's text again makes no new version, whoever sends it. */
export async function writePostmortem(db: Db, postmortem: NewPostmortem): Promise<WrittenPostmortem> {
  const { incidentId, by, at, text } = postmortem;
  return db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    const last = await readPostmortem(trx, incidentId);
    if (last?.text === text) return { version: last.version, by: last.by, at: last.at, changed: false };
    const version = await insertVersion(trx, { incidentId, at, by, text });
    return { version, by, at, changed: true };
  });
}

/** The last version that a person wrote; null when there is none. */
export async function readPostmortem(db: Db, incidentId: string): Promise<Postmortem | null> {
  const query = db.selectFrom('postmortems').select(['n', 'at', 'by', 'text']).where('incident_id', '=', incidentId);
  const row = await query.where('by', 'is not', null).orderBy('n', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? null : { version: row.n, by: row.by ?? '', at: row.at, text: row.text };
}

/** Keeps a draft, unless a person has written one or the last draft was the same. `text` is clean already. */
export async function keepDraft(db: Db, incidentId: string, text: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    const all = trx.selectFrom('postmortems').select(['by', 'text']).where('incident_id', '=', incidentId);
    const versions = await all.orderBy('n').execute();
    if (versions.some(({ by }) => by !== null) || versions.at(-1)?.text === text) return;
    await insertVersion(trx, { incidentId, at: Date.now(), by: null, text });
  });
}

type NewVersion = Omit<NewPostmortem, 'by'> & { readonly by: string | null };

/** Resolves with the number of the new version. The incident is locked. */
async function insertVersion(db: Db, { incidentId, at, by, text }: NewVersion): Promise<number> {
  const last = db.selectFrom('postmortems').select((eb) => eb.fn.max('n').as('n'));
  const n = ((await last.where('incident_id', '=', incidentId).executeTakeFirst())?.n ?? 0) + 1;
  await db.insertInto('postmortems').values({ incident_id: incidentId, n, at, by, text }).execute();
  return n;
}
