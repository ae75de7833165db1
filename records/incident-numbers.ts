/** `INC-YYYY-NNN`: each incident gets one, in the organization's year, and keeps it through every rebuild. */
import { sql } from 'kysely';
import type { Db } from './connection.ts';

export function yearIn(timeZone: string, at: number): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US-u-ca-gregory', { timeZone, year: 'numeric' });
  formats.set(timeZone, format);
  return Number(format.formatToParts(at).find(({ type }) => type === 'year')?.value);
}

/** Making one costs more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `declaredAt` in epoch ms. */
export interface UnnumberedIncident {
  readonly incidentId: string;
  readonly workflowId: string;
  readonly declaredAt: number;
}

/**
 * The incident's number; gives it one if it has none. Call it in a transaction that has locked the incident, as late as
 * possible: others who need a number wait until this transaction ends.
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

/** Never a number that is taken, even when the counter was lost. */
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
 * For `incidents` and an incident `b` of the same group: `incidents` is a recurrence of `b`, which was resolved before it
 * was declared. Tests recur from nothing; nothing recurs from tests, false alarms and merged incidents.
 */
export const isRecurrenceOfB = sql<boolean>`
  not incidents.test and (b.declared_at, b.incident_id) < (incidents.declared_at, incidents.incident_id)
  and b.resolved_at <= incidents.declared_at and not b.test
  and b.outcome is distinct from 'false-alarm' and b.outcome is distinct from 'merged'`;

/**
 * The incident that this one is a recurrence of: the one its projection names, by reference if it has one, else the last
 * one of the same group. Null for the first. For use where `incidents` is selected from.
 */
export const recurrenceReference = sql<string | null>`case
  when incidents.recurrence_of is not null
    then coalesce((select f.reference from numbers f where f.incident_id = incidents.recurrence_of), incidents.recurrence_of)
  else (
    select b.reference from incidents b where b.workflow_id = incidents.workflow_id and ${isRecurrenceOfB}
    order by b.declared_at desc, b.incident_id desc limit 1)
  end`;
