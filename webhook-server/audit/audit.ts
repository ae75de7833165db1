/**
 * The audit of a server: every attempt to change something, by whom, when and from where. Its files are the truth; the
 * records have a copy, which many servers share and which can be asked.
 */
import { RecordsDown, type AuditEntry, type AuditPage, type AuditQuery, type Records } from '../../records/index.ts';
import { auditCursor } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { startCopying } from './copying.ts';
import { entryOf, type Said } from './entry.ts';
import { auditDirectoryOf, readNewest } from './files.ts';
import { openJournal } from './journal.ts';
import { createUnauthenticatedAttempts } from './unauthenticated.ts';

export interface Audit {
  /** At once, whatever disk and database do; never throws. */
  write(said: Said): void;
  /** Throws `BadCursor`. `complete` false: the records are away, and these are this server's newest lines alone. */
  read(query: AuditQuery): Promise<AuditPage & { readonly complete: boolean }>;
  /** Writes what waits. Bounded. */
  close(): Promise<void>;
}

interface AuditSettings {
  /** The state directory. */
  readonly home: string;
  readonly records: Pick<Records, 'writeAudit' | 'readAudit'>;
  readonly log: AppDeps['log'];
  readonly now?: () => number;
  readonly lookEveryMs?: number;
}

/** What was written a moment ago should be in the answer. */
const TIMEOUT_MS = 1000;

export function openAudit({ home, records, log, now = Date.now, lookEveryMs }: AuditSettings): Audit {
  const directory = auditDirectoryOf(home);
  const copying = startCopying({ directory, records, log, ...(lookEveryMs === undefined ? {} : { lookEveryMs }) });
  const journal = openJournal({ directory, log, onWritten: () => copying.nudge(), now });
  const unauthenticated = createUnauthenticatedAttempts((omitted) => {
    const said = { door: 'http', command: 'audit.omitted', outcome: 'refused', omitted } as const;
    journal.append(entryOf(said, now()));
  }, now);

  return {
    write(said) {
      const entry = entryOf(said, now());
      if (!isUnauthenticated(entry)) return journal.append(entry);
      const omitted = unauthenticated.take();
      if (omitted !== null) journal.append({ ...entry, omitted });
    },
    async read(query) {
      if (query.cursor !== undefined) auditCursor(query.cursor);
      await journal.settled();
      await copying.caughtUp(TIMEOUT_MS);
      try {
        return { ...(await records.readAudit(query)), complete: true };
      } catch (error) {
        if (!(error instanceof RecordsDown)) throw error;
        return { ...pageOf(await readNewest(directory), query), complete: false };
      }
    },
    async close() {
      unauthenticated.close();
      await journal.close();
      await copying.close();
    },
  };
}

/** Anybody on the network can make such lines, as many as they like. */
const isUnauthenticated = ({ door, token, by }: AuditEntry): boolean =>
  door !== 'local' && token === null && by === null;

/** As the records answer it. */
function pageOf(newest: readonly AuditEntry[], { limit = 50, cursor, names, incidentId }: AuditQuery): AuditPage {
  const found = newest.filter(
    (entry) =>
      (cursor === undefined || entry.id < cursor) &&
      (names === undefined || [entry.subject, entry.workflowId, entry.incidentId].some((name) => isIn(names, name))) &&
      (incidentId === undefined || entry.incidentId === null || entry.incidentId === incidentId),
  );
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
}

const isIn = (names: readonly string[], name: string | null): boolean => name !== null && names.includes(name);
