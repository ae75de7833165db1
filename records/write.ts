/**
 * The one way into the projection. A batch is written in one transaction, in any order with others and any number of
 * times: lists only grow, and what an incident is only moves forward in revision.
 */
import { sql, type RawBuilder } from 'kysely';
import type { IncidentHead, Numbered, RecordBatch, RecordedDelivery } from '../domain/record.ts';
import { isOpen } from '../domain/phase.ts';
import type { Db } from './connection.ts';
import { measured } from './metrics/columns.ts';
import { followed, givenNumber, numberOf } from './numbers.ts';
import type { News } from './records.ts';

/** Both are clean already. */
export async function writeBatch(db: Db, batch: RecordBatch, timeZone: string): Promise<Numbered> {
  return db.transaction().execute(async (trx) => {
    await claim(trx, batch.incidentId);
    await writeLines(trx, batch);
    await writeDeliveries(trx, batch.incidentId, batch.deliveries);
    await writeMessages(trx, batch);
    await writeAlerts(trx, batch);
    if (batch.head !== null) await writeHead(trx, batch, batch.head, timeZone);
    return numbered(trx, batch.incidentId);
  });
}

export async function writeNews(db: Db, { incidentId, deliveries, channel, ticket }: News): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await claim(trx, incidentId);
    await writeDeliveries(trx, incidentId, deliveries);
    if (channel === null && ticket === null) return;
    const row = await trx
      .selectFrom('incidents')
      .select('head')
      .where('incident_id', '=', incidentId)
      .executeTakeFirst();
    const head = row === undefined ? null : (JSON.parse(row.head) as IncidentHead);
    const news = {
      ...(channel === null ? {} : { channel, channel_over: head?.channel ?? null }),
      ...(ticket === null ? {} : { ticket, ticket_over: head?.ticket ?? null }),
    };
    await trx
      .insertInto('learned')
      .values({ channel: null, channel_over: null, ticket: null, ticket_over: null, ...news, incident_id: incidentId })
      .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(news))
      .execute();
  });
}

/** Until the transaction ends nobody else writes of this incident: no deadlocks, no number given twice. */
export async function claim(db: Db, incidentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${incidentId}, 0))`.execute(db);
}

async function writeLines(db: Db, { incidentId, lines }: RecordBatch): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ seq, at, kind, by, text }) => ({ incident_id: incidentId, seq, at, kind, by, text }));
  await db
    .insertInto('timeline')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function writeDeliveries(db: Db, incidentId: string, deliveries: readonly RecordedDelivery[]): Promise<void> {
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

async function writeMessages(db: Db, { incidentId, messages }: RecordBatch): Promise<void> {
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

async function writeAlerts(db: Db, { incidentId, revision, alerts, gone = [] }: RecordBatch): Promise<void> {
  // One statement may not change a row twice: of two with one fingerprint the later counts.
  const last = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
  const rows = [
    ...[...last.values()].map((alert) => ({
      ...{ incident_id: incidentId, revision, fingerprint: alert.fingerprint },
      starts_at: Date.parse(alert.startsAt),
      alert: JSON.stringify(alert),
    })),
    ...[...new Set(gone)].map((fingerprint) => ({
      incident_id: incidentId,
      revision,
      fingerprint,
      starts_at: 0,
      alert: GONE,
    })),
  ];
  if (rows.length === 0) return;
  await db
    .insertInto('alerts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['incident_id', 'fingerprint'])
        .doUpdateSet(excluded({ revision, starts_at: 0, alert: '' }))
        .whereRef('excluded.revision', '>=', 'alerts.revision'),
    )
    .execute();
}

/** Stays in its row, so that an older batch that comes later does not bring the alert back. */
export const GONE = 'null';

async function writeHead(db: Db, batch: RecordBatch, head: IncidentHead, timeZone: string): Promise<void> {
  const { workflowId, incidentId, revision } = batch;
  const declaredAt = Date.parse(head.declaredAt);
  const reference = head.test ? null : await numberOf(db, { incidentId, workflowId, declaredAt }, timeZone);
  const { severity, phase, team, test, restricted } = head;
  const row = {
    ...{ revision, reference, severity, phase, team, test, restricted },
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

async function numbered(db: Db, incidentId: string): Promise<Numbered> {
  const row = await db
    .selectFrom('incidents')
    .select(['reference', followed.as('follows')])
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  if (row === undefined) return { reference: await givenNumber(db, incidentId), recurrenceOf: null };
  return { reference: row.reference, recurrenceOf: row.follows?.startsWith('INC-') ? row.follows : null };
}
