/** docs/command-line.md names every command with every option, and every exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { COMMANDS } from '../../cli/commands/index.ts';
import { aliasName } from '../../cli/input/command-suggestions.ts';
import { EXIT } from '../../cli/cli-error.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8');

test.each(COMMANDS.map((spec) => [spec.name, spec] as const))('tocsin %s has its row', (name, { options = [] }) => {
  const row = PAGE.split('\n').find(
    (line) => line.startsWith(`| \`tocsin ${name}`) && !/[\w-]/.test(line.charAt(10 + name.length)),
  );
  expect(row).toBeDefined();
  for (const { flags } of options) {
    const option = flags.split(' ')[0] ?? '';
    if (option !== '--as') expect(row).toContain(option);
  }
});

test.each(COMMANDS.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [aliasName(alias), name] as const)))(
  'the other name tocsin %s stands beside tocsin %s',
  (alias, name) => {
    const row = PAGE.split('\n').find((line) => line.startsWith(`| \`tocsin ${name}`) && line.includes(`\`${alias}\``));
    expect(row).toBeDefined();
  },
);

test('every exit code is explained', () => {
  for (const code of Object.values(EXIT)) expect(PAGE).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
});
