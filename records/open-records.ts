/** The records: one schema on Postgres or, embedded, on PGlite. records.ts says what they promise. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { allAlertOwners, findAlertOwners } from './alert-owners.ts';
import { readAudit, writeAudit } from './audit.ts';
import { connectTo, type Db } from './connection.ts';
import { documentsOf, writeArchive, writeExports } from './documents/documents.ts';
import { findIncident, listIncidentPage } from './find-incidents.ts';
import { readMetrics } from './metrics/query-metrics.ts';
import { openPglite } from './pglite.ts';
import { postgres } from './postgres.ts';
import { keepDraft, readPostmortem, writePostmortem } from './postmortems.ts';
import { projectBatch, projectEarly } from './projection.ts';
import { insertPublicUpdate, publicEntries, publicPage } from './public-page.ts';
import { readIncident, readMessages, readRecord, readSeq, readTimeline } from './read-incidents.ts';
import type { Records, RecordsLog, RecordsSettings, WholeRecord } from './records.ts';

export { BadCursor, RecordsDown } from './errors.ts';
export { auditCursor } from './audit.ts';
export type * from './records.ts';

export interface HomeSettings {
  /** The state directory. */
  readonly home: string;
  /** Null: embedded, in the state directory. */
  readonly databaseUrl: string | null;
  /** IANA zone of the organization; asked each time. */
  readonly timeZone: () => string;
  readonly log: RecordsLog;
}

/** `openRecords` with the directories of a process: each has its place in the state directory. */
export function openRecordsInHome({ home, databaseUrl, timeZone, log }: HomeSettings): Records {
  return openRecords({
    ...(databaseUrl === null ? { directory: join(home, 'database') } : { databaseUrl }),
    archiveDirectory: join(home, 'records'),
    exportDirectory: join(home, 'exports'),
    timeZone,
    log,
  });
}

/** Returns at once: connecting, creating and migrating go on in the background. */
export function openRecords(settings: RecordsSettings): Records {
  const { timeZone, archiveDirectory, exportDirectory, log } = settings;
  const zone = (): string => (typeof timeZone === 'string' ? timeZone : timeZone());
  const engine = 'databaseUrl' in settings ? postgres(settings.databaseUrl) : openPglite(settings.directory);
  const { run, ready, state, upSince, close } = connectTo(engine, log);
  const reading =
    <T>(read: (db: Db, incidentId: string) => Promise<T>) =>
    (incidentId: string): Promise<T> =>
      run((db) => read(db, cleanText(incidentId)));
  const wholeRecord = async (incidentId: string): Promise<WholeRecord> => {
    const record = await reading(readRecord)(incidentId);
    if (record === null) throw new Error(`no record of ${incidentId}`);
    return record;
  };

  return {
    ready,
    state,
    upSince,
    close,
    project: (batch) => run((db) => projectBatch(db, clean(batch), zone())),
    projectEarly: (early) => run((db) => projectEarly(db, clean(early))),
    archive: async (incidentId) => writeArchive(archiveDirectory, await wholeRecord(incidentId)),
    async prepare(incidentId, format) {
      const record = await wholeRecord(incidentId);
      const documents = documentsOf(record, format);
      await writeExports(exportDirectory, record, documents);
      await run((db) => keepDraft(db, cleanText(incidentId), cleanText(documents.draft)));
    },
    writePostmortem: (postmortem) => run((db) => writePostmortem(db, clean(postmortem))),
    postmortem: reading(readPostmortem),
    wipeDerived: () => run(wipe),
    findIncident: (id) => run((db) => findIncident(db, cleanText(id), zone())),
    findAlertOwners: (query) => run((db) => findAlertOwners(db, clean(query))),
    allAlertOwners: (limit) => run((db) => allAlertOwners(db, limit)),
    incident: reading(readIncident),
    seqOf: reading(readSeq),
    timeline: reading(readTimeline),
    messages: reading(readMessages),
    record: reading(readRecord),
    list: (query) => run((db) => listIncidentPage(db, clean(query))),
    metrics: (query) => run((db) => readMetrics(db, clean(query), { timeZone: zone(), now: Date.now() })),
    writeAudit: (entries) => run((db) => writeAudit(db, clean(entries))),
    readAudit: (query) => run((db) => readAudit(db, clean(query))),
    publish: (update) => run((db) => insertPublicUpdate(db, clean(update))),
    publicEntries: reading(publicEntries),
    publicPage: (query) => run((db) => publicPage(db, query)),
    registerServer: (server) => run((db) => registerServer(db, cleanText(server))),
  };
}

async function wipe(db: Db): Promise<void> {
  await sql`truncate incidents, early_results, timeline, alerts, alert_owner, deliveries, messages`.execute(db);
}

/** A server that has not reported for this long is not counted. */
const PRESENT_MS = 60_000;
const FORGOTTEN_MS = 86_400_000;

/** By the database's clock, since those of the servers may differ. */
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Notes that `server` is running; resolves with how many are, itself included. */
async function registerServer(db: Db, server: string): Promise<number> {
  await db
    .insertInto('servers')
    .values({ id: server, seen_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
    .execute();
  await db
    .deleteFrom('servers')
    .where('seen_at', '<', sql<number>`${now} - ${sql.lit(FORGOTTEN_MS)}`)
    .execute();
  const { present } = await db
    .selectFrom('servers')
    .select(({ fn }) => fn.countAll<number>().as('present'))
    .where('seen_at', '>', sql<number>`${now} - ${sql.lit(PRESENT_MS)}`)
    .executeTakeFirstOrThrow();
  return Math.max(1, present);
}

/** No database takes NUL or half a surrogate pair: they become U+2400 and U+FFFD. */
function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\u2400') : whole;
}

/** Plain JSON with every text in it cleaned, names of fields too. A field named `__proto__` stays a field. */
function clean<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [cleanText(name), cleaned(part)]));
}
