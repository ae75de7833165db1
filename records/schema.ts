/**
 * The tables and how they are made. Times are epoch ms in `bigint`; `json` columns hold text that only this code reads and
 * writes, so what comes out is exactly what went in. A rebuild keeps the primary tables: numbers, counters, the public
 * tables, post-mortems, the audit. All others are derived.
 */
import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import type { PublicImpact } from '../domain/communications/public-state.ts';
import type { DeliveryState } from '../domain/kernel/incident.ts';
import type { MessageKind } from '../domain/kernel/projection.ts';
import type { PublicState } from '../domain/kernel/commands.ts';
import { messageOf } from './errors.ts';

export interface Tables {
  /** An incident as of its last state version. */
  readonly incidents: {
    readonly incident_id: string;
    readonly workflow_id: string;
    readonly state_version: number;
    /** `IncidentProjection` as JSON text. */
    readonly projection: string;
    readonly reference: string | null;
    /** Title, reference and service in lower case, a line each. */
    readonly search: string;
    readonly severity: string;
    readonly phase: string;
    readonly open: boolean;
    readonly team: string;
    readonly test: boolean;
    readonly restricted: boolean;
    /** An id or a reference, as the projection has it. */
    readonly recurrence_of: string | null;
    readonly declared_at: number;
    readonly resolved_at: number | null;
    /** It may be merged with another incident in which the same alert fires. */
    readonly takes_duplicates: boolean;
  } & MeasuredColumns;
  readonly numbers: {
    readonly incident_id: string;
    readonly workflow_id: string;
    readonly declared_at: number;
    readonly year: number;
    readonly n: number;
    /** `INC-2026-007`. */
    readonly reference: string;
  };
  readonly counters: { readonly year: number; readonly last: number };
  /**
   * Channel and ticket, ahead of the projection that will contain them. `…_before` is what the projection said when this
   * was written; once the projection says something else, it is newer.
   */
  readonly early_results: {
    readonly incident_id: string;
    readonly channel: string | null;
    readonly channel_before: string | null;
    readonly ticket: string | null;
    readonly ticket_before: string | null;
  };
  readonly timeline: {
    readonly incident_id: string;
    readonly seq: number;
    readonly at: number;
    readonly kind: string;
    readonly by: string | null;
    readonly text: string;
    /** Its pages and alerts as JSON text; null where it has none. */
    readonly subjects: string | null;
  };
  readonly alerts: {
    readonly incident_id: string;
    readonly fingerprint: string;
    readonly state_version: number;
    readonly starts_at: number;
    /** `RecordedAlert` as JSON text. */
    readonly alert: string;
  };
  /**
   * Which run knows which alert, so that a report of it finds its incident: also alerts without labels in `alerts`, and
   * some that the incident has forgotten. An alert that another incident has now keeps its row, without a source, so that
   * an older batch does not bring it back.
   */
  readonly alert_owner: {
    readonly incident_id: string;
    readonly fingerprint: string;
    readonly source: string;
    readonly workflow_id: string;
    readonly state_version: number;
    readonly firing: boolean;
    readonly ignored: boolean;
    readonly starts_at: number;
    /** At least until then the run remembers it, also when the incident is over. */
    readonly lingers_until: number;
    readonly message_groups: string[];
    /** Its alertname, where it is known. */
    readonly name: string | null;
  };
  readonly deliveries: {
    readonly incident_id: string;
    readonly key: string;
    readonly at: number;
    readonly state: DeliveryState;
    readonly to: string;
    readonly method: string;
    readonly reason: string | null;
  };
  readonly messages: {
    readonly incident_id: string;
    readonly n: number;
    readonly at: number;
    readonly kind: MessageKind;
    readonly about: string;
    /** Names as a JSON list. */
    readonly to: string;
    readonly text: string;
  };
  readonly public_entries: PublicLast & { readonly text: string };
  /** The last entry of each incident, and the time of its first. */
  readonly public_incidents: PublicLast & { readonly started_at: number };
  /** Every version. `by` is null for the draft that the post-incident flow makes. */
  readonly postmortems: {
    readonly incident_id: string;
    readonly n: number;
    readonly at: number;
    readonly by: string | null;
    readonly text: string;
  };
  readonly audit: {
    readonly id: string;
    readonly at: number;
    readonly subject: string | null;
    readonly workflow_id: string | null;
    readonly incident_id: string | null;
    /** `AuditEntry` as JSON text. */
    readonly entry: string;
  };
  /** Webhook servers that share this database, and when each last reported. */
  readonly servers: { readonly id: string; readonly seen_at: number };
}

interface PublicLast {
  readonly incident_id: string;
  readonly n: number;
  readonly at: number;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly component: string | null;
  readonly next_update_at: number | null;
}

/** The columns that metrics are counted from, so that thousands of incidents are counted without reading their JSON. */
export interface MeasuredColumns {
  readonly outcome: string | null;
  readonly highest_severity: string;
  readonly detected_at: number | null;
  readonly acknowledged_at: number | null;
  readonly mitigated_at: number | null;
  /** The response target for the acknowledgement. */
  readonly acknowledge_due_at: number | null;
  readonly users_affected: number | null;
  /** As it was written. */
  readonly revenue_lost: string | null;
  readonly people: number | null;
  readonly postmortem_due_at: number | null;
  readonly postmortem_done_at: number | null;
}

function steps(...statements: readonly string[]): Migration {
  return {
    async up(db) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

/** Forward only, each step once, under kysely's lock. Never edit a step once it is released: add one. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-incidents': steps(
    `create table incidents (
      incident_id text primary key, workflow_id text not null, state_version bigint not null, projection json not null, reference text,
      search text not null, severity text not null, phase text not null, open boolean not null, team text not null,
      test boolean not null, restricted boolean not null, recurrence_of text,
      declared_at bigint not null, resolved_at bigint,
      outcome text, highest_severity text not null, detected_at bigint, acknowledged_at bigint, mitigated_at bigint,
      acknowledge_due_at bigint, users_affected bigint, revenue_lost text, people integer,
      postmortem_due_at bigint, postmortem_done_at bigint)`,
    'create index incidents_newest on incidents (declared_at desc, incident_id desc)',
    'create index incidents_open on incidents (declared_at desc, incident_id desc) where open',
    'create index incidents_of_team on incidents (team, declared_at desc, incident_id desc)',
    'create index incidents_of_severity on incidents (severity, declared_at desc, incident_id desc)',
    'create index incidents_of_workflow on incidents (workflow_id, declared_at desc, incident_id desc)',
    `create table early_results (
      incident_id text primary key, channel text, channel_before text, ticket text, ticket_before text)`,
  ),
  '0002-numbers': steps(
    `create table numbers (
      incident_id text primary key, workflow_id text not null, declared_at bigint not null,
      year integer not null, n integer not null, reference text not null, unique (year, n))`,
    'create index numbers_by_n on numbers (n)',
    'create index numbers_of_workflow on numbers (workflow_id, declared_at desc, incident_id desc)',
    'create table counters (year integer primary key, last integer not null)',
  ),
  '0003-lists': steps(
    `create table timeline (
      incident_id text not null, seq integer not null, at bigint not null, kind text not null, "by" text, text text not null,
      primary key (incident_id, seq))`,
    `create table alerts (
      incident_id text not null, fingerprint text not null, state_version bigint not null, starts_at bigint not null,
      alert json not null, primary key (incident_id, fingerprint))`,
    `create table deliveries (
      incident_id text not null, key text not null, at bigint not null, state text not null, "to" text not null,
      method text not null, reason text, primary key (incident_id, key, at, state))`,
    `create table messages (
      incident_id text not null, n integer not null, at bigint not null, kind text not null, about text not null,
      "to" json not null, text text not null, primary key (incident_id, n))`,
  ),
  '0004-public': steps(
    `create table public_entries (
      incident_id text not null, n integer not null, at bigint not null, state text not null, impact text not null,
      component text, text text not null, next_update_at bigint, primary key (incident_id, n))`,
    `create table public_incidents (
      incident_id text primary key, n integer not null, at bigint not null, state text not null, impact text not null,
      component text, next_update_at bigint, started_at bigint not null)`,
    "create index public_incidents_shown on public_incidents (at) where state = 'Resolved'",
    "create index public_incidents_current on public_incidents (started_at) where state <> 'Resolved'",
  ),
  '0005-audit': steps(
    `create table audit (
      id text primary key, at bigint not null, subject text, workflow_id text, incident_id text, entry json not null)`,
    'create index audit_of_subject on audit (subject, id desc)',
    'create index audit_of_workflow on audit (workflow_id, id desc)',
    'create index audit_of_incident on audit (incident_id, id desc)',
  ),
  '0006-servers': steps('create table servers (id text primary key, seen_at bigint not null)'),
  '0007-postmortems': steps(
    `create table postmortems (
      incident_id text not null, n integer not null, at bigint not null, "by" text, text text not null,
      primary key (incident_id, n))`,
  ),
  '0008-alert-owner': steps(
    'alter table incidents add column takes_duplicates boolean not null default false',
    `create table alert_owner (
      incident_id text not null, fingerprint text not null, source text not null, workflow_id text not null,
      state_version bigint not null, firing boolean not null, ignored boolean not null, starts_at bigint not null,
      lingers_until bigint not null, message_groups text[] not null, name text,
      primary key (incident_id, fingerprint))`,
    'create index alert_owner_of_alert on alert_owner (source, fingerprint)',
    'create index alert_owner_of_group on alert_owner using gin (message_groups)',
    'create index alert_owner_lingering on alert_owner (lingers_until)',
    // What is known of open incidents from before; an alert from another source than its incident's is not found.
    `insert into alert_owner
      select a.incident_id, a.fingerprint, i.projection->>'source', i.workflow_id, a.state_version, true, false, a.starts_at, 0, '{}',
        a.alert->'labels'->>'alertname'
      from alerts a join incidents i on i.incident_id = a.incident_id where i.open and a.alert->>'status' = 'firing'`,
  ),
  '0009-timeline-subjects': steps('alter table timeline add column subjects json'),
};

/** Brings the tables up to date. Of two at once one does it, and the other waits (as long as a statement may take). */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    migrationTableName: 'tocsin_migration',
    migrationLockTableName: 'tocsin_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error(`the tables: ${messageOf(error)}`, { cause: error });
}
