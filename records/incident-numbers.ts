/** `INC-YYYY-NNN`: given once for each incident, in the organization's year, and kept whatever is rebuilt. */
import { sql } from 'kysely';
import type { Db } from './connection.ts';

export function yearIn(timeZone: string, at: number): number {
  // Kept, since making one costs more than using it.
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US-u-ca-gregory', { timeZone, year: 'numeric' });
  formats.set(timeZone, format);
  return Number(format.formatToParts(at).find(({ type }) => type === 'year')?.value);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Who is given a number. `declaredAt` in epoch ms. */
export interface UnnumberedIncident {
  readonly incidentId: string;
  readonly workflowId: string;
  readonly declaredAt: number;
}

/**
 * The incident's number, a new one if it has none. Within a transaction that has the incident to itself. Everybody who
 * takes a number waits for whoever took the one before to end: call it last.
 */
export async function numberOf(
  db: Db,
  { incidentId, workflowId, declaredAt }: UnnumberedIncident,
  zone: string,
): Promise<string> {
  const given = await existingReference(db, incidentId);
  if (given !== null) return given;
  const year = yearIn(zone, declaredAt);
  const n = await nextOf(db, year);
  const reference = `INC-${year}-${String(n).padStart(3, '0')}`;
  await db
    .insertInto('numbers')
    .values({ incident_id: incidentId, workflow_id: workflowId, declared_at: declaredAt, year, n, reference })
    .execute();
  return reference;
}

export async function existingReference(db: Db, incidentId: string): Promise<string | null> {
  const row = await db
    .selectFrom('numbers')
    .select('reference')
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  return row?.reference ?? null;
}

/** Never one that is taken, even when the counter was lost. */
async function nextOf(db: Db, year: number): Promise<number> {
  const taken = sql<number>`(select coalesce(max(n), 0) from numbers where year = ${year})`;
  const { last } = await db
    .insertInto('counters')
    .values({ year, last: sql<number>`${taken} + 1` })
    .onConflict((conflict) =>
      conflict.column('year').doUpdateSet({ last: sql<number>`greatest(counters.last, ${taken}) + 1` }),
    )
    .returning('last')
    .executeTakeFirstOrThrow();
  return last;
}

/**
 * Of `incidents`, and `b` in the same place: `b` was resolved when the incident was declared, and so can be followed.
 * Tests follow nobody; tests, false alarms and merged ones are followed by nobody.
 */
export const isFollowedBy = sql<boolean>`
  not incidents.test and (b.declared_at, b.incident_id) < (incidents.declared_at, incidents.incident_id)
  and b.resolved_at <= incidents.declared_at and not b.test
  and b.outcome is distinct from 'false-alarm' and b.outcome is distinct from 'merged'`;

/**
 * What the incident follows: the one its head names, by number if it has one; else the last in the same place that can
 * be followed. Null for the first. For use where `incidents` is selected from.
 */
export const recurrenceReference = sql<string | null>`case
  when incidents.follows is not null
    then coalesce((select f.reference from numbers f where f.incident_id = incidents.follows), incidents.follows)
  else (
    select b.reference from incidents b where b.workflow_id = incidents.workflow_id and ${isFollowedBy}
    order by b.declared_at desc, b.incident_id desc limit 1)
  end`;
