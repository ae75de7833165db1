/**
 * Where routed alerts wait while Temporal is down: a directory of segments that survives `kill -9` and power cuts,
 * owned by one process. Nothing leaves it before Temporal has it; delivering something twice is harmless.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Command } from '../../../domain/kernel/commands.ts';
import { DirectoryLocked, lockDirectory } from '../../../runtime/file-lock.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import {
  toChecksummedLine,
  deleteSegment,
  listSegments,
  markDone,
  readRecord,
  scanSegment,
  type RecordPosition,
} from './segment.ts';
import { spooledDigestOf, type SpooledDigest } from './replay-plan.ts';
import { SegmentWriter } from './segment-writer.ts';

export { DirectoryLocked };

/** Routed alerts in the spool, still on the disk. */
export interface SpooledAlerts extends SpooledDigest {
  read(): Promise<RoutedAlerts>;
  /** Temporal has them, or they are moot: they are never delivered again. */
  done(): Promise<void>;
}

/** An acknowledgement that waits for Temporal. */
export interface KeptCommand {
  readonly workflowId: string;
  readonly command: Command & { readonly requestId: string };
}

export interface SpooledCommand extends KeptCommand {
  /** Temporal has it, or there is no incident to take it. */
  done(): Promise<void>;
}

export interface SpoolBacklog {
  readonly alerts: readonly SpooledAlerts[];
  readonly commands: readonly SpooledCommand[];
}

export interface SpoolOptions {
  readonly directory: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The spool refuses more than this, since it shares the disk with all other state. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 1024 ** 3;
const PROBE_EVERY_MS = 2000;
const PROBE_BYTES = 64 * 1024;

type SpoolRecord = RoutedAlerts | KeptCommand;

interface OpenedSpool {
  readonly writer: SegmentWriter;
  readonly unlock: () => Promise<void>;
}

/**
 * Throws `DirectoryLocked` when another process owns the spool. An unwritable directory is no error here: alerts may
 * still reach Temporal, and every append tries again.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const spool = new Spool(options);
  await spool.opened().catch((err: unknown) => {
    if (err instanceof DirectoryLocked) throw err;
    options.log.error(
      { err, directory: options.directory },
      'the spool cannot be opened; alerts are refused while Temporal is away',
    );
  });
  return spool;
}

export class Spool {
  private readonly directory: string;
  private readonly log: SpoolOptions['log'];
  private readonly maxBytes: number;
  /** Pending records and bytes on the disk, by segment. */
  private readonly segments = new Map<number, { pending: number; bytes: number }>();
  private corrupt = 0;
  private opening: Promise<OpenedSpool> | null = null;
  private probe = { at: -Infinity, ok: Promise.resolve(false) };

  /** Use `openSpool`. */
  constructor({ directory, log, maxBytes = DEFAULT_MAX_BYTES }: SpoolOptions) {
    this.directory = directory;
    this.log = log;
    this.maxBytes = maxBytes;
  }

  opened(): Promise<OpenedSpool> {
    this.opening ??= this.start().catch((err: unknown) => {
      this.opening = null;
      throw err;
    });
    return this.opening;
  }

  /** Resolves after fsync. Rejects when the write fails or the spool is full. */
  append(routed: RoutedAlerts): Promise<void> {
    return this.appendRecord(routed);
  }

  /** As `append`. */
  appendCommand(kept: KeptCommand): Promise<void> {
    return this.appendRecord(kept);
  }

  /** Keeps what can be neither delivered nor retried in `rejected.jsonl`, for a person to examine. */
  async deadLetter(reason: string, content: unknown): Promise<void> {
    await this.opened();
    await this.writeDeadLetter(reason, content);
  }

  /**
   * Visits everything in the spool now; later appends wait for the next call. `visit` gets each incident's alerts
   * together.
   */
  async backlog(visit?: (routed: RoutedAlerts) => void): Promise<SpoolBacklog> {
    await (await this.opened()).writer.rotate();
    const alerts: SpooledAlerts[] = [];
    const commands: SpooledCommand[] = [];
    for (const segment of [...this.segments.keys()].sort((a, b) => a - b)) {
      for (const { position, record } of await this.scan(segment)) {
        if ('command' in record) commands.push({ ...record, done: () => this.done(position) });
        else {
          visit?.(record);
          alerts.push(this.spooledAlertsOf(position, record));
        }
      }
    }
    return { alerts, commands };
  }

  /** Routed alerts and commands in the spool. */
  pendingCount(): number {
    return [...this.segments.values()].reduce((sum, { pending }) => sum + pending, 0);
  }

  /** Torn and corrupt lines found since the start. */
  corruptCount(): number {
    return this.corrupt;
  }

  /** Tries the disk, at most every `PROBE_EVERY_MS`. */
  writable(): Promise<boolean> {
    if (Date.now() - this.probe.at >= PROBE_EVERY_MS) this.probe = { at: Date.now(), ok: this.isDiskWritable() };
    return this.probe.ok;
  }

  async close(): Promise<void> {
    if (this.opening === null) return;
    const { writer, unlock } = await this.opened();
    await writer.rotate();
    await unlock();
  }

  private async start(): Promise<OpenedSpool> {
    const { directory, log } = this;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const unlock = await lockDirectory(directory);
    const numbers = await listSegments(directory);
    for (const number of numbers) await this.scan(number);
    const pending = this.pendingCount();
    if (pending > 0) log.warn({ pending, directory }, 'the spool holds alerts');
    return { unlock, writer: new SegmentWriter(directory, (numbers.at(-1) ?? 0) + 1) };
  }

  /** Recounts a segment, moves its broken lines to the dead letters, and deletes it when nothing is pending in it. */
  private async scan(segment: number): Promise<{ position: RecordPosition; record: SpoolRecord }[]> {
    const found = await scanSegment(this.directory, segment);
    let isBroken = false;
    for (const line of found.broken) if (!(await this.deadLetterBrokenLine(line))) isBroken = true;
    const records: { position: RecordPosition; record: SpoolRecord }[] = [];
    for (const { position, text } of found.pending) {
      const record = JSON.parse(text) as object;
      if ('declaration' in record || 'command' in record) records.push({ position, record: record as SpoolRecord });
      // Another version's record must not keep the others from being replayed.
      else if (!(await this.deadLetterBrokenLine({ position, bytes: Buffer.from(text) }))) isBroken = true;
    }
    this.segments.set(segment, { pending: records.length, bytes: found.bytes });
    if (records.length === 0 && !isBroken) await this.dropSegment(segment);
    return records;
  }

  /** False when the line stays where it is. */
  private async deadLetterBrokenLine({
    position,
    bytes,
  }: {
    position: RecordPosition;
    bytes: Buffer;
  }): Promise<boolean> {
    const { segment, offset, length } = position;
    this.corrupt += 1;
    this.log.error({ segment, offset, length }, 'a line of the spool is torn or corrupt');
    try {
      await this.writeDeadLetter('torn or corrupt line', { segment, offset, base64: bytes.toString('base64') });
      await markDone(this.directory, position);
      return true;
    } catch (err) {
      this.log.error({ err, segment }, 'a broken line could not be moved to rejected.jsonl; it stays where it is');
      return false;
    }
  }

  private async dropSegment(segment: number): Promise<void> {
    this.segments.delete(segment);
    await deleteSegment(this.directory, segment);
  }

  private async appendRecord(record: SpoolRecord): Promise<void> {
    const { writer } = await this.opened();
    const line = toChecksummedLine(JSON.stringify(record));
    if (this.usedBytes() + line.length > this.maxBytes) throw new Error(`the spool is full (${this.maxBytes} bytes)`);
    const segment = await writer.append(line);
    const { pending, bytes } = this.segments.get(segment) ?? { pending: 0, bytes: 0 };
    this.segments.set(segment, { pending: pending + 1, bytes: bytes + line.length });
  }

  private usedBytes(): number {
    return [...this.segments.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private spooledAlertsOf(position: RecordPosition, routed: RoutedAlerts): SpooledAlerts {
    return {
      ...spooledDigestOf(routed),
      read: async () => JSON.parse(await readRecord(this.directory, position)) as RoutedAlerts,
      done: () => this.done(position),
    };
  }

  private async done(position: RecordPosition): Promise<void> {
    const segment = this.segments.get(position.segment);
    if (segment === undefined) return;
    segment.pending -= 1;
    if (segment.pending <= 0) await this.dropSegment(position.segment);
    else await markDone(this.directory, position);
  }

  private async writeDeadLetter(reason: string, content: unknown): Promise<void> {
    const file = await open(join(this.directory, 'rejected.jsonl'), 'a', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ at: new Date().toISOString(), reason, content })}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  private async isDiskWritable(): Promise<boolean> {
    const path = join(this.directory, 'probe');
    try {
      await this.opened();
      const file = await open(path, 'w');
      try {
        await file.writeFile(Buffer.alloc(PROBE_BYTES, 1)); // `write` alone may silently write less
        await file.datasync();
      } finally {
        await file.close();
      }
      await rm(path, { force: true });
      return this.usedBytes() < this.maxBytes;
    } catch (err) {
      this.log.warn({ err, directory: this.directory }, 'the spool cannot be written');
      return false;
    }
  }
}
