/**
 * Copies the audit's files into the records in the background. It resumes from an offset for each file, stored beside
 * the files. Copying an entry twice is harmless, so the offset may lag behind but must never run ahead.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { rewriteFileAtomically } from '../../runtime/files.ts';
import { RecordsDown, type Records } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { listAuditFiles, readAuditFilePart } from './audit-files.ts';

const offsetsFile = z.record(z.string(), z.int().min(0));

/** Polls for entries written by other processes, and for a database that is back. */
const POLL_INTERVAL_MS = 5000;
const CLOSE_MS = 1000;

export interface AuditCopier {
  /** There are new entries: copy them now. */
  copySoon(): void;
  /** True when the records have every entry written before the call. Never rejects; waits `withinMs` at most. */
  caughtUp(withinMs: number): Promise<boolean>;
  /** Resolves when no copying is in progress. */
  close(): Promise<void>;
}

interface AuditCopierSettings {
  readonly directory: string;
  readonly records: Pick<Records, 'writeAudit'>;
  readonly log: AppDeps['log'];
  readonly pollIntervalMs?: number;
}

export function startAuditCopier({
  directory,
  records,
  log,
  pollIntervalMs = POLL_INTERVAL_MS,
}: AuditCopierSettings): AuditCopier {
  const file = join(directory, 'copied.json');
  let offsets: Map<string, number> | undefined;
  let running: Promise<boolean> | undefined;
  let failing = false;
  let isCopyRequested = false;
  let closed = false;

  const copy = (): Promise<boolean> => (running ??= copyAll().catch(logFailure).finally(copyEnded));

  function copyEnded(): void {
    running = undefined;
    // Entries may have been written while the round was running.
    if (isCopyRequested) copySoon();
  }

  function copySoon(): void {
    isCopyRequested = running !== undefined && !closed;
    if (!isCopyRequested && !closed) void copy();
  }

  async function copyAll(): Promise<boolean> {
    offsets ??= await readOffsets(file);
    for (const name of await listAuditFiles(directory)) if (!(await copyFile(name, offsets))) return false;
    failing = false;
    return true;
  }

  /** False: stopped before the end. */
  async function copyFile(name: string, at: Map<string, number>): Promise<boolean> {
    while (!closed) {
      const part = await readAuditFilePart(directory, name, at.get(name) ?? 0);
      if (part === null) return true;
      if (part.broken > 0) log.error({ file: name, lines: part.broken }, 'lines of the audit cannot be read');
      await records.writeAudit(part.entries);
      at.set(name, part.next);
      await rewriteFileAtomically(file, JSON.stringify(Object.fromEntries(at)));
    }
    return false;
  }

  /** The records report their own outages; log every other error once. */
  function logFailure(error: unknown): boolean {
    if (!(error instanceof RecordsDown)) {
      if (!failing)
        log.error({ err: error, directory }, 'the audit cannot be copied to the records: it is tried again');
      failing = true;
    }
    return false;
  }

  const timer = setInterval(() => void copy(), pollIntervalMs).unref();
  void copy();

  return {
    copySoon,
    async caughtUp(withinMs) {
      // The round in progress may have looked too early.
      return within(withinMs, Promise.resolve(running).then(copy));
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await within(CLOSE_MS, running);
    },
  };
}

/** The result of `promise`, or false when it takes longer than `ms`. */
async function within(ms: number, promise: Promise<boolean> | undefined): Promise<boolean> {
  let timeoutHandle: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => (timeoutHandle = setTimeout(() => resolve(false), ms)));
  return Promise.race([promise ?? true, timeout]).finally(() => clearTimeout(timeoutHandle));
}

/** Missing or unreadable: everything is copied again, which is harmless. */
async function readOffsets(file: string): Promise<Map<string, number>> {
  try {
    return new Map(Object.entries(offsetsFile.parse(JSON.parse(await readFile(file, 'utf8')))));
  } catch {
    return new Map();
  }
}
