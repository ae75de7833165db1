/** Which run knows which alert. An alert may have several owners: an open incident, and runs that wait for late reports. */
import { sql, type RawBuilder } from 'kysely';
import type { ProjectionBatch } from '../domain/engine/projection.ts';
import type { OwnedAlert } from '../domain/kernel/projection.ts';
import type { Db } from './connection.ts';
import { within } from './errors.ts';
import type { AlertOwner, AlertOwnersQuery, KnownAlertOwner } from './records.ts';

/** Each row only moves forward in state version. One parameter, however many alerts there are. */
export async function upsertAlertOwners(db: Db, batch: ProjectionBatch): Promise<void> {
  const { incidentId, workflowId } = batch;
  const rows = [...(batch.ownedAlerts ?? ownedIn(batch)), ...removedFrom(batch)];
  if (rows.length === 0) return;
  await sql`
    insert into alert_owner
    select distinct on (o.fingerprint) ${incidentId}::text, o.fingerprint, o.source, ${workflowId}::text, o."stateVersion",
      o.firing, coalesce(o.ignored, false), o."startsAt", o."lingersUntil",
      array(select json_array_elements_text(coalesce(o."messageGroups", '[]'))), o.name
    from json_to_recordset(${JSON.stringify(rows)}::json) as o (
      fingerprint text, source text, "stateVersion" bigint, firing boolean, ignored boolean, "startsAt" bigint,
      "lingersUntil" bigint, "messageGroups" json, name text)
    order by o.fingerprint, o."stateVersion" desc
    on conflict (incident_id, fingerprint) do update set
      source = excluded.source, state_version = excluded.state_version, firing = excluded.firing,
      ignored = excluded.ignored, starts_at = excluded.starts_at, lingers_until = excluded.lingers_until,
      message_groups = excluded.message_groups, name = coalesce(excluded.name, alert_owner.name)
    where excluded.state_version >= alert_owner.state_version`.execute(db);
}

/** What batches of 0.2.0 say, which know only alerts with labels. */
function ownedIn({ stateVersion, projection, alerts }: ProjectionBatch): readonly OwnedAlert[] {
  if (projection === null) return [];
  return alerts.map(({ fingerprint, status, startsAt, endsAt }) => ({
    fingerprint,
    source: projection.source,
    firing: status === 'firing',
    startsAt: Date.parse(startsAt),
    endsAt: endsAt === null ? null : Date.parse(endsAt),
    lingersUntil: 0,
    stateVersion,
  }));
}

function removedFrom({ stateVersion, removedAlerts = [] }: ProjectionBatch): readonly OwnedAlert[] {
  const nothing = { source: '', firing: false, startsAt: 0, endsAt: null, stateVersion };
  return removedAlerts.map((fingerprint) => ({ ...nothing, fingerprint, lingersUntil: Date.now() }));
}

const LOOK_UP_MS = 200;
const NAMES_AT_MOST = 2_000;

interface OwnerRow {
  readonly fingerprint: string;
  readonly workflow_id: string;
  readonly name: string | null;
}

/** `query` is clean already. */
export async function findAlertOwners(
  db: Db,
  { source, fingerprints, messageGroup }: AlertOwnersQuery,
): Promise<readonly AlertOwner[]> {
  const names = JSON.stringify(fingerprints.slice(0, NAMES_AT_MOST));
  const columns = sql`select fingerprint, incident_id, workflow_id, firing, lingers_until, name from alert_owner`;
  const groups = messageGroup === null ? sql`'{}'::text[]` : sql`array[${messageGroup}::text]`;
  const rows = await lookUp(
    db,
    sql<OwnerRow>`
      select o.fingerprint, o.workflow_id, max(o.name) as name
      from (
        ${columns} where source = ${source} and fingerprint in (select json_array_elements_text(${names}::json))
        union ${columns} where source = ${source} and message_groups && ${groups}) o
      left join incidents i on i.incident_id = o.incident_id
      where ${isKnownNow()}
      group by o.fingerprint, o.workflow_id
      order by bool_or(o.firing and coalesce(i.open, true)) desc, bool_or(o.firing) desc, o.fingerprint, o.workflow_id
      limit ${sql.lit(NAMES_AT_MOST)}`,
  );
  return rows.map(ownerOf);
}

export async function allAlertOwners(db: Db, limit: number): Promise<readonly KnownAlertOwner[]> {
  type Row = OwnerRow & { readonly source: string; readonly message_groups: readonly string[] };
  const rows = await lookUp(
    db,
    sql<Row>`
      select o.source, o.fingerprint, o.workflow_id, o.name, o.message_groups
      from alert_owner o left join incidents i on i.incident_id = o.incident_id
      where ${isKnownNow()} limit ${sql.lit(limit)}`,
  );
  return rows.map((row) => ({ ...ownerOf(row), source: row.source, messageGroups: row.message_groups }));
}

/** The run of the row `o`, of the incident `i`, still wants to hear of the alert. */
const isKnownNow = (): RawBuilder<unknown> =>
  sql`(o.firing and coalesce(i.open, true) or o.lingers_until > ${Date.now()})`;

async function lookUp<Row>(db: Db, query: RawBuilder<Row>): Promise<readonly Row[]> {
  const looking = db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = ${sql.lit(LOOK_UP_MS)}`.execute(trx);
    return query.execute(trx);
  });
  return (await within(LOOK_UP_MS, looking, 'the look-up of alerts')).rows;
}

const ownerOf = ({ fingerprint, workflow_id: workflowId, name }: OwnerRow): AlertOwner => {
  return { fingerprint, workflowId, ...(name === null ? {} : { name }) };
};

const KEPT_MS = 86_400_000;
const DROPPED_AT_ONCE = 500;

/** Drops rows that nobody needs any more: of alerts that ended, and of incidents that were over, more than a day ago. */
export async function dropOldAlertOwners(db: Db): Promise<void> {
  await sql`
    delete from alert_owner where (incident_id, fingerprint) in (
      select o.incident_id, o.fingerprint from alert_owner o left join incidents i on i.incident_id = o.incident_id
      where o.lingers_until < ${Date.now() - KEPT_MS} and not (o.firing and coalesce(i.open, true))
      order by o.lingers_until limit ${sql.lit(DROPPED_AT_ONCE)} for update of o skip locked)`.execute(db);
}
