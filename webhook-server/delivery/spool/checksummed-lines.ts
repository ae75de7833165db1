/** Lines with a checksum: `xxxxxxxx <text>\n`, where x is the CRC-32 of the text's bytes in hex. */
import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 (IEEE), as in zip and gzip. Node's own: a loop in JavaScript would block the process on long lines. */
export const crc32 = (bytes: Uint8Array): number => zlibCrc32(bytes);

const PREFIX = 9;
const NEWLINE = 10;

/** `text` must not contain a line break; JSON never does. */
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
