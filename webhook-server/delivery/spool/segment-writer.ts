/**
 * Appends lines to the newest segment. Many appends share one fsync: what arrives while the disk is busy is the next
 * group. An append resolves when its line is on the disk, or rejects; then the sender must be told to come again.
 */
import type { FileHandle } from 'node:fs/promises';
import { createSegment, deleteSegment } from './segment.ts';

export interface SegmentWriter {
  /** Resolves with the segment's number after fsync. */
  append(line: Buffer): Promise<number>;
  /** Closes the segment that is being written; the next append begins a new one. */
  rotate(): Promise<void>;
}

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

/** `next` numbers new segments; it must be above every existing one. */
export function createSegmentWriter(directory: string, next: number): SegmentWriter {
  const queue: PendingAppend[] = [];
  let active: Active | null = null;
  let scheduled = false;
  let lastTurn: Promise<void> = Promise.resolve();

  /** One at a time, in order. `act` never rejects. */
  const inTurn = (act: () => Promise<void>): Promise<void> => (lastTurn = lastTurn.then(act));

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    void inTurn(flush);
  };

  async function flush(): Promise<void> {
    scheduled = false;
    const group = takeGroup();
    try {
      active ??= await startSegment();
      await writeGroup(active, group);
    } catch (err) {
      await abandon();
      for (const { reject } of group) reject(err);
      return;
    } finally {
      if (queue.length > 0) schedule();
    }
    const { segment, bytes } = active;
    for (const { resolve } of group) resolve(segment);
    if (bytes >= SEGMENT_BYTES) await close();
  }

  function takeGroup(): PendingAppend[] {
    let bytes = 0;
    const end = queue.findIndex(({ line }) => (bytes += line.length) > GROUP_BYTES);
    return queue.splice(0, end === -1 ? queue.length : Math.max(end, 1));
  }

  async function startSegment(): Promise<Active> {
    const segment = next;
    next += 1; // also when this fails: a name that cannot be created is not tried twice
    const file = await createSegment(directory, segment);
    return { segment, file, bytes: 0 };
  }

  /** After a failed write nothing is known about the file's end: cut it back if that works, never write to it again. */
  async function abandon(): Promise<void> {
    if (active === null) return;
    const { segment, file, bytes } = active;
    await file.truncate(bytes).catch(() => undefined);
    await close();
    if (bytes === 0) await deleteSegment(directory, segment).catch(() => undefined);
  }

  async function close(): Promise<void> {
    const file = active?.file;
    active = null;
    await file?.close().catch(() => undefined);
  }

  return {
    append(line) {
      return new Promise((resolve, reject) => {
        queue.push({ line, resolve, reject });
        schedule();
      });
    },
    rotate: () => inTurn(close),
  };
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
