/**
 * The only way into the projection. A batch is written in one transaction, in any order with others and any number of
 * times: lists only grow, and an incident's row only moves forward in state version.
 */
import { sql, type RawBuilder } from 'kysely';
import type {
  IncidentProjection,
  ProjectionBatch,
  RecordedAlert,
  RecordedDelivery,
} from '../domain/engine/projection.ts';
import type { AssignedReference, OwnedAlert, ProjectionAnswer } from '../domain/kernel/projection.ts';
import { isOpen } from '../domain/kernel/phase.ts';
import { dropOldAlertOwners, upsertAlertOwners } from './alert-owners.ts';
import type { Db } from './connection.ts';
import { findDuplicates } from './duplicates.ts';
import { existingReference, numberOf, recurrenceReference } from './incident-numbers.ts';
import type { EarlyProjection } from './records.ts';
import type { MeasuredColumns, Tables } from './schema.ts';

/** `batch` is clean already. */
export async function projectBatch(db: Db, batch: ProjectionBatch, timeZone: string): Promise<ProjectionAnswer> {
  const assigned = await db.transaction().execute(async (trx) => {
    await lockIncident(trx, batch.incidentId);
    await insertTimelineEntries(trx, batch);
    await insertDeliveries(trx, batch.incidentId, batch.deliveries);
    await insertMessages(trx, batch);
    await upsertAlerts(trx, batch);
    await updateAlertsWithoutLabels(trx, batch);
    await upsertAlertOwners(trx, batch);
    if (batch.projection !== null) await upsertProjection(trx, batch, batch.projection, timeZone);
    return referenceAfterWrite(trx, batch.incidentId);
  });
  // Outside the transaction: this one must not lock other incidents' rows, and must see what others have just written.
  if (batch.projection?.phase === 'closed') await dropOldAlertOwners(db);
  return batch.takesDuplicates ? { ...assigned, ...(await findDuplicates(db, batch.incidentId)) } : assigned;
}

/** Channel and ticket as a call has just got them, ahead of the batch that will contain them. `early` is clean already. */
export async function projectEarly(db: Db, early: EarlyProjection): Promise<void> {
  const { incidentId, deliveries, channel, ticket } = early;
  await db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    await insertDeliveries(trx, incidentId, deliveries);
    if (channel === null && ticket === null) return;
    const incident = trx.selectFrom('incidents').where('incident_id', '=', incidentId);
    const row = await incident.select('projection').executeTakeFirst();
    const before = row === undefined ? null : (JSON.parse(row.projection) as IncidentProjection);
    const newColumns = {
      ...(channel === null ? {} : { channel, channel_before: before?.channel ?? null }),
      ...(ticket === null ? {} : { ticket, ticket_before: before?.ticket ?? null }),
    };
    const empty = { channel: null, channel_before: null, ticket: null, ticket_before: null };
    await trx
      .insertInto('early_results')
      .values({ ...empty, ...newColumns, incident_id: incidentId })
      .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(newColumns))
      .execute();
  });
}

/** Until the transaction ends nobody else writes about this incident: no deadlocks, no number given twice. */
export async function lockIncident(db: Db, incidentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${incidentId}, 0))`.execute(db);
}

async function insertTimelineEntries(db: Db, { incidentId, entries }: ProjectionBatch): Promise<void> {
  const rows = entries.map(({ seq, at, kind, by, text, pages, alerts }) => {
    const subjects = pages === undefined && alerts === undefined ? null : JSON.stringify({ pages, alerts });
    return { incident_id: incidentId, seq, at, kind, by, text, subjects };
  });
  await insertNew(db, 'timeline', rows);
}

async function insertDeliveries(db: Db, incidentId: string, deliveries: readonly RecordedDelivery[]): Promise<void> {
  const rows = deliveries.map(({ at, to, method, key, state, reason }) => {
    return { incident_id: incidentId, key, at: Date.parse(at), state, to, method, reason };
  });
  await insertNew(db, 'deliveries', rows);
}

async function insertMessages(db: Db, { incidentId, messages }: ProjectionBatch): Promise<void> {
  const rows = messages.map(({ n, at, kind, about, to, text }) => {
    return { incident_id: incidentId, n, at, kind, about, to: JSON.stringify(to), text };
  });
  await insertNew(db, 'messages', rows);
}

/** Rows that are there already stay as they are. */
async function insertNew<T extends 'timeline' | 'deliveries' | 'messages'>(
  db: Db,
  table: T,
  rows: readonly Tables[T][],
): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto<'timeline' | 'deliveries' | 'messages'>(table)
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function upsertAlerts(db: Db, batch: ProjectionBatch): Promise<void> {
  const { incidentId, stateVersion, alerts, removedAlerts = [] } = batch;
  const rowOf = (fingerprint: string, startsAt: number, alert: string) => {
    return { incident_id: incidentId, state_version: stateVersion, fingerprint, starts_at: startsAt, alert };
  };
  // One statement may not change a row twice: of two alerts with one fingerprint the later counts.
  const last = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
  const rows = [
    ...[...last.values()].map((alert) => rowOf(alert.fingerprint, Date.parse(alert.startsAt), JSON.stringify(alert))),
    ...[...new Set(removedAlerts)].map((fingerprint) => rowOf(fingerprint, 0, REMOVED_ALERT)),
  ];
  if (rows.length === 0) return;
  await db
    .insertInto('alerts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['incident_id', 'fingerprint'])
        .doUpdateSet(excluded({ state_version: stateVersion, starts_at: 0, alert: '' }))
        .whereRef('excluded.state_version', '>=', 'alerts.state_version'),
    )
    .execute();
}

/** The incident may not have an alert's labels any longer, or may have forgotten it: the record has them still. */
async function updateAlertsWithoutLabels(
  db: Db,
  { incidentId, alerts, ownedAlerts = [] }: ProjectionBatch,
): Promise<void> {
  const labelled = new Set(alerts.map(({ fingerprint }) => fingerprint));
  const others = new Map(ownedAlerts.map((owned) => [owned.fingerprint, owned]));
  for (const fingerprint of labelled) others.delete(fingerprint);
  if (others.size === 0) return;
  const names = sql<string>`(select json_array_elements_text(${JSON.stringify([...others.keys()])}::json))`;
  const incidentAlerts = db.selectFrom('alerts').selectAll().where('incident_id', '=', incidentId);
  const rows = await incidentAlerts.where('fingerprint', 'in', names).execute();
  for (const row of rows) {
    const owned = others.get(row.fingerprint);
    if (owned === undefined || row.alert === REMOVED_ALERT || row.state_version > owned.stateVersion) continue;
    const alert = withState(JSON.parse(row.alert) as RecordedAlert, owned);
    await db
      .updateTable('alerts')
      .set({ alert: JSON.stringify(alert), starts_at: Date.parse(alert.startsAt), state_version: owned.stateVersion })
      .where('incident_id', '=', incidentId)
      .where('fingerprint', '=', row.fingerprint)
      .execute();
  }
}

/** One that was forgotten while it fired has neither ended nor fired again. */
function withState(alert: RecordedAlert, { firing, startsAt, endsAt }: OwnedAlert): RecordedAlert {
  if (!firing && endsAt === null) return alert;
  const status = firing ? 'firing' : 'resolved';
  const times = { startsAt: new Date(startsAt).toISOString(), endsAt: rfc(endsAt) };
  return { ...alert, status, ...times };
}

const rfc = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** A removed alert keeps its row, so that an older batch that comes later does not bring it back. */
export const REMOVED_ALERT = 'null';

async function upsertProjection(
  db: Db,
  { workflowId, incidentId, stateVersion, takesDuplicates }: ProjectionBatch,
  projection: IncidentProjection,
  timeZone: string,
): Promise<void> {
  const { severity, phase, team, test, restricted } = projection;
  const declaredAt = Date.parse(projection.declaredAt);
  const reference = test ? null : await numberOf(db, { incidentId, workflowId, declaredAt }, timeZone);
  const row = {
    workflow_id: workflowId,
    state_version: stateVersion,
    projection: JSON.stringify(projection),
    reference,
    severity,
    phase,
    team,
    test,
    restricted,
    search: [projection.title, reference, projection.service].join('\n').toLowerCase(),
    open: isOpen(phase),
    recurrence_of: projection.recurrenceOf,
    declared_at: declaredAt,
    resolved_at: epochMs(projection.resolvedAt),
    takes_duplicates: takesDuplicates ?? false,
    ...measuredColumns(projection),
  };
  await db
    .insertInto('incidents')
    .values({ incident_id: incidentId, ...row })
    .onConflict((conflict) =>
      conflict
        .column('incident_id')
        .doUpdateSet(excluded(row))
        .whereRef('excluded.state_version', '>=', 'incidents.state_version'),
    )
    .execute();
}

function measuredColumns(projection: IncidentProjection): MeasuredColumns {
  const { outcome, highestSeverity, impact, postmortem, peopleInvolved } = projection;
  return {
    outcome,
    highest_severity: highestSeverity,
    detected_at: epochMs(projection.detectedAt),
    acknowledged_at: epochMs(projection.acknowledgedAt),
    mitigated_at: epochMs(projection.mitigatedAt),
    acknowledge_due_at: epochMs(projection.acknowledgeDueAt),
    users_affected: impact?.usersAffected ?? null,
    revenue_lost: impact?.revenueLost ?? null,
    people: peopleInvolved?.length ?? null,
    postmortem_due_at: epochMs(postmortem?.dueAt),
    postmortem_done_at: epochMs(postmortem?.doneAt),
  };
}

const epochMs = (at: string | null | undefined): number | null => (at == null ? null : Date.parse(at));

/** Sets the columns of `row` to what the statement would have inserted. */
function excluded<T extends object>(row: T): { [K in keyof T]: RawBuilder<T[K]> } {
  const columns = Object.keys(row).map((name) => [name, sql.ref(`excluded.${name}`)]);
  return Object.fromEntries(columns) as { [K in keyof T]: RawBuilder<T[K]> };
}

async function referenceAfterWrite(db: Db, incidentId: string): Promise<AssignedReference> {
  const row = await db
    .selectFrom('incidents')
    .select(['reference', recurrenceReference.as('recurrence_of')])
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  if (row === undefined) return { reference: await existingReference(db, incidentId), recurrenceOf: null };
  return { reference: row.reference, recurrenceOf: row.recurrence_of?.startsWith('INC-') ? row.recurrence_of : null };
}
