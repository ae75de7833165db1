/** What it takes to add a section: its file, and one line in the list of sections. Everything else is derived. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Section } from '../../config/config.ts';
import type * as Load from '../../config/load.ts';
import { secret, strict } from '../../runtime/setting-schemas.ts';
import { duration, personNames } from '../../config/primitives.ts';

interface Breakfast {
  readonly every: number;
  readonly cook: readonly string[];
  readonly recipe?: string | undefined;
}

/** A section that no other file knows. */
const breakfast: Section<Breakfast> = {
  schema: strict({
    every: duration.prefault('1d'),
    cook: personNames.prefault(['ana']),
    recipe: secret.optional(),
  }).prefault({}),
  complete(given, draft, report) {
    given.cook.forEach((cook, i) => {
      if (!draft.namesIn('people').has(cook)) report(['cook', i], `nobody is called "${cook}"`);
    });
    return given;
  },
  notSupportedYet: () => ['breakfast: nothing is served yet'],
  warnings: ({ every }) => (every < 3_600_000 ? ['breakfast: that is a lot of breakfast'] : []),
};

const MINIMAL = 'people: { ana: { contact: [terminal] } }\nteams: { t: { onCall: ana } }\nroutes: [{ team: t }]\n';

let folder: string;
let load: (text: string) => ReturnType<typeof Load.loadConfig>;
let configJsonSchema: () => Readonly<Record<string, unknown>>;
let changedSections: (before: never, after: never) => readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-sections-'));
  const sections = await import('../../config/sections/index.ts');
  jest.unstable_mockModule('../../config/sections/index.ts', () => ({ ...sections, breakfast }));
  const { loadConfig } = await import('../../config/load.ts');
  ({ configJsonSchema } = await import('../../config/file-schema.ts'));
  ({ changedSections } = await import('../../config/config-source.ts'));
  load = (text) => {
    const path = join(folder, 'tocsin.yaml');
    writeFileSync(path, MINIMAL + text);
    return loadConfig({ path, env: {} });
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a section that is only in the list is read, with its defaults', () => {
  expect(load('')).toMatchObject({ breakfast: { every: 86_400_000, cook: ['ana'] } });
  expect(load('breakfast: { every: 2h }\n')).toMatchObject({ breakfast: { every: 7_200_000 } });
});

test('its mistakes are reported together with the others, each with its place', () => {
  const text = 'breakfast: { every: soon, cook: [zoe], tee: green }\nstorm: never\n';
  const problems = (): string[] => {
    try {
      load(text);
      return [];
    } catch (err) {
      return (err as { problems: { line: number; at: string }[] }).problems.map(({ line, at }) => `${line} ${at}`);
    }
  };
  expect(problems()).toEqual(['4 breakfast.every', '4 breakfast.tee', '4 breakfast.cook[0]', '5 storm']);
});

test('its warnings, its secrets and what it cannot do yet are said', () => {
  const { warnings, notSupportedYet } = load('breakfast: { every: 1m, recipe: eggs }\n');
  expect(notSupportedYet).toEqual(['breakfast: nothing is served yet']);
  expect(warnings).toContainEqual(expect.stringMatching(/^breakfast.recipe: a secret in the file itself/));
  expect(warnings).toContainEqual('breakfast: that is a lot of breakfast');
});

test('a reload says when it has changed, and the JSON Schema shows its keys and defaults', () => {
  expect(changedSections(load('') as never, load('breakfast: { every: 2h }\n') as never)).toEqual(['breakfast']);
  expect(configJsonSchema()).toMatchObject({
    properties: { breakfast: { properties: { every: { default: '1d' }, cook: { default: ['ana'] } } } },
  });
});

test('every file of a section is in the list, and every section is in the documentation', async () => {
  const sectionFolder = new URL('../../config/sections/', import.meta.url);
  const list = readFileSync(new URL('index.ts', sectionFolder), 'utf8');
  const files = readdirSync(sectionFolder).filter((name) => name !== 'index.ts' && name !== 'contacts.ts');
  expect(files.filter((name) => !list.includes(`'./${name}'`))).toEqual([]);
  const documentation = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const { properties } = configJsonSchema() as { properties: object };
  const undocumented = Object.keys(properties).filter(
    (key) => !new RegExp(`^## .*\\b${key}\\b|\`${key}\\b`, 'm').test(documentation),
  );
  expect(undocumented).toEqual(['breakfast']);
});
