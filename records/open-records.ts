/** The records: one schema on Postgres or, embedded, on PGlite. See records.ts for what they promise. */
import { sql } from 'kysely';
import { writeArchive, writeExports } from './archive.ts';
import { readAudit, writeAudit } from './audit.ts';
import { clean, cleanText } from './clean-text.ts';
import { connectTo, type Db } from './connection.ts';
import { documentsOf } from './documents/documents.ts';
import { openPglite } from './pglite.ts';
import { findIncident } from './find-incident.ts';
import { listIncidentPage } from './list-incidents.ts';
import { readMetrics } from './metrics/query-metrics.ts';
import { postgres } from './postgres.ts';
import { keepDraft, readPostmortem, writePostmortem } from './postmortems.ts';
import { registerServer } from './server-presence.ts';
import { publicEntries, publicPage, insertPublicUpdate } from './public-page.ts';
import { readIncident, readMessages, readRecord, readSeq, readTimeline } from './read-incidents.ts';
import type { Records, RecordsSettings, WholeRecord } from './records.ts';
import { projectBatch, projectEarly } from './projection.ts';

export * from './errors.ts';
export { auditCursor } from './audit.ts';
export type * from './records.ts';

/** At once, whatever the database does: connecting, creating and migrating go on in the background. */
export function openRecords(settings: RecordsSettings): Records {
  const { timeZone, archiveDirectory, exportDirectory, log } = settings;
  const zone = (): string => (typeof timeZone === 'string' ? timeZone : timeZone());
  const engine = 'databaseUrl' in settings ? postgres(settings.databaseUrl) : openPglite(settings.directory);
  const { run, ready, state, upSince, close } = connectTo(engine, log);
  const about =
    <T>(read: (db: Db, incidentId: string) => Promise<T>) =>
    (incidentId: string): Promise<T> =>
      run((db) => read(db, cleanText(incidentId)));
  const wholeOf = async (incidentId: string): Promise<WholeRecord> => {
    const record = await run((db) => readRecord(db, cleanText(incidentId)));
    if (record === null) throw new Error(`no record of ${incidentId}`);
    return record;
  };

  return {
    ...{ ready, state, upSince, close },
    project: (batch) => run((db) => projectBatch(db, clean(batch), zone())),
    projectEarly: (news) => run((db) => projectEarly(db, clean(news))),
    archive: async (incidentId) => writeArchive(archiveDirectory, await wholeOf(incidentId)),
    async prepare(incidentId, telling) {
      const record = await wholeOf(incidentId);
      const documents = documentsOf(record, telling);
      await writeExports(exportDirectory, record, documents);
      await run((db) => keepDraft(db, cleanText(incidentId), cleanText(documents.draft)));
    },
    writePostmortem: (postmortem) => run((db) => writePostmortem(db, clean(postmortem))),
    postmortem: about(readPostmortem),
    wipeDerived: () => run(wipe),
    findIncident: (id) => run((db) => findIncident(db, cleanText(id), zone())),
    incident: about(readIncident),
    seqOf: about(readSeq),
    timeline: about(readTimeline),
    messages: about(readMessages),
    record: about(readRecord),
    list: (query) => run((db) => listIncidentPage(db, clean(query))),
    metrics: (query) => run((db) => readMetrics(db, clean(query), { timeZone: zone(), now: Date.now() })),
    writeAudit: (entries) => run((db) => writeAudit(db, clean(entries))),
    readAudit: (query) => run((db) => readAudit(db, clean(query))),
    publish: (update) => run((db) => insertPublicUpdate(db, clean(update))),
    publicEntries: about(publicEntries),
    publicPage: (query) => run((db) => publicPage(db, query)),
    registerServer: (server) => run((db) => registerServer(db, cleanText(server))),
  };
}

async function wipe(db: Db): Promise<void> {
  await sql`truncate incidents, learned, timeline, alerts, deliveries, messages`.execute(db);
}
