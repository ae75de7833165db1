/**
 * The one way into the projection. A batch is written in one transaction, in any order with others and any number of
 * times: lists only grow, and what an incident is only moves forward in revision.
 */
import { sql, type RawBuilder } from 'kysely';
import type {
  IncidentProjection,
  AssignedReference,
  ProjectionBatch,
  RecordedDelivery,
} from '../domain/engine/projection.ts';
import { isOpen } from '../domain/kernel/phase.ts';
import type { Db } from './connection.ts';
import { measured } from './metrics/metric-columns.ts';
import { recurrenceReference, existingReference, numberOf } from './incident-numbers.ts';
import type { EarlyProjection } from './records.ts';

/** Both are clean already. */
export async function projectBatch(db: Db, batch: ProjectionBatch, timeZone: string): Promise<AssignedReference> {
  return db.transaction().execute(async (trx) => {
    await lockIncident(trx, batch.incidentId);
    await insertTimelineEntries(trx, batch);
    await insertDeliveries(trx, batch.incidentId, batch.deliveries);
    await insertMessages(trx, batch);
    await upsertAlerts(trx, batch);
    if (batch.projection !== null) await upsertProjection(trx, batch, batch.projection, timeZone);
    return referenceAfterWrite(trx, batch.incidentId);
  });
}

export async function projectEarly(
  db: Db,
  { incidentId, deliveries, channel, ticket }: EarlyProjection,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockIncident(trx, incidentId);
    await insertDeliveries(trx, incidentId, deliveries);
    if (channel === null && ticket === null) return;
    const row = await trx
      .selectFrom('incidents')
      .select('head')
      .where('incident_id', '=', incidentId)
      .executeTakeFirst();
    const head = row === undefined ? null : (JSON.parse(row.head) as IncidentProjection);
    const early = {
      ...(channel === null ? {} : { channel, channel_over: head?.channel ?? null }),
      ...(ticket === null ? {} : { ticket, ticket_over: head?.ticket ?? null }),
    };
    await trx
      .insertInto('learned')
      .values({ channel: null, channel_over: null, ticket: null, ticket_over: null, ...early, incident_id: incidentId })
      .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(early))
      .execute();
  });
}

/** Until the transaction ends nobody else writes of this incident: no deadlocks, no number given twice. */
export async function lockIncident(db: Db, incidentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${incidentId}, 0))`.execute(db);
}

async function insertTimelineEntries(db: Db, { incidentId, entries }: ProjectionBatch): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ seq, at, kind, by, text }) => ({ incident_id: incidentId, seq, at, kind, by, text }));
  await db
    .insertInto('timeline')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function insertDeliveries(db: Db, incidentId: string, deliveries: readonly RecordedDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = deliveries.map(({ at, to, method, key, state, reason }) => ({
    ...{ incident_id: incidentId, key, state, to, method, reason },
    at: Date.parse(at),
  }));
  await db
    .insertInto('deliveries')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function insertMessages(db: Db, { incidentId, messages }: ProjectionBatch): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map(({ n, at, kind, about, to, text }) => ({
    ...{ incident_id: incidentId, n, at, kind, about, text },
    to: JSON.stringify(to),
  }));
  await db
    .insertInto('messages')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function upsertAlerts(
  db: Db,
  { incidentId, stateVersion, alerts, removedAlerts = [] }: ProjectionBatch,
): Promise<void> {
  // One statement may not change a row twice: of two with one fingerprint the later counts.
  const last = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
  const rows = [
    ...[...last.values()].map((alert) => ({
      ...{ incident_id: incidentId, revision: stateVersion, fingerprint: alert.fingerprint },
      starts_at: Date.parse(alert.startsAt),
      alert: JSON.stringify(alert),
    })),
    ...[...new Set(removedAlerts)].map((fingerprint) => ({
      incident_id: incidentId,
      revision: stateVersion,
      fingerprint,
      starts_at: 0,
      alert: REMOVED_ALERT,
    })),
  ];
  if (rows.length === 0) return;
  await db
    .insertInto('alerts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['incident_id', 'fingerprint'])
        .doUpdateSet(excluded({ revision: stateVersion, starts_at: 0, alert: '' }))
        .whereRef('excluded.revision', '>=', 'alerts.revision'),
    )
    .execute();
}

/** Stays in its row, so that an older batch that comes later does not bring the alert back. */
export const REMOVED_ALERT = 'null';

async function upsertProjection(
  db: Db,
  batch: ProjectionBatch,
  head: IncidentProjection,
  timeZone: string,
): Promise<void> {
  const { workflowId, incidentId, stateVersion } = batch;
  const declaredAt = Date.parse(head.declaredAt);
  const reference = head.test ? null : await numberOf(db, { incidentId, workflowId, declaredAt }, timeZone);
  const { severity, phase, team, test, restricted } = head;
  const row = {
    ...{ revision: stateVersion, reference, severity, phase, team, test, restricted },
    search: [head.title, reference, head.service].join('\n').toLowerCase(),
    workflow_id: workflowId,
    head: JSON.stringify(head),
    open: isOpen(phase),
    follows: head.recurrenceOf,
    declared_at: declaredAt,
    resolved_at: head.resolvedAt === null ? null : Date.parse(head.resolvedAt),
    ...measured(head),
  };
  await db
    .insertInto('incidents')
    .values({ incident_id: incidentId, ...row })
    .onConflict((conflict) =>
      conflict
        .column('incident_id')
        .doUpdateSet(excluded(row))
        .whereRef('excluded.revision', '>=', 'incidents.revision'),
    )
    .execute();
}

/** The columns of `row`, as the statement would have inserted them. */
function excluded<T extends object>(row: T): { [K in keyof T]: RawBuilder<T[K]> } {
  const columns = Object.keys(row).map((name) => [name, sql.ref(`excluded.${name}`)]);
  return Object.fromEntries(columns) as { [K in keyof T]: RawBuilder<T[K]> };
}

async function referenceAfterWrite(db: Db, incidentId: string): Promise<AssignedReference> {
  const row = await db
    .selectFrom('incidents')
    .select(['reference', recurrenceReference.as('follows')])
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  if (row === undefined) return { reference: await existingReference(db, incidentId), recurrenceOf: null };
  return { reference: row.reference, recurrenceOf: row.follows?.startsWith('INC-') ? row.follows : null };
}
