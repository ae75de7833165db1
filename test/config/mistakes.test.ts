import { readdirSync, readFileSync } from 'node:fs';
import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/problems.ts';

const folder = new URL('../fixtures/config/', import.meta.url);
const env = { TOKEN: 'a-token-of-the-test', EMPTY: '' };

/** A line of a fixture that is wrong says so itself: `#! <at>: <message>`, several times if need be. */
function expected(file: URL): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const [, ...said] = line.split(/ #! /);
      return said.map((message) => `${index + 1}: ${message}`);
    });
}

function found(path: string): string[] {
  try {
    loadConfig({ path, env });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, at, message }) => `${line}: ${at === '' ? '' : `${at}: `}${message}`);
  }
}

const mistakes = readdirSync(folder).filter((name) => !name.startsWith('valid-'));

test('there are fixtures to judge', () => {
  expect(mistakes.length).toBeGreaterThan(15);
});

test.each(mistakes)('%s: every mistake is reported with its line and remedy, and nothing else', (name) => {
  const file = new URL(name, folder);
  expect(found(file.pathname)).toEqual(expected(file));
});
