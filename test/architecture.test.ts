/** The arrows of docs/ARCHITECTURE.md: the table there is the rule, this holds the sources to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
/** Folders that build, measure or test the product, and are free to import what they need. */
const FREE = ['test', 'bench', 'scripts', 'tools', 'bin'];
/** Where a request to the outside may be made. */
const MAY_CALL_OUT = ['providers', 'cli', 'embedded', 'bench', 'test'];

interface Arrows {
  readonly imports: readonly string[];
  readonly types: readonly string[];
  readonly whenRun: readonly string[];
  readonly packages: readonly string[];
}
interface Import {
  readonly from: string;
  readonly to: string;
  readonly how: 'value' | 'type' | 'when run';
}

/** The table, row by row: what is in backticks counts. */
function readArrows(): ReadonlyMap<string, Arrows> {
  const page = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');
  const table = /<!-- arrows -->([^]*)<!-- \/arrows -->/.exec(page)?.[1] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((row) => {
      const cells = row.split('|').slice(1);
      const [folder = [], imports = [], types = [], whenRun = [], packages = []] = cells.map((cell) =>
        [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
      );
      return [folder[0] ?? '', { imports, types, whenRun, packages }];
    }),
  );
}

const arrows = readArrows();

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => /\.tsx?$/.test(file));
}

function parse(file: string, text = readFileSync(join(ROOT, file), 'utf8')): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
}

/** Everything `source` imports; paths from the root for files of ours, package names without their subpath otherwise. */
function importsOf(source: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, how: Import['how']): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    const to = text.startsWith('.') ? posix.join(posix.dirname(source.fileName), text) : packageOf(text);
    found.push({ from: source.fileName, to, how });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ? 'type' : 'value');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value');
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type');
    else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], 'when run');
      if (ts.isIdentifier(node.expression) && node.expression.text === 'require') add(node.arguments[0], 'value');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** The row that holds for `file`: of the nearest folder that has one. */
function folderOf(file: string): string {
  const folders = file.split('/').slice(0, -1);
  while (folders.length > 1 && !arrows.has(folders.join('/'))) folders.pop();
  return folders.join('/');
}

function isAllowed({ from, to, how }: Import): boolean {
  const folder = folderOf(from);
  const rule = arrows.get(folder);
  if (rule === undefined) return false;
  const allowed = [folder, ...rule.imports, ...rule.packages];
  if (how === 'type') allowed.push(...rule.types);
  if (how !== 'value') allowed.push(...rule.whenRun);
  return allowed.some((name) => to === name || to.startsWith(name.endsWith(':') ? name : `${name}/`));
}

const topFolders = [...arrows.keys()].filter((folder) => !folder.includes('/'));
const files = topFolders.flatMap(sourcesIn);
const text = ({ from, to, how }: Import): string => `${from} → ${to}${how === 'value' ? '' : ` (${how})`}`;

/** Imports of a file that does not exist, for trying the rule on. */
const judged = (file: string, source: string): readonly string[] =>
  importsOf(parse(file, source))
    .filter((found) => !isAllowed(found))
    .map(text);

test('the table names every folder of the product, and each has sources', () => {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$|^coverage$/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !FREE.includes(name) && sourcesIn(name).length > 0);
  expect(folders.sort()).toEqual(topFolders.sort());
  expect(files.length).toBeGreaterThan(50); // a glob that finds nothing must not pass
});

test('a folder that is cut into slices has a row for each of them', () => {
  const hasSlices = (folder: string): boolean => [...arrows.keys()].some((row) => row.startsWith(`${folder}/`));
  // A folder whose own row allows something may have rows for some of its subfolders only.
  const sliced = topFolders.filter((folder) => hasSlices(folder) && !arrows.get(folder)?.packages.length);
  expect(sliced).toContain('domain');
  const rowless = sliced.flatMap(sourcesIn).filter((file) => !folderOf(file).includes('/'));
  expect(rowless).toEqual([]);
});

test('every import follows the arrows', () => {
  const found = files.flatMap((file) => importsOf(parse(file)));
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((one) => !isAllowed(one)).map(text)).toEqual([]);
});

test('the rule sees what it must: values, types, exports, imports when run', () => {
  expect(judged('domain/x.ts', `import { readFileSync } from 'node:fs';`)).toEqual(['domain/x.ts → node:fs']);
  expect(judged('workflows/x.ts', `import { send } from '../activities/index.ts';`)).toHaveLength(1);
  expect(judged('workflows/x.ts', `import type { Activities } from '../activities/index.ts';`)).toEqual([]);
  expect(judged('workflows/x.ts', `import { type A, b } from '../activities/index.ts';`)).toHaveLength(1);
  expect(judged('workflows/x.ts', `export * from '@temporalio/client';`)).toHaveLength(1);
  expect(judged('cli/x.ts', `import { up } from '../embedded/up.ts';`)).toHaveLength(1);
  expect(judged('cli/x.ts', `const { up } = await import('../embedded/up.ts');`)).toEqual([]);
  expect(judged('webhook-server/x.ts', `import { run } from '../workflows/incident.ts';`)).toHaveLength(1);
  expect(judged('domain/x.ts', `import { x } from '../domain-of-another/x.ts';`)).toHaveLength(1);
  expect(judged('domain/kernel/x.ts', `import type { Storm } from '../alerts/storm.ts';`)).toHaveLength(1);
  expect(judged('domain/merge/x.ts', `import { evolve } from '../engine/evolve.ts';`)).toHaveLength(1);
  expect(judged('domain/engine/x.ts', `import { x } from '../merge/x.ts';`)).toEqual([]);
  expect(judged('webhook-server/console/x.tsx', `import { x } from '../http/respond.ts';`)).toHaveLength(1);
  expect(judged('webhook-server/api/x.ts', `import { x } from '../console/page.tsx';`)).toEqual([]);
});

/** Calls and constructions in `file` whose callee matches `names`; `new Date(ms)` only writes a time down. */
function uses(file: string, names: RegExp): readonly string[] {
  const source = parse(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const callee = node.expression.getText(source);
      const writesTime = callee === 'Date' && (node.arguments?.length ?? 0) > 0;
      if (names.test(callee) && !writesTime) found.push(`${file}: ${callee}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('the domain has no clock, no chance and no time zones of its own', () => {
  const impure =
    /^(Date(\.now)?|performance\.now|Math\.random|(globalThis\.)?crypto\.\w+|set(Timeout|Interval)|Intl\..+)$|\.toLocale/;
  expect(sourcesIn('domain').flatMap((file) => uses(file, impure))).toEqual([]);
});

test('only providers, the command line and the embedded server call the outside', () => {
  const rest = files.filter((file) => !MAY_CALL_OUT.includes(file.split('/', 1)[0] ?? ''));
  const calls = /^((globalThis\.)?fetch|axios(\.\w+)?|https?\.(request|get))$/;
  expect(rest.flatMap((file) => uses(file, calls))).toEqual([]);
});
