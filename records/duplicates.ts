/**
 * Incidents in which the same alert fires. Only the records see both, so they say it to whichever is written last: that
 * one's question comes after both transactions.
 */
import { sql } from 'kysely';
import type { ProjectionAnswer } from '../domain/kernel/projection.ts';
import type { Db } from './connection.ts';

const SHOWN = 20;

interface Row {
  readonly workflow_id: string;
  readonly incident_id: string;
  readonly reference: string | null;
  readonly fingerprint: string;
  readonly is_older: boolean;
}

/** Only open incidents of the same team, alike restricted, that take duplicates; the oldest first. */
export async function findDuplicates(db: Db, incidentId: string): Promise<Pick<ProjectionAnswer, 'duplicates'>> {
  // The shared alerts first, by their index: mostly there are none, and whatever the planner believes of the rest is cheap.
  const { rows } = await sql<Row>`
    with shared as materialized (
      select theirs.incident_id, min(theirs.fingerprint) as fingerprint
      from alert_owner mine
      join alert_owner theirs on theirs.source = mine.source and theirs.fingerprint = mine.fingerprint
        and theirs.incident_id <> mine.incident_id and theirs.firing and not theirs.ignored
        and coalesce(theirs.name = mine.name, true)
      where mine.incident_id = ${incidentId} and mine.firing and not mine.ignored
      group by theirs.incident_id)
    select i.workflow_id, i.incident_id, i.reference, shared.fingerprint,
      (i.declared_at, i.incident_id) < (own.declared_at, own.incident_id) as is_older
    from shared
    join incidents own on own.incident_id = ${incidentId} and own.open and own.takes_duplicates
    join incidents i on i.incident_id = shared.incident_id and i.workflow_id <> own.workflow_id and i.open
      and i.takes_duplicates and i.team = own.team and i.restricted = own.restricted
    order by i.declared_at, i.incident_id
    limit ${sql.lit(SHOWN)}`.execute(db);
  const duplicates = rows.map(({ workflow_id, incident_id, reference, fingerprint, is_older }) => {
    return { workflowId: workflow_id, incidentId: incident_id, reference, fingerprint, isOlder: is_older };
  });
  return duplicates.length === 0 ? {} : { duplicates };
}
