/** Incidents, timelines and messages as they were written. */
import { sql } from 'kysely';
import type {
  IncidentProjection,
  RecordedAlert,
  RecordedDelivery,
  RecordedOutboundMessage,
  RecordedTimelineEntry,
} from '../domain/engine/projection.ts';
import { shownEntry } from '../domain/engine/to-view.ts';
import { DELIVERY_STATES } from '../domain/kernel/incident.ts';
import type { IncidentView, TimelineView } from '../domain/engine/view.ts';
import type { Db } from './connection.ts';
import { isRecurrenceOfB, recurrenceReference } from './incident-numbers.ts';
import { REMOVED_ALERT } from './projection.ts';
import type { EarlierIncident, WholeRecord } from './records.ts';
import type { Tables } from './schema.ts';

const lastSeq = sql<number | null>`(select max(t.seq) from timeline t where t.incident_id = incidents.incident_id)`;

/** What `toViews` needs of each incident. */
export function selectIncidents(db: Db) {
  return db
    .selectFrom('incidents')
    .leftJoin('early_results', 'early_results.incident_id', 'incidents.incident_id')
    .select(['incidents.incident_id', 'incidents.reference', 'incidents.projection', 'incidents.declared_at'])
    .select([
      'early_results.channel',
      'early_results.channel_before',
      'early_results.ticket',
      'early_results.ticket_before',
    ])
    .select([recurrenceReference.as('recurrence_of'), lastSeq.as('last_seq')]);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectIncidents>['executeTakeFirstOrThrow']>>;

/** Adds alerts and deliveries, in two statements however many incidents there are. */
export async function toViews(db: Db, rows: readonly Row[]): Promise<readonly IncidentView[]> {
  const incidentIds = rows.map(({ incident_id: incidentId }) => incidentId);
  const alerts = await alertsOf(db, incidentIds);
  const deliveries = await deliveriesOf(db, incidentIds);
  return rows.map((row) => {
    const projection = JSON.parse(row.projection) as IncidentProjection;
    return {
      reference: row.reference,
      ...projection,
      recurrenceOf: row.recurrence_of,
      channel: currentValue(projection.channel, row.channel, row.channel_before),
      ticket: currentValue(projection.ticket, row.ticket, row.ticket_before),
      seq: Math.max(projection.seq, row.last_seq ?? 0),
      alerts: alerts.get(row.incident_id) ?? [],
      deliveries: deliveries.get(row.incident_id) ?? [],
    };
  });
}

/** The early result holds until the projection says something else than it did before. */
function currentValue(projected: string | null, early: string | null, before: string | null): string | null {
  return early !== null && projected === before ? early : projected;
}

export async function readIncident(db: Db, incidentId: string): Promise<IncidentView | null> {
  const rows = await selectIncidents(db).where('incidents.incident_id', '=', incidentId).execute();
  return (await toViews(db, rows))[0] ?? null;
}

async function alertsOf(db: Db, incidentIds: readonly string[]): Promise<ReadonlyMap<string, RecordedAlert[]>> {
  if (incidentIds.length === 0) return new Map();
  const query = db.selectFrom('alerts').select(['incident_id', 'alert']).where('incident_id', 'in', incidentIds);
  const rows = await query.orderBy('incident_id').orderBy('starts_at').orderBy('fingerprint').execute();
  const presentAlerts = rows.filter(({ alert }) => alert !== REMOVED_ALERT);
  return grouped(
    presentAlerts.map(({ incident_id: incidentId, alert }) => [incidentId, JSON.parse(alert) as RecordedAlert]),
  );
}

async function deliveriesOf(db: Db, incidentIds: readonly string[]): Promise<ReadonlyMap<string, RecordedDelivery[]>> {
  if (incidentIds.length === 0) return new Map();
  const query = db.selectFrom('deliveries').selectAll().where('incident_id', 'in', incidentIds);
  const rows = await query.orderBy('incident_id').orderBy('at').orderBy('key').orderBy('state').execute();
  return grouped(
    withLatestStates(rows).map(({ incident_id: incidentId, at, to, method, key, state, reason }) => [
      incidentId,
      { at: new Date(at).toISOString(), to, method, key, state, reason },
    ]),
  );
}

/** Every message by every method once, in its latest state. A state is a row, and rows come in any order. */
function withLatestStates(rows: readonly Tables['deliveries'][]): readonly Tables['deliveries'][] {
  const latest = new Map<string, Tables['deliveries']>();
  for (const row of rows) {
    const id = JSON.stringify([row.incident_id, row.to, row.method, row.key]);
    const known = latest.get(id);
    if (known !== undefined && !isLater(row, known)) continue;
    latest.delete(id);
    latest.set(id, row);
  }
  return [...latest.values()];
}

/** `row` comes after `known` in time. What was accepted stays so; of one moment, the state further along counts. */
function isLater({ at, state }: Tables['deliveries'], known: Tables['deliveries']): boolean {
  if (known.state === 'accepted') return false;
  return state === 'accepted' || at > known.at || DELIVERY_STATES.indexOf(state) > DELIVERY_STATES.indexOf(known.state);
}

function grouped<T>(pairs: readonly (readonly [string, T])[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [incidentId, item] of pairs) {
    const group = groups.get(incidentId);
    if (group === undefined) groups.set(incidentId, [item]);
    else group.push(item);
  }
  return groups;
}

export async function readSeq(db: Db, incidentId: string): Promise<number> {
  const last = db.selectFrom('timeline').select((eb) => eb.fn.max('seq').as('seq'));
  const row = await last.where('incident_id', '=', incidentId).executeTakeFirst();
  return row?.seq ?? 0;
}

/** Null when neither the incident nor a timeline entry of it is known. */
export async function readTimeline(db: Db, incidentId: string): Promise<TimelineView | null> {
  const query = db
    .selectFrom('timeline')
    .select(['seq', 'at', 'kind', 'by', 'text', 'subjects'])
    .where('incident_id', '=', incidentId);
  const rows = await query.orderBy('seq').execute();
  const timeline = rows.map(({ subjects, ...entry }) => {
    const known = JSON.parse(subjects ?? '{}') as Pick<RecordedTimelineEntry, 'pages' | 'alerts'>;
    return shownEntry({ ...entry, ...known });
  });
  const first = timeline[0];
  if (first !== undefined) return { timeline, cut: first.seq - 1 };
  const incident = db.selectFrom('incidents').select('projection').where('incident_id', '=', incidentId);
  const row = await incident.executeTakeFirst();
  return row === undefined ? null : { timeline, cut: (JSON.parse(row.projection) as IncidentProjection).seq };
}

export async function readMessages(db: Db, incidentId: string): Promise<readonly RecordedOutboundMessage[]> {
  const query = db.selectFrom('messages').select(['n', 'at', 'kind', 'about', 'to', 'text']);
  const rows = await query.where('incident_id', '=', incidentId).orderBy('n').execute();
  return rows.map((message) => ({ ...message, to: JSON.parse(message.to) as string[] }));
}

/** As of one moment. Null when there is no incident. */
export async function readRecord(db: Db, incidentId: string): Promise<WholeRecord | null> {
  const read = db.transaction().setIsolationLevel('repeatable read');
  return read.execute(async (trx) => {
    const incident = await readIncident(trx, incidentId);
    if (incident === null) return null;
    const { timeline, cut } = (await readTimeline(trx, incidentId)) ?? { timeline: [], cut: 0 };
    return {
      incident,
      timeline,
      cut,
      messages: await readMessages(trx, incidentId),
      earlier: await earlierThan(trx, incidentId),
    };
  });
}

const EARLIER_SHOWN = 5;

async function earlierThan(db: Db, incidentId: string): Promise<readonly EarlierIncident[]> {
  const query = db
    .selectFrom('incidents')
    .innerJoin('incidents as b', 'b.workflow_id', 'incidents.workflow_id')
    .select(['b.reference', 'b.projection'])
    .where('incidents.incident_id', '=', incidentId)
    .where(isRecurrenceOfB);
  const rows = await query
    .orderBy('b.declared_at', 'desc')
    .orderBy('b.incident_id', 'desc')
    .limit(EARLIER_SHOWN)
    .execute();
  return rows.map(({ reference, projection }) => {
    const { title, highestSeverity, declaredAt, resolvedAt, resolution } = JSON.parse(projection) as IncidentProjection;
    return { reference, title, severity: highestSeverity, declaredAt, resolvedAt, resolution };
  });
}
