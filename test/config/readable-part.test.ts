/** What is kept of a value that has mistakes, and where it stood. */
import { z } from 'zod';
import { readablePart, UNREADABLE } from '../../config/readable-part.ts';
import { strict } from '../../runtime/setting-schemas.ts';

const schema = strict({
  names: z.array(z.string().min(1)).min(1).optional(),
  every: z.string(),
  size: z.int().optional(),
});

test('what is right is read as it is, and the value stays untouched', () => {
  const value = { names: ['a', '', 'b'], every: 'day', size: 1.5, colour: 'red' };
  const before = structuredClone(value);
  expect(readablePart(schema, value).data).toEqual({ names: ['a', 'b'], every: 'day' });
  expect(value).toEqual(before);
});

test('an item of a list that has lost others knows its place in the file', () => {
  const { origin } = readablePart(schema, { names: ['', 'a', '', '', 'b'], every: 'day' });
  expect([origin(['names', 0]), origin(['names', 1]), origin(['every'])]).toEqual([
    ['names', 1],
    ['names', 4],
    ['every'],
  ]);
});

test('a list of which nothing is left is absent, a required value has a stand-in', () => {
  const { data } = readablePart(schema, { names: ['', ''], size: 2 });
  expect(data).toEqual({ every: expect.any(String), size: 2 });
});

test.each([['a text'], [['a list']], [7], [null], [undefined]])('of %j nothing can be read', (value) => {
  expect(readablePart(schema, value).data).toBe(UNREADABLE);
});

test('thousands of mistakes are no more than a few readings', () => {
  const names = Array.from({ length: 5000 }, (_, i) => (i === 4000 ? 'a' : ''));
  const begunAt = performance.now();
  const { data, origin } = readablePart(schema, { names, every: 'day' });
  expect([data, origin(['names', 0])]).toEqual([{ names: ['a'], every: 'day' }, ['names', 4000]]);
  expect(performance.now() - begunAt).toBeLessThan(2000);
});
