/**
 * Where routed alerts wait while Temporal is away: a directory of segments that survives `kill -9` and power cuts, owned
 * by one process. Nothing leaves it before Temporal has it; what leaves it twice does no harm.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { toChecksummedLine } from './checksummed-lines.ts';
import { DirectoryLocked, lockDirectory } from '../../../runtime/directory-lock.ts';
import type { SpooledCommand, SpooledAlerts, KeptCommand, Spool, SpoolOptions } from './spool-types.ts';
import { spooledDigestOf } from './replay-plan.ts';
import { deleteSegment, listSegments, markDone, readRecord, scanSegment, type RecordPosition } from './segment.ts';
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts';

export { DirectoryLocked };
export type { SpooledCommand, SpooledAlerts, Spool };

const DEFAULT_MAX_BYTES = 1024 ** 3;
const PROBE_EVERY_MS = 2000;
const PROBE_BYTES = 64 * 1024;

interface OpenedSpool {
  readonly writer: SegmentWriter;
  readonly unlock: () => Promise<void>;
}

/**
 * Opens the spool. Throws `Locked` when another process has it. A directory that cannot be written is no error here:
 * alerts may still reach Temporal; every append tries again.
 */
export async function openSpool({ directory, log, maxBytes = DEFAULT_MAX_BYTES }: SpoolOptions): Promise<Spool> {
  /** Waiting records and bytes on the disk, by segment. */
  const segments = new Map<number, { waiting: number; bytes: number }>();
  let corruptCount = 0;
  let opening: Promise<OpenedSpool> | null = null;
  let probe = { at: -Infinity, ok: Promise.resolve(false) };

  const opened = (): Promise<OpenedSpool> => {
    opening ??= start().catch((err: unknown) => {
      opening = null;
      throw err;
    });
    return opening;
  };

  async function start(): Promise<OpenedSpool> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const unlock = await lockDirectory(directory);
    const numbers = await listSegments(directory);
    for (const number of numbers) await scan(number);
    if (pendingCount() > 0) log.warn({ waiting: pendingCount(), directory }, 'alerts wait in the spool');
    return { unlock, writer: createSegmentWriter(directory, (numbers.at(-1) ?? 0) + 1) };
  }

  /** Counts a segment anew, sets its broken lines aside, and deletes it when nothing waits in it. */
  async function scan(segment: number): Promise<{ position: RecordPosition; record: RoutedAlerts | KeptCommand }[]> {
    const found = await scanSegment(directory, segment);
    segments.set(segment, { waiting: found.pending.length, bytes: found.bytes });
    let broken = false;
    for (const { position, bytes } of found.broken) {
      corruptCount += 1;
      log.error(
        { segment, offset: position.offset, length: position.length },
        'a line of the spool is torn or corrupt',
      );
      try {
        await deadLetter('torn or corrupt line', {
          segment,
          offset: position.offset,
          base64: bytes.toString('base64'),
        });
        await markDone(directory, position);
      } catch (err) {
        log.error({ err, segment }, 'a broken line could not be set aside; it stays where it is');
        broken = true;
      }
    }
    if (found.pending.length === 0 && !broken) await dropSegment(segment);
    return found.pending.map(({ position, text }) => ({
      position,
      record: JSON.parse(text) as RoutedAlerts | KeptCommand,
    }));
  }

  async function dropSegment(segment: number): Promise<void> {
    segments.delete(segment);
    await deleteSegment(directory, segment);
  }

  async function append(record: RoutedAlerts | KeptCommand): Promise<void> {
    const { writer } = await opened();
    const line = toChecksummedLine(JSON.stringify(record));
    if (used() + line.length > maxBytes) throw new Error(`the spool is full (${maxBytes} bytes)`);
    const segment = await writer.append(line);
    const { waiting: before, bytes } = segments.get(segment) ?? { waiting: 0, bytes: 0 };
    segments.set(segment, { waiting: before + 1, bytes: bytes + line.length });
  }

  const spooledAlertsOf = (position: RecordPosition, routed: RoutedAlerts): SpooledAlerts => ({
    ...spooledDigestOf(routed),
    read: async () => JSON.parse(await readRecord(directory, position)) as RoutedAlerts,
    done: () => done(position),
  });

  async function done(position: RecordPosition): Promise<void> {
    const left = segments.get(position.segment);
    if (left === undefined) return;
    left.waiting -= 1;
    if (left.waiting <= 0) await dropSegment(position.segment);
    else await markDone(directory, position);
  }

  async function deadLetter(reason: string, content: unknown): Promise<void> {
    const file = await open(join(directory, 'rejected.jsonl'), 'a', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ at: new Date().toISOString(), reason, content })}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async function isDiskWritable(): Promise<boolean> {
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

  const pendingCount = (): number => [...segments.values()].reduce((sum, segment) => sum + segment.waiting, 0);
  const used = (): number => [...segments.values()].reduce((sum, segment) => sum + segment.bytes, 0);

  await opened().catch((err: unknown) => {
    if (err instanceof DirectoryLocked) throw err;
    log.error({ err, directory }, 'the spool cannot be opened; alerts are refused while Temporal is away');
  });

  return {
    append,
    appendCommand: append,
    async deadLetter(reason, content) {
      await opened();
      await deadLetter(reason, content);
    },
    async backlog(visit) {
      await (await opened()).writer.rotate();
      const alerts: SpooledAlerts[] = [];
      const commands: SpooledCommand[] = [];
      for (const segment of [...segments.keys()].sort((a, b) => a - b)) {
        for (const { position, record } of await scan(segment)) {
          if ('command' in record) commands.push({ ...record, done: () => done(position) });
          else {
            visit?.(record);
            alerts.push(spooledAlertsOf(position, record));
          }
        }
      }
      return { alerts, commands };
    },
    pendingCount,
    corruptCount: () => corruptCount,
    writable() {
      if (Date.now() - probe.at >= PROBE_EVERY_MS) probe = { at: Date.now(), ok: isDiskWritable() };
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
