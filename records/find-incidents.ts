/** Finds incidents: lists by filter, newest declaration first and a page at a time, and the one that people mean by a name. */
import { sql } from 'kysely';
import type { Db } from './connection.ts';
import { BadCursor } from './errors.ts';
import { yearIn } from './incident-numbers.ts';
import { readSeq, selectIncidents, toViews } from './read-incidents.ts';
import type { IncidentMatch, IncidentPage, ListQuery } from './records.ts';

const LIMIT = { default: 50, max: 200 };

/** `query` is clean already. */
export async function listIncidentPage(db: Db, query: ListQuery): Promise<IncidentPage> {
  const limit = Math.min(Math.max(Math.trunc(query.limit ?? LIMIT.default), 1), LIMIT.max);
  const rows = await filtered(db, query)
    .orderBy('incidents.declared_at', 'desc')
    .orderBy('incidents.incident_id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    incidents: await toViews(db, page),
    next: last !== undefined && rows.length > limit ? cursorAfter(last.declared_at, last.incident_id) : null,
  };
}

function filtered(db: Db, { open, severity, team, restricted, test, q, cursor }: ListQuery) {
  let select = selectIncidents(db);
  if (open !== undefined) select = select.where('open', '=', open);
  if (severity !== undefined) select = select.where('severity', '=', severity);
  if (team !== undefined) select = select.where('team', '=', team);
  if (restricted !== undefined) select = select.where('restricted', '=', restricted);
  if (test !== undefined) select = select.where('test', '=', test);
  if (q !== undefined && q !== '') {
    select = select.where('search', 'like', `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`);
  }
  if (cursor !== undefined) {
    const [at, incidentId] = readCursor(cursor);
    select = select.where((eb) =>
      eb(eb.refTuple('incidents.declared_at', 'incidents.incident_id'), '<', eb.tuple(at, incidentId)),
    );
  }
  return select;
}

function cursorAfter(declaredAt: number, incidentId: string): string {
  return Buffer.from(`${declaredAt}.${incidentId}`).toString('base64url');
}

function readCursor(cursor: string): readonly [number, string] {
  const text = /^[\w-]{1,400}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString() : '';
  const [, at, incidentId] = /^(-?\d{1,15})\.([ -~]{1,200})$/.exec(text) ?? [];
  if (at === undefined || incidentId === undefined) throw new BadCursor();
  return [Number(at), incidentId];
}

const FULL_NUMBER = /^INC-(\d{4})-(\d{1,9})$/i;
const SHORT_NUMBER = /^INC-(\d{1,9})$/i;

/** `id`: whatever people type; see `Records.findIncident`. */
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

/** The newest open incident with that number, else this year's, else the last. */
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

/** The newest incident with this workflow id. */
async function newestOf(db: Db, workflowId: string): Promise<string | null> {
  const idsIn = (table: 'incidents' | 'numbers') =>
    db.selectFrom(table).select(['incident_id', 'declared_at']).where('workflow_id', '=', workflowId);
  const row = await db
    .selectFrom(idsIn('incidents').unionAll(idsIn('numbers')).as('either'))
    .select('incident_id')
    .orderBy('declared_at', 'desc')
    .orderBy('incident_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.incident_id ?? null;
}

async function matchOf(db: Db, incidentId: string | null): Promise<IncidentMatch | null> {
  if (incidentId === null) return null;
  const incidents = db.selectFrom('incidents').select(['workflow_id', 'reference', 'state_version']);
  const numbers = db.selectFrom('numbers').select(['workflow_id', 'reference', sql<number>`0`.as('state_version')]);
  const row =
    (await incidents.where('incident_id', '=', incidentId).executeTakeFirst()) ??
    (await numbers.where('incident_id', '=', incidentId).executeTakeFirst());
  if (row === undefined) return null;
  const { workflow_id: workflowId, reference, state_version: stateVersion } = row;
  return { workflowId, incidentId, reference, stateVersion, seq: await readSeq(db, incidentId) };
}
