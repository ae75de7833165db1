/** Lines that prove themselves: `xxxxxxxx <text>\n`, where x is the CRC-32 of the text's bytes in hex. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 (IEEE), as in zip and gzip. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const PREFIX = 9;
const NEWLINE = 10;

/** `text` must not hold a line break; JSON never does. */
export function sealLine(text: string): Buffer {
  const body = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from(`${crc32(body).toString(16).padStart(8, '0')} `), body, Buffer.from('\n')]);
}

/** The text of a line without its line break; `null` when it is torn or corrupt. */
export function openLine(line: Buffer): string | null {
  if (line.length <= PREFIX) return null;
  const body = line.subarray(PREFIX);
  const expected = line.subarray(0, PREFIX).toString('latin1');
  return expected === `${crc32(body).toString(16).padStart(8, '0')} ` ? body.toString('utf8') : null;
}

/** One line of a file: where it begins and how long it is, in bytes, without its line break. */
export interface LineSpan {
  readonly offset: number;
  readonly length: number;
}

/** Every line of `bytes`, empty ones included; what follows the last line break counts as a line if not empty. */
export function linesOf(bytes: Buffer): LineSpan[] {
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
