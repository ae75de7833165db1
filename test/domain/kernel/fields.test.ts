/** [CMD-1] What an argument of a command may be, and where that ends. */
import { describe, expect, test } from '@jest/globals';
import type { Field } from '../../../domain/kernel/fields.ts';
import { expectation, fits, kept, TEXT_LIMIT } from '../../../domain/kernel/fields.ts';

const values = (count: number, length = 1): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'x'.repeat(length)]));
const list = (count: number): readonly string[] => Array.from({ length: count }, () => 'f1');

const TABLE: readonly (readonly [Field['is'], readonly unknown[], readonly unknown[]])[] = [
  ['text', ['x', ' x ', 'x'.repeat(TEXT_LIMIT)], ['', '  ', 'x'.repeat(TEXT_LIMIT + 1), 7, null, ['x']]],
  ['texts', [[], ['x'], list(100)], [list(101), [''], ['x', 7], 'x', null]],
  ['count', [0, 1, 15_000], [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1', null]],
  ['flag', [true, false], ['true', 1, null]],
  ['amount', ['$45000', 0, 45_000.5, 'x'.repeat(100)], ['', 'x'.repeat(101), Number.NaN, Infinity, true, null]],
  [
    'day',
    ['2026-12-24', ' 2024-02-29 '],
    ['2026-02-29', '2026-02-30', '2026-13-01', '24.12.2026', '2026-12-24T10', 20261224],
  ],
  [
    'address',
    ['https://wiki.example.com/pm', 'HTTP://wiki'],
    ['ftp://wiki', 'wiki.example.com', 'https://', 'https:///x', 'https://a b', 7],
  ],
  [
    'values',
    [{}, values(50), values(1, 1000)],
    [values(51), values(1, 1001), { k: 7 }, { a: 'x', k: null }, ['x'], 'x', null],
  ],
  [
    ['internal', 'public'],
    ['internal', 'public'],
    ['Public', '', 0, null],
  ],
];

describe.each(TABLE)('[CMD-1] an argument that is %s', (is, good, bad) => {
  test('takes what is one, up to its limit', () => {
    expect(good.filter((value) => !fits({ is }, value))).toEqual([]);
  });
  test('refuses all else', () => {
    expect(bad.filter((value) => fits({ is }, value))).toEqual([]);
  });
});

test('blanks around a text are dropped, an amount is kept as a text, all else as it was', () => {
  expect(kept({ is: 'text' }, ' hi ')).toBe('hi');
  expect(kept({ is: 'amount' }, 45_000)).toBe('45000');
  expect(kept({ is: 'amount' }, ' $45000 ')).toBe('$45000');
  expect(kept({ is: 'count' }, 12)).toBe(12);
});

test('whoever is refused reads what was expected', () => {
  expect(expectation({ is: 'text' })).toBe('a text of 1 to 4000 characters');
  expect(expectation({ is: ['rollback', 'fix-forward'] })).toBe('one of rollback, fix-forward');
});
