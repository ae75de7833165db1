/**
 * A server's audit: every attempt to change something, by whom, when and from where. Its files are authoritative; the
 * records hold a copy that all servers share and that can be queried.
 */
import {
  RecordsDown,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
  type Records,
  auditCursor,
} from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { createAuditEntry, type AuditEntryInput, auditDirectoryOf, readNewestAuditEntries } from './audit-files.ts';
import { openAuditJournal } from './audit-journal.ts';
import { startAuditCopier } from './copy-to-records.ts';

export interface Audit {
  /** Returns at once, whatever the disk and the database do; never throws. */
  write(input: AuditEntryInput): void;
  /**
   * Throws `BadCursor`. `complete` is false when the records are down and only this server's newest entries are
   * returned.
   */
  read(query: AuditQuery): Promise<AuditPage & { readonly complete: boolean }>;
  /** Writes pending entries. Bounded in time. */
  close(): Promise<void>;
}

interface AuditSettings {
  /** The state directory. */
  readonly home: string;
  readonly records: Pick<Records, 'writeAudit' | 'readAudit'>;
  readonly log: AppDeps['log'];
  readonly now?: () => number;
  readonly pollIntervalMs?: number;
}

/** Entries written just before a query should be in its answer. */
const TIMEOUT_MS = 1000;

export function openAudit({ home, records, log, now = Date.now, pollIntervalMs }: AuditSettings): Audit {
  const directory = auditDirectoryOf(home);
  const copying = startAuditCopier({
    directory,
    records,
    log,
    ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }),
  });
  const journal = openAuditJournal({ directory, log, onWritten: () => copying.copySoon(), now });
  const unauthenticated = createUnauthenticatedAttempts((omitted) => {
    const input = { via: 'http', command: 'audit.omitted', outcome: 'refused', omitted } as const;
    journal.append(createAuditEntry(input, now()));
  }, now);

  return {
    write(input) {
      const entry = createAuditEntry(input, now());
      if (!isUnauthenticated(entry)) return journal.append(entry);
      const omitted = unauthenticated.take();
      if (omitted !== null) journal.append({ ...entry, omitted });
    },
    async read(query) {
      if (query.cursor !== undefined) auditCursor(query.cursor);
      await journal.flushed();
      await copying.caughtUp(TIMEOUT_MS);
      try {
        return { ...(await records.readAudit(query)), complete: true };
      } catch (error) {
        if (!(error instanceof RecordsDown)) throw error;
        return { ...auditPageOf(await readNewestAuditEntries(directory), query), complete: false };
      }
    },
    async close() {
      unauthenticated.close();
      await journal.close();
      await copying.close();
    },
  };
}

/** Anybody on the network can cause such entries, in any number. */
const isUnauthenticated = ({ via, token, by }: AuditEntry): boolean => via !== 'local' && token === null && by === null;

/** In the shape in which the records answer. */
function auditPageOf(newest: readonly AuditEntry[], { limit = 50, cursor, names, incidentId }: AuditQuery): AuditPage {
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

const WINDOW_MS = 60_000;
const LINES_A_MINUTE = 60;

interface UnauthenticatedAttempts {
  /** How many entries were omitted before this one; null: this one is omitted too. */
  take(): number | null;
  close(): void;
}

/** `reportOmitted` gets the number of omitted attempts when no later entry came to mention them. */
export function createUnauthenticatedAttempts(
  reportOmitted: (omitted: number) => void,
  now: () => number = Date.now,
): UnauthenticatedAttempts {
  let until = -Infinity;
  let lines = 0;
  let omitted = 0;
  let timer: NodeJS.Timeout | undefined;

  function takeOmitted(): number {
    clearTimeout(timer);
    timer = undefined;
    const count = omitted;
    omitted = 0;
    return count;
  }

  function reportOmittedNow(): void {
    const count = takeOmitted();
    if (count > 0) reportOmitted(count);
  }

  return {
    take() {
      const at = now();
      if (at >= until) {
        until = at + WINDOW_MS;
        lines = 0;
      }
      lines += 1;
      if (lines <= LINES_A_MINUTE) return takeOmitted();
      omitted += 1;
      timer ??= setTimeout(reportOmittedNow, WINDOW_MS).unref();
      return null;
    },
    close: reportOmittedNow,
  };
}
