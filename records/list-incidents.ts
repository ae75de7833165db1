/** Lists of incidents: newest declaration first, a page at a time, by where the last page ended. */
import type { Db } from './connection.ts';
import { BadCursor } from './errors.ts';
import { selectIncidents, toViews } from './read-incidents.ts';
import type { IncidentPage, ListQuery } from './records.ts';

const LIMIT = { usual: 50, most: 200 };

/** `query` is clean already. */
export async function listIncidentPage(db: Db, query: ListQuery): Promise<IncidentPage> {
  const limit = Math.min(Math.max(Math.trunc(query.limit ?? LIMIT.usual), 1), LIMIT.most);
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
