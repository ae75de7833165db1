/** Documents that name files or packages must name those that exist. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { loadConfig } from '../../config/load.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const pages = [
  ...readdirSync(ROOT, { encoding: 'utf8' }),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file)),
].filter((file) => file.endsWith('.md'));

test('every dependency is listed with its reason, and none that is gone', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  // The packages that were considered and not taken have a table of their own.
  const rows = read('docs/dependencies.md')
    .replace(/^## Considered[^]*?(?=^## )/m, '')
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([before, names, why]) => before === '' && names?.includes('`') && (why?.trim().length ?? 0) > 5);
  const listed = rows.flatMap(([, names = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(listed.sort()).toEqual([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})].sort());
});

test('every link between documents and sources leads somewhere', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/ARCHITECTURE.md', 'docs/adr/README.md']));
  const broken = pages.flatMap((page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, link = '']) => link,
    );
    const target = (link: string): string => relative(ROOT, join(ROOT, dirname(page), link));
    return links.filter((link) => !existsSync(join(ROOT, target(link)))).map((link) => `${page}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test('anchors into the runbook and the architecture exist', () => {
  const anchors = (file: string): readonly string[] =>
    [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\d -]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#\s]+\.md)#([^)]+)\)/g)]
      .map(([, file = '', anchor = '']) => ({ file: join(dirname(page), file), anchor }))
      .filter(({ file, anchor }) => !anchors(file).includes(anchor))
      .map(({ file, anchor }) => `${page}: ${file}#${anchor}`),
  );
  expect(broken).toEqual([]);
});

test('every decision is in the list of decisions', () => {
  const decisions = readdirSync(join(ROOT, 'docs/adr')).filter((file) => /^\d{4}-/.test(file));
  expect(decisions.length).toBeGreaterThan(7);
  expect(decisions.filter((file) => !read('docs/adr/README.md').includes(`(${file})`))).toEqual([]);
});

test('the configuration in the README can be used as it stands', () => {
  const yaml = /```yaml\n(organization:[^]+?)```/.exec(read('README.md'))?.[1] ?? '';
  const dir = mkdtempSync(join(tmpdir(), 'readme-'));
  try {
    writeFileSync(join(dir, 'tocsin.yaml'), yaml);
    const env = Object.fromEntries(
      [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [name, `${name}-long-enough`]),
    );
    expect([...loadConfig({ env, cwd: dir }).people.keys()]).toEqual(['ana', 'bo']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the documents say the words of the field, not those that were replaced', () => {
  // "Letters and digits" are the characters of a name.
  const words = Object.keys(JSON.parse(read('scripts/old-words.json')) as object).map((word) =>
    word.endsWith('letter') ? '(?<!(?:lower-case |dead[- ]|\\| ))letters?(?!, digits)' : word,
  );
  const word = new RegExp(words.join('|'), 'gi');
  const found = pages
    .filter((page) => !['CHANGELOG.md', 'docs/runbook-coverage.md'].includes(page))
    .flatMap((page) => [...read(page).matchAll(word)].map(([what]) => `${page}: ${what}`));
  expect(found).toEqual([]);
});
