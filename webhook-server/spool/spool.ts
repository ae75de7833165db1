/**
 * Where routed alerts wait while Temporal is away: a directory of segments that survives `kill -9` and power cuts, owned
 * by one process. Nothing leaves it before Temporal has it; what leaves it twice does no harm.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoutedAlerts } from '../gateway.ts';
import { sealLine } from './checksum.ts';
import { Locked, lockDirectory } from '../../config/directory-lock.ts';
import type { CommandEntry, Entry, KeptCommand, Spool, SpoolOptions } from './entry.ts';
import { digestOf } from './plan.ts';
import { deleteSegment, listSegments, markDone, readRecord, scanSegment, type Place } from './segment.ts';
import { createWriter, type Writer } from './writer.ts';

export { Locked };
export type { CommandEntry, Entry, Spool };

const DEFAULT_MAX_BYTES = 1024 ** 3;
const PROBE_EVERY_MS = 2000;
const PROBE_BYTES = 64 * 1024;

interface Opened {
  readonly writer: Writer;
  readonly unlock: () => Promise<void>;
}

/**
 * Opens the spool. Throws `Locked` when another process has it. A directory that cannot be written is no error here:
 * alerts may still reach Temporal; every append tries again.
 */
export async function openSpool({ directory, log, maxBytes = DEFAULT_MAX_BYTES }: SpoolOptions): Promise<Spool> {
  /** Waiting records and bytes on the disk, by segment. */
  const segments = new Map<number, { waiting: number; bytes: number }>();
  let corrupt = 0;
  let opening: Promise<Opened> | null = null;
  let probe = { at: -Infinity, ok: Promise.resolve(false) };

  const opened = (): Promise<Opened> => {
    opening ??= start().catch((err: unknown) => {
      opening = null;
      throw err;
    });
    return opening;
  };

  async function start(): Promise<Opened> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const unlock = await lockDirectory(directory);
    const numbers = await listSegments(directory);
    for (const number of numbers) await scan(number);
    if (waiting() > 0) log.warn({ waiting: waiting(), directory }, 'alerts wait in the spool');
    return { unlock, writer: createWriter(directory, (numbers.at(-1) ?? 0) + 1) };
  }

  /** Counts a segment anew, sets its broken lines aside, and deletes it when nothing waits in it. */
  async function scan(segment: number): Promise<{ place: Place; kept: RoutedAlerts | KeptCommand }[]> {
    const found = await scanSegment(directory, segment);
    segments.set(segment, { waiting: found.waiting.length, bytes: found.bytes });
    let broken = false;
    for (const { place, bytes } of found.broken) {
      corrupt += 1;
      log.error({ segment, offset: place.offset, length: place.length }, 'a line of the spool is torn or corrupt');
      try {
        await setAside('torn or corrupt line', { segment, offset: place.offset, base64: bytes.toString('base64') });
        await markDone(directory, place);
      } catch (err) {
        log.error({ err, segment }, 'a broken line could not be set aside; it stays where it is');
        broken = true;
      }
    }
    if (found.waiting.length === 0 && !broken) await forget(segment);
    return found.waiting.map(({ place, text }) => ({ place, kept: JSON.parse(text) as RoutedAlerts | KeptCommand }));
  }

  async function forget(segment: number): Promise<void> {
    segments.delete(segment);
    await deleteSegment(directory, segment);
  }

  async function append(kept: RoutedAlerts | KeptCommand): Promise<void> {
    const { writer } = await opened();
    const line = sealLine(JSON.stringify(kept));
    if (used() + line.length > maxBytes) throw new Error(`the spool is full (${maxBytes} bytes)`);
    const segment = await writer.append(line);
    const { waiting: before, bytes } = segments.get(segment) ?? { waiting: 0, bytes: 0 };
    segments.set(segment, { waiting: before + 1, bytes: bytes + line.length });
  }

  const entryOf = (place: Place, routed: RoutedAlerts): Entry => ({
    ...digestOf(routed),
    read: async () => JSON.parse(await readRecord(directory, place)) as RoutedAlerts,
    done: () => done(place),
  });

  async function done(place: Place): Promise<void> {
    const left = segments.get(place.segment);
    if (left === undefined) return;
    left.waiting -= 1;
    if (left.waiting <= 0) await forget(place.segment);
    else await markDone(directory, place);
  }

  async function setAside(reason: string, content: unknown): Promise<void> {
    const file = await open(join(directory, 'rejected.jsonl'), 'a', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ at: new Date().toISOString(), reason, content })}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async function tryDisk(): Promise<boolean> {
    const path = join(directory, 'probe');
    try {
      await opened();
      const file = await open(path, 'w');
      try {
        await file.writeFile(Buffer.alloc(PROBE_BYTES, 1)); // `write` alone may write less and be content
        await file.datasync();
      } finally {
        await file.close();
      }
      await rm(path, { force: true });
      return used() < maxBytes;
    } catch (err) {
      log.warn({ err, directory }, 'the spool cannot be written');
      return false;
    }
  }

  const waiting = (): number => [...segments.values()].reduce((sum, segment) => sum + segment.waiting, 0);
  const used = (): number => [...segments.values()].reduce((sum, segment) => sum + segment.bytes, 0);

  await opened().catch((err: unknown) => {
    if (err instanceof Locked) throw err;
    log.error({ err, directory }, 'the spool cannot be opened; alerts are refused while Temporal is away');
  });

  return {
    append,
    appendCommand: append,
    async setAside(reason, content) {
      await opened();
      await setAside(reason, content);
    },
    async backlog(visit) {
      await (await opened()).writer.rotate();
      const alerts: Entry[] = [];
      const commands: CommandEntry[] = [];
      for (const segment of [...segments.keys()].sort((a, b) => a - b)) {
        for (const { place, kept } of await scan(segment)) {
          if ('command' in kept) commands.push({ ...kept, done: () => done(place) });
          else {
            visit?.(kept);
            alerts.push(entryOf(place, kept));
          }
        }
      }
      return { alerts, commands };
    },
    waiting,
    corrupt: () => corrupt,
    writable() {
      if (Date.now() - probe.at >= PROBE_EVERY_MS) probe = { at: Date.now(), ok: tryDisk() };
      return probe.ok;
    },
    async close() {
      if (opening === null) return;
      const { writer, unlock } = await opened();
      await writer.rotate();
      await unlock();
    },
  };
}
