/**
 * Writes audit entries to their files in the background: callers never wait and never fail. While the disk fails, a
 * bounded number of entries waits in memory; the journal counts and reports those it drops beyond that.
 */
import type { AuditEntry } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { createAuditEntry, appendAuditEntries } from './audit-files.ts';

/** About 10 MB. */
const WAITING_ENTRIES_LIMIT = 20_000;
const RETRY_MS = 1000;
const CLOSE_MS = 2000;

export interface AuditJournal {
  append(entry: AuditEntry): void;
  /** Resolves when everything appended so far is on the disk, or has failed once more. */
  flushed(): Promise<void>;
  /** Waits 2 s at most. */
  close(): Promise<void>;
}

interface AuditJournalSettings {
  readonly directory: string;
  readonly log: AppDeps['log'];
  /** Called when entries have been written. */
  readonly onWritten: () => void;
  readonly limit?: number;
  readonly now?: () => number;
}

export function openAuditJournal({
  directory,
  log,
  onWritten,
  limit = WAITING_ENTRIES_LIMIT,
  now = Date.now,
}: AuditJournalSettings): AuditJournal {
  let waiting: AuditEntry[] = [];
  let lost = 0;
  let failing = false;
  let retry: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  /** One write at a time; entries that arrive meanwhile form the next batch. */
  const write = (): Promise<void> =>
    (writing ??= writeWaiting().finally(() => {
      writing = undefined;
      if (waiting.length === 0) return;
      if (!failing) void write();
      else retry ??= setTimeout(retryWrite, RETRY_MS).unref();
    }));

  function retryWrite(): void {
    retry = undefined;
    void write();
  }

  async function writeWaiting(): Promise<void> {
    const entries = waiting;
    waiting = [];
    const lostNow = lost;
    const note = { via: 'local', command: 'audit.lost', outcome: 'failed', omitted: lostNow } as const;
    const lines = lostNow === 0 ? entries : [createAuditEntry(note, now()), ...entries];
    if (lines.length === 0) return;
    try {
      await appendAuditEntries(directory, lines, now());
      lost -= lostNow;
      if (failing) log.info({ directory, lost: lostNow }, 'the audit can be written again');
      failing = false;
      onWritten();
    } catch (error) {
      if (!failing) log.error({ err: error, directory }, 'the audit cannot be written: its lines wait in memory');
      failing = true;
      waiting = [...entries, ...waiting];
      trim();
    }
  }

  /** Drops the oldest first: people will look for what happens now. */
  function trim(): void {
    const surplus = waiting.length - limit;
    if (surplus <= 0) return;
    waiting.splice(0, surplus);
    lost += surplus;
  }

  async function flushed(): Promise<void> {
    // The write in progress may have begun before the last entry arrived.
    await writing;
    await write();
  }

  return {
    append(entry) {
      waiting.push(entry);
      trim();
      if (!failing) void write();
    },
    flushed,
    async close() {
      clearTimeout(retry);
      retry = undefined;
      let late: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => (late = setTimeout(resolve, CLOSE_MS)));
      await Promise.race([flushed(), timeout]);
      clearTimeout(late);
      clearTimeout(retry);
      const unwritten = lost + waiting.length;
      if (unwritten > 0) log.error({ unwritten, directory }, 'lines of the audit were never written');
    },
  };
}
