/** Text from outside on a terminal: visible, harmless, and still themselves for a program. */
import fc from 'fast-check';

import { cleanInput, relativeTime, safe, safeBlock, safeJson, table } from '../../../cli/text/terminal-text.ts';

// eslint-disable-next-line no-control-regex -- these are what must not get through
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/u;

test.each([
  ['\u001b[2J\u001b]0;x\u0007', '\\x1b[2J\\x1b]0;x\\x07'],
  ['a\u202eb', 'a\\u{202e}b'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['two\nlines', 'two\\x0alines'],
  ['\ud800', '\\u{d800}'],
  ['Größe 数 🚨', 'Größe 数 🚨'],
])('%j is shown as %s', (given, shown) => {
  expect(safe(given)).toBe(shown);
});

test('whatever comes in, nothing that drives a terminal comes out, and JSON keeps its value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (given) => {
      expect(safe(given)).not.toMatch(CONTROL);
      expect(safeBlock(given)).not.toMatch(CONTROL);
      const shown = safeJson({ given });
      expect(shown).not.toMatch(CONTROL);
      expect(JSON.parse(shown)).toEqual({ given });
    }),
  );
});

test('what a person typed keeps its lines and loses its controls', () => {
  expect(cleanInput(' one\n\ttwo\u0000\u001b[31m\u0085 ')).toBe('one\n\ttwo[31m');
  expect(cleanInput('\ud800')).toBe('\ufffd');
});

test('long text is cut and says so', () => {
  expect(safe('x'.repeat(600))).toHaveLength(500);
  expect(safe('x'.repeat(600)).at(-1)).toBe('…');
});

test.each([
  [0, 'now'],
  [30_000, 'in 30 s'],
  [-99_000, '99 s ago'],
  [4 * 60_000, 'in 4 min'],
  [-100 * 60_000, '1 h 40 min ago'],
  [50 * 3_600_000, 'in 2 d 2 h'],
])('%i ms away is "%s"', (ms, shown) => {
  expect(relativeTime(1_000_000_000 + ms, 1_000_000_000)).toBe(shown);
});

test('a column is as wide as its widest cell looks, in letters that take two places too', () => {
  expect(
    table(
      ['title', 'who'],
      [
        ['数据库', 'ana'],
        ['disk', 'bo'],
      ],
    ).split('\n'),
  ).toEqual(['TITLE   WHO', '数据库  ana', 'disk    bo']);
});
