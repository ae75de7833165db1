/** How the tables came to be: forward only, every step once, under kysely's lock. Never edit a step: add one. */
import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import { messageOf } from './engine.ts';
import type { Tables } from './schema.ts';

function steps(...statements: readonly string[]): Migration {
  return {
    async up(db) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-incidents': steps(
    `create table incidents (
      incident_id text primary key, workflow_id text not null, revision bigint not null, head json not null, reference text,
      search text not null, severity text not null, phase text not null, open boolean not null, team text not null,
      test boolean not null, restricted boolean not null, follows text,
      declared_at bigint not null, resolved_at bigint)`,
    'create index incidents_newest on incidents (declared_at desc, incident_id desc)',
    'create index incidents_open on incidents (declared_at desc, incident_id desc) where open',
    'create index incidents_of_team on incidents (team, declared_at desc, incident_id desc)',
    'create index incidents_of_severity on incidents (severity, declared_at desc, incident_id desc)',
    'create index incidents_of_workflow on incidents (workflow_id, declared_at desc, incident_id desc)',
    'create table learned (incident_id text primary key, channel text, channel_over text, ticket text, ticket_over text)',
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
      incident_id text not null, fingerprint text not null, revision bigint not null, starts_at bigint not null,
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
  '0008-metrics': steps(
    `alter table incidents
      add column outcome text, add column highest_severity text not null default '',
      add column detected_at bigint, add column acknowledged_at bigint, add column mitigated_at bigint,
      add column acknowledge_due_at bigint, add column users_affected bigint, add column revenue_lost text,
      add column people integer, add column postmortem_due_at bigint, add column postmortem_done_at bigint`,
    // What was written before has these four; the others are newer than any such row.
    `update incidents set outcome = head->>'outcome', highest_severity = head->>'highestSeverity',
      detected_at = (extract(epoch from (head->>'detectedAt')::timestamptz) * 1000)::bigint,
      acknowledged_at = (extract(epoch from (head->>'acknowledgedAt')::timestamptz) * 1000)::bigint,
      mitigated_at = (extract(epoch from (head->>'mitigatedAt')::timestamptz) * 1000)::bigint`,
  ),
};

/** Brings the tables up to date. Two at once: one does it, the other waits (up to a statement's time) and finds it done. */
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
