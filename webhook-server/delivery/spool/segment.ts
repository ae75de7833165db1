/**
 * A segment: a file of checksummed lines, one a record, written once and never appended to by another process; and
 * beside it a file that lists the finished lines. A segment whose lines are all finished is deleted.
 */
import { appendFile, open, readFile, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 as zlibCrc32 } from 'node:zlib';

/** A record in its segment; `line` counts from 0 and identifies the record. */
export interface RecordPosition extends LineSpan {
  readonly segment: number;
  readonly line: number;
}

export interface SegmentScan {
  /** Records that are whole and not finished. */
  readonly pending: readonly { readonly position: RecordPosition; readonly text: string }[];
  /** Lines that are torn or corrupt and not yet in the dead letters. */
  readonly broken: readonly { readonly position: RecordPosition; readonly bytes: Buffer }[];
  readonly bytes: number;
}

const NAME = /^(\d{10})\.log$/;
const DONE_LINE = /^\d{8}$/;

const segmentPath = (directory: string, segment: number): string =>
  join(directory, `${String(segment).padStart(10, '0')}.log`);

const donePath = (directory: string, segment: number): string =>
  segmentPath(directory, segment).replace(/log$/, 'done');

/** Numbers of the segments in `directory`, oldest first. */
export async function listSegments(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Creates an empty segment. The list of finished lines of an older segment with the same number must be gone first, or
 * it would swallow records; and a new file survives a power cut only if its directory was synced too.
 */
export async function createSegment(directory: string, segment: number): Promise<FileHandle> {
  await rm(donePath(directory, segment), { force: true });
  const file = await open(segmentPath(directory, segment), 'ax', 0o600);
  try {
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
    return file;
  } catch (err) {
    await file.close();
    await rm(segmentPath(directory, segment), { force: true });
    throw err;
  }
}

/** Reads a whole segment; a missing one is empty. */
export async function scanSegment(directory: string, segment: number): Promise<SegmentScan> {
  const [bytes, done] = await Promise.all([readOrEmpty(segmentPath(directory, segment)), readDone(directory, segment)]);
  const pending: { position: RecordPosition; text: string }[] = [];
  const broken: { position: RecordPosition; bytes: Buffer }[] = [];
  lineSpans(bytes).forEach((span, line) => {
    if (span.length === 0 || done.has(line)) return;
    const raw = bytes.subarray(span.offset, span.offset + span.length);
    const text = readChecksummedLine(raw);
    const position = { segment, line, ...span };
    if (text === null) broken.push({ position, bytes: Buffer.from(raw) });
    else pending.push({ position, text });
  });
  return { pending, broken, bytes: bytes.length };
}

/** Reads one record again. Throws when the file has changed meanwhile. */
export async function readRecord(directory: string, { segment, offset, length }: RecordPosition): Promise<string> {
  const file = await open(segmentPath(directory, segment), 'r');
  try {
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, offset);
    const text = readChecksummedLine(bytes);
    if (text === null) throw new Error(`record at byte ${offset} of segment ${segment} cannot be read back`);
    return text;
  } finally {
    await file.close();
  }
}

/**
 * Records that a line is finished. Not fsynced: a mark lost in a crash repeats the record, which is harmless. Fixed
 * width, and preceded by a line break, so that a torn mark can never be read as another line's.
 */
export async function markDone(directory: string, { segment, line }: RecordPosition): Promise<void> {
  await appendFile(donePath(directory, segment), `\n${String(line).padStart(8, '0')}\n`);
}

/** The records first: marks without records are harmless, records without marks would be delivered again. */
export async function deleteSegment(directory: string, segment: number): Promise<void> {
  await rm(segmentPath(directory, segment), { force: true });
  await rm(donePath(directory, segment), { force: true });
}

async function readDone(directory: string, segment: number): Promise<Set<number>> {
  const text = (await readOrEmpty(donePath(directory, segment))).toString('latin1');
  const notes = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return new Set(notes.filter((note) => DONE_LINE.test(note)).map(Number));
}

async function readOrEmpty(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw err;
  }
}

/** CRC-32 (IEEE), as in zip and gzip. Node's own: a loop in JavaScript would block the process on long lines. */
export const crc32 = (bytes: Uint8Array): number => zlibCrc32(bytes);

const PREFIX = 9;
const NEWLINE = 10;

/**
 * A line with a checksum: `xxxxxxxx <text>\n`, where x is the CRC-32 of the text's bytes in hex. `text` must not contain
 * a line break; JSON never does.
 */
export function toChecksummedLine(text: string): Buffer {
  const length = Buffer.byteLength(text, 'utf8');
  const line = Buffer.allocUnsafe(PREFIX + length + 1);
  line.write(text, PREFIX, 'utf8');
  line.write(
    `${crc32(line.subarray(PREFIX, PREFIX + length))
      .toString(16)
      .padStart(8, '0')} `,
    0,
    'latin1',
  );
  line[PREFIX + length] = NEWLINE;
  return line;
}

/** The text of a line without its line break; `null` when it is torn or corrupt. */
export function readChecksummedLine(line: Buffer): string | null {
  if (line.length <= PREFIX) return null;
  const body = line.subarray(PREFIX);
  const expected = line.subarray(0, PREFIX).toString('latin1');
  return expected === `${crc32(body).toString(16).padStart(8, '0')} ` ? body.toString('utf8') : null;
}

/** One line of a file: its offset and length in bytes, without the line break. */
export interface LineSpan {
  readonly offset: number;
  readonly length: number;
}

/** Every line of `bytes`, empty ones included; a non-empty rest after the last line break counts as a line. */
export function lineSpans(bytes: Buffer): LineSpan[] {
  const spans: LineSpan[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const end = bytes.indexOf(NEWLINE, offset);
    const stop = end === -1 ? bytes.length : end;
    spans.push({ offset, length: stop - offset });
    offset = stop + 1;
  }
  return spans;
}
