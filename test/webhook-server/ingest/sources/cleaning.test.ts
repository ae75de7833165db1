/** Odd content is repaired, bounded and never refused. */
import fc from 'fast-check';
import {
  valueInAnyCase,
  sanitizeText,
  cleanLine,
  cleanSet,
  SET_LIMIT,
} from '../../../../webhook-server/ingest/sources/sanitize.ts';
import { webLink } from '../../../../webhook-server/ingest/sources/alert-fields.ts';
import { parseRfc3339 } from '../../../../webhook-server/ingest/sources/alert-fields.ts';

test('a cut through a surrogate pair leaves no half behind', () => {
  expect(sanitizeText(`${'a'.repeat(8)}😀bc`, 10)).toBe(`${'a'.repeat(8)}\ufffd…`);
  expect(sanitizeText('\ud800 \0', 10)).toBe('\ufffd ␀');
});

test('whatever comes in, what is kept is bounded, well-formed text', () => {
  const anything = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.string({ unit: 'binary' }), fc.anything()));
  fc.assert(
    fc.property(anything, (raw) => {
      const set = cleanSet(raw);
      const pairs = Object.entries(set).flat();
      expect(pairs.every((text) => typeof text === 'string' && text.isWellFormed() && !text.includes('\0'))).toBe(true);
      expect(JSON.parse(JSON.stringify(set))).toEqual({ ...set });
    }),
  );
});

test('one label set fits into a signal, however large it was sent', () => {
  const huge = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`label${i}`.padEnd(9000, 'x'), 'v'.repeat(9999)]),
  );
  const kept = Object.entries(cleanSet(huge));
  expect(kept.flat().join('').length).toBeLessThanOrEqual(SET_LIMIT + 1);
  expect(kept[0]?.map((text) => text.length)).toEqual([256, 4096]);
});

test('scalars become text; objects, lists, null and the prototype are dropped', () => {
  const raw: unknown = JSON.parse(
    '{"a":1,"b":true,"c":null,"d":{},"e":[],"":"x","__proto__":{"severity":"critical"},"constructor":"k"}',
  );
  const set = cleanSet(raw);
  expect(Object.entries(set)).toEqual([
    ['a', '1'],
    ['b', 'true'],
    ['constructor', 'k'],
  ]);
  expect(set['severity']).toBeUndefined();
  expect('toString' in set).toBe(false);
});

test.each([null, [], 'x', 7, undefined])('%p as a label set is an empty one', (raw) => {
  expect(Object.keys(cleanSet(raw))).toEqual([]);
});

test('a title is one line', () => expect(cleanLine(' a\n\tb\u001b[2J  c ', 50)).toBe('a b [2J c'));

test('annotations are found in any case', () => expect(valueInAnyCase({ SUMMARY: 's' }, 'summary')).toBe('s'));

test.each([
  ['2026-01-05T09:00:00Z', Date.UTC(2026, 0, 5, 9)],
  ['2026-01-05T09:00:00.123456789+02:00', Date.UTC(2026, 0, 5, 7, 0, 0, 123)],
  ['2024-02-29t00:00:00.5-05:30', Date.UTC(2024, 1, 29, 5, 30, 0, 500)],
])('%s is an instant', (text, at) => expect(parseRfc3339(text)).toBe(at));

test.each([
  '2026-02-30T00:00:00Z',
  '2026-01-01T23:59:60Z',
  '2026-13-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '1',
  'yesterday',
  '',
  5,
  null,
])('%p is no time', (raw) => expect(parseRfc3339(raw)).toBeNull());

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  ' JAVASCRIPT:x',
  '?orgId=1',
  'https://a b',
  'https://a/"><b>',
  '',
  5,
  `https://${'x'.repeat(3000)}`,
])('%p is no link', (raw) => expect(webLink(raw)).toBeUndefined());

test('web addresses are kept as they are', () =>
  expect(webLink('', 'HTTPS://a.example/?q=1#x')).toBe('HTTPS://a.example/?q=1#x'));
