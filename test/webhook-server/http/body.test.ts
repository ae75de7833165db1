/** One growing buffer: whatever the pieces, the same bytes. */
import fc from 'fast-check';
import { createBodyBuffer } from '../../../webhook-server/http/body.ts';

test('any cutting of a body gives the body, in no more room than allowed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 12 }),
      fc.nat(100_000),
      (pieces, expected) => {
        const whole = Buffer.concat(pieces);
        const gathered = createBodyBuffer(expected, whole.length);
        for (const piece of pieces) gathered.add(Buffer.from(piece));
        expect(gathered.size()).toBe(whole.length);
        expect(gathered.bytes().equals(whole)).toBe(true);
      },
    ),
    { numRuns: 100, seed: 20261121 },
  );
});

test('a single piece is not copied', () => {
  const gathered = createBodyBuffer(3, 100);
  const piece = Buffer.from('abc');
  gathered.add(piece);
  expect(gathered.bytes().buffer).toBe(piece.buffer);
});
