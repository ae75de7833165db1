/** From what people type to the incident they mean. */
import { sql } from 'kysely';
import type { Db } from './connection.ts';
import { yearIn } from './incident-numbers.ts';
import { readSeq } from './read-incidents.ts';
import type { IncidentMatch } from './records.ts';

const FULL_NUMBER = /^INC-(\d{4})-(\d{1,9})$/i;
const SHORT_NUMBER = /^INC-(\d{1,9})$/i;

export async function findIncident(db: Db, id: string, timeZone: string): Promise<IncidentMatch | null> {
  const incidentId = (await incidentIdOf(db, id, timeZone)) ?? id;
  return (await matchOf(db, incidentId)) ?? (await matchOf(db, await newestOf(db, id)));
}

async function incidentIdOf(db: Db, id: string, timeZone: string): Promise<string | null> {
  const [, year, n] = FULL_NUMBER.exec(id) ?? [];
  if (year !== undefined) return byNumber(db, Number(year), Number(n));
  const [, short] = SHORT_NUMBER.exec(id) ?? [];
  return short === undefined ? null : byShortNumber(db, Number(short), yearIn(timeZone, Date.now()));
}

async function byNumber(db: Db, year: number, n: number): Promise<string | null> {
  const query = db.selectFrom('numbers').select('incident_id').where('year', '=', year).where('n', '=', n);
  return (await query.executeTakeFirst())?.incident_id ?? null;
}

/** The newest open one with that number, else this year's, else the last. */
async function byShortNumber(db: Db, n: number, thisYear: number): Promise<string | null> {
  const row = await db
    .selectFrom('numbers')
    .leftJoin('incidents', 'incidents.incident_id', 'numbers.incident_id')
    .select('numbers.incident_id')
    .where('numbers.n', '=', n)
    .orderBy(sql`coalesce(incidents.open, false)`, 'desc')
    .orderBy(sql`coalesce(incidents.open, false) or numbers.year = ${thisYear}`, 'desc')
    .orderBy('numbers.year', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.incident_id ?? null;
}

/** The newest incident in the place `workflowId`. */
function newestOf(db: Db, workflowId: string): Promise<string | null> {
  const of = (table: 'incidents' | 'numbers') =>
    db.selectFrom(table).select(['incident_id', 'declared_at']).where('workflow_id', '=', workflowId);
  return db
    .selectFrom(of('incidents').unionAll(of('numbers')).as('either'))
    .select('incident_id')
    .orderBy('declared_at', 'desc')
    .orderBy('incident_id', 'desc')
    .limit(1)
    .executeTakeFirst()
    .then((row) => row?.incident_id ?? null);
}

async function matchOf(db: Db, incidentId: string | null): Promise<IncidentMatch | null> {
  if (incidentId === null) return null;
  const incidents = db.selectFrom('incidents').select(['workflow_id', 'reference', 'revision']);
  const numbers = db.selectFrom('numbers').select(['workflow_id', 'reference', sql<number>`0`.as('revision')]);
  const row =
    (await incidents.where('incident_id', '=', incidentId).executeTakeFirst()) ??
    (await numbers.where('incident_id', '=', incidentId).executeTakeFirst());
  if (row === undefined) return null;
  const { workflow_id: workflowId, reference, revision: stateVersion } = row;
  return { workflowId, incidentId, reference, stateVersion, seq: await readSeq(db, incidentId) };
}
