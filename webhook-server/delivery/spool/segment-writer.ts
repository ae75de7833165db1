/**
 * Appends lines to the newest segment. Many appends share one fsync: those that arrive while the disk is busy form the
 * next batch. An append resolves when its line is on the disk; when it rejects, the sender must be told to try again.
 */
import type { FileHandle } from 'node:fs/promises';
import { createSegment, deleteSegment } from './segment.ts';

interface PendingAppend {
  readonly line: Buffer;
  readonly resolve: (segment: number) => void;
  readonly reject: (err: unknown) => void;
}

interface Active {
  readonly segment: number;
  readonly file: FileHandle;
  /** Length up to which everything is on the disk. */
  bytes: number;
}

const GROUP_BYTES = 8 * 1024 * 1024;
const SEGMENT_BYTES = 16 * 1024 * 1024;

export class SegmentWriter {
  private readonly directory: string;
  private nextSegment: number;
  private readonly queue: PendingAppend[] = [];
  private active: Active | null = null;
  private isScheduled = false;
  private lastTurn: Promise<void> = Promise.resolve();

  /** `nextSegment` numbers new segments; it must be above every existing one. */
  constructor(directory: string, nextSegment: number) {
    this.directory = directory;
    this.nextSegment = nextSegment;
  }

  /** Resolves with the segment's number after fsync. */
  append(line: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.queue.push({ line, resolve, reject });
      this.schedule();
    });
  }

  /** Closes the segment that is being written; the next append starts a new one. */
  rotate(): Promise<void> {
    return this.inTurn(() => this.close());
  }

  /** One at a time, in order. `act` never rejects. */
  private inTurn(act: () => Promise<void>): Promise<void> {
    return (this.lastTurn = this.lastTurn.then(act));
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    void this.inTurn(() => this.flush());
  }

  private async flush(): Promise<void> {
    this.isScheduled = false;
    const group = this.takeGroup();
    try {
      this.active ??= await this.startSegment();
      await writeGroup(this.active, group);
    } catch (err) {
      await this.abandon();
      for (const { reject } of group) reject(err);
      return;
    } finally {
      if (this.queue.length > 0) this.schedule();
    }
    const { segment, bytes } = this.active;
    for (const { resolve } of group) resolve(segment);
    if (bytes >= SEGMENT_BYTES) await this.close();
  }

  private takeGroup(): PendingAppend[] {
    let bytes = 0;
    const end = this.queue.findIndex(({ line }) => (bytes += line.length) > GROUP_BYTES);
    return this.queue.splice(0, end === -1 ? this.queue.length : Math.max(end, 1));
  }

  private async startSegment(): Promise<Active> {
    const segment = this.nextSegment;
    this.nextSegment += 1; // also when this fails: a name that cannot be created is not tried twice
    const file = await createSegment(this.directory, segment);
    return { segment, file, bytes: 0 };
  }

  /** After a failed write the file's end is unknown: cut it back if that works, and never write to it again. */
  private async abandon(): Promise<void> {
    if (this.active === null) return;
    const { segment, file, bytes } = this.active;
    await file.truncate(bytes).catch(() => undefined);
    await this.close();
    if (bytes === 0) await deleteSegment(this.directory, segment).catch(() => undefined);
  }

  private async close(): Promise<void> {
    const file = this.active?.file;
    this.active = null;
    await file?.close().catch(() => undefined);
  }
}

async function writeGroup(active: Active, group: readonly PendingAppend[]): Promise<void> {
  const bytes = Buffer.concat(group.map(({ line }) => line));
  let written = 0;
  while (written < bytes.length) {
    written += (await active.file.write(bytes, written, bytes.length - written)).bytesWritten;
  }
  await active.file.datasync();
  active.bytes += bytes.length;
}
