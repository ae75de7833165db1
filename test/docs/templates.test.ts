/** docs/templates.md names every template with its placeholders, and no others. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { allTemplates } from '../../domain/communications/templates.ts';

const page = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8');

test('every template has its row, with the placeholders of its own', () => {
  const shown = page
    .slice(page.indexOf('## The templates'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)))
    .map(([, names = [], own = []]) => [names.join(), own]);
  const real = [...allTemplates()].map(([name, { own }]) => [name, [...own]]);
  expect(new Map(shown as [string, string[]][])).toEqual(new Map(real as [string, string[]][]));
  expect(shown).toHaveLength(real.length);
});
