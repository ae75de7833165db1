/**
 * Copies the audit's files into the records, in the background and from where it stopped: the place in each file is
 * kept beside them. A line that is copied twice is one line, so the place may lag behind, never run ahead.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { RecordsDown, type Records } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { listFiles, readPart } from './files.ts';

const placesFile = z.record(z.string(), z.int().min(0));

/** Lines that other processes write are found by looking; the database may be back. */
const LOOK_EVERY_MS = 5000;
const CLOSE_MS = 1000;

export interface Copying {
  /** There is something new: look now. */
  nudge(): void;
  /** True when the records have every line that was written before the call. Never rejects; waits `withinMs` at most. */
  caughtUp(withinMs: number): Promise<boolean>;
  /** Resolves when no copying is under way. */
  close(): Promise<void>;
}

interface CopyingSettings {
  readonly directory: string;
  readonly records: Pick<Records, 'writeAudit'>;
  readonly log: AppDeps['log'];
  readonly lookEveryMs?: number;
}

export function startCopying({ directory, records, log, lookEveryMs = LOOK_EVERY_MS }: CopyingSettings): Copying {
  const file = join(directory, 'copied.json');
  let places: Map<string, number> | undefined;
  let running: Promise<boolean> | undefined;
  let failing = false;
  let wanted = false;
  let closed = false;

  const copy = (): Promise<boolean> => (running ??= round().catch(said).finally(ended));

  function ended(): void {
    running = undefined;
    // What came during the round may have been written behind its back.
    if (wanted) nudge();
  }

  function nudge(): void {
    wanted = running !== undefined && !closed;
    if (!wanted && !closed) void copy();
  }

  async function round(): Promise<boolean> {
    places ??= await readPlaces(file);
    for (const name of await listFiles(directory)) if (!(await copyFile(name, places))) return false;
    failing = false;
    return true;
  }

  /** False: told to stop in between. */
  async function copyFile(name: string, at: Map<string, number>): Promise<boolean> {
    while (!closed) {
      const part = await readPart(directory, name, at.get(name) ?? 0);
      if (part === null) return true;
      if (part.broken > 0) log.error({ file: name, lines: part.broken }, 'lines of the audit cannot be read');
      await records.writeAudit(part.entries);
      at.set(name, part.next);
      await writeFileAtomic(file, JSON.stringify(Object.fromEntries(at)), { mode: 0o600 });
    }
    return false;
  }

  /** The records say themselves that they are away; everything else is said once. */
  function said(error: unknown): boolean {
    if (!(error instanceof RecordsDown)) {
      if (!failing)
        log.error({ err: error, directory }, 'the audit cannot be copied to the records: it is tried again');
      failing = true;
    }
    return false;
  }

  const timer = setInterval(() => void copy(), lookEveryMs).unref();
  void copy();

  return {
    nudge,
    async caughtUp(withinMs) {
      // The round under way may have looked too early.
      return within(withinMs, Promise.resolve(running).then(copy));
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await within(CLOSE_MS, running);
    },
  };
}

/** What `promise` says, or false when it does not within `ms`. */
async function within(ms: number, promise: Promise<boolean> | undefined): Promise<boolean> {
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => (late = setTimeout(() => resolve(false), ms)));
  return Promise.race([promise ?? true, timeout]).finally(() => clearTimeout(late));
}

/** None, or none that can be read: everything is copied again, which changes nothing. */
async function readPlaces(file: string): Promise<Map<string, number>> {
  try {
    return new Map(Object.entries(placesFile.parse(JSON.parse(await readFile(file, 'utf8')))));
  } catch {
    return new Map();
  }
}
