/** docs/templates.md names every template with its placeholders, and no others. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { TEMPLATE_NAMES, TEMPLATES } from '../../domain/kernel/templates.ts';
import type { Template } from '../../domain/kernel/templates.ts';

const page = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8');

test('every template has its row, with the placeholders of its own', () => {
  const shown = page
    .slice(page.indexOf('## The templates'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)))
    .map(([, names = [], own = []]) => [names.join(), own]);
  const real = TEMPLATE_NAMES.map((name) => {
    const { own }: Template = TEMPLATES[name];
    return [name, [...own]];
  });
  expect(shown).toEqual(real);
});
