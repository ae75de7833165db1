import {
  crc32,
  lineSpans,
  readChecksummedLine,
  toChecksummedLine,
} from '../../../../webhook-server/delivery/spool/segment.ts';

test('the checksum is the CRC-32 of zip and gzip', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(crc32(Buffer.alloc(0))).toBe(0);
});

test('a sealed line opens to its text, and any flipped bit closes it', () => {
  const text = JSON.stringify({ title: 'Zürich 🚨' });
  const sealed = toChecksummedLine(text).subarray(0, -1);
  expect(readChecksummedLine(sealed)).toBe(text);
  for (let byte = 0; byte < sealed.length; byte += 1) {
    const damaged = Buffer.from(sealed);
    damaged[byte] = (damaged[byte] ?? 0) ^ 0x10;
    expect(readChecksummedLine(damaged)).toBeNull();
  }
});

test('lines are found with and without a last line break', () => {
  expect(lineSpans(Buffer.from('ab\n\nc'))).toEqual([
    { offset: 0, length: 2 },
    { offset: 3, length: 0 },
    { offset: 4, length: 1 },
  ]);
  expect(lineSpans(Buffer.from('ab\n'))).toEqual([{ offset: 0, length: 2 }]);
});
