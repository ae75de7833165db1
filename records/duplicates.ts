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
  const { rows } = await sql<Row>`
    select i.workflow_id, i.incident_id, i.reference, min(theirs.fingerprint) as fingerprint,
      (i.declared_at, i.incident_id) < (own.declared_at, own.incident_id) as is_older
    from incidents own
    join alert_owner mine on mine.incident_id = own.incident_id and mine.firing and not mine.ignored
    join alert_owner theirs on theirs.source = mine.source and theirs.fingerprint = mine.fingerprint
      and theirs.incident_id <> mine.incident_id and theirs.firing and not theirs.ignored
    join incidents i on i.incident_id = theirs.incident_id and i.workflow_id <> own.workflow_id and i.open
      and i.takes_duplicates and i.team = own.team and i.restricted = own.restricted
    where own.incident_id = ${incidentId} and own.open and own.takes_duplicates
    group by i.incident_id, own.declared_at, own.incident_id
    order by i.declared_at, i.incident_id
    limit ${sql.lit(SHOWN)}`.execute(db);
  const duplicates = rows.map(({ workflow_id, incident_id, reference, fingerprint, is_older }) => {
    return { workflowId: workflow_id, incidentId: incident_id, reference, fingerprint, isOlder: is_older };
  });
  return duplicates.length === 0 ? {} : { duplicates };
}
