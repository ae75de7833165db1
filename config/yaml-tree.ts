/**
 * YAML text → plain values and the line of each. Stricter than YAML: one document, no tags beyond the plain ones, no
 * repeated keys, no `__proto__`, aliases and depth bounded. Values are turned into objects by hand, so that each has
 * its line and nothing in the text can reach a prototype.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { type Finding, type Path } from './problems.ts';

const MAX_DEPTH = 32;
const MAX_NODES = 50_000;
const MAX_ALIASES = 200;
const PLAIN_TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((t) => `tag:yaml.org,2002:${t}`));

export interface YamlTree {
  /** Null when the text is no mapping at all. */
  readonly tree: Readonly<Record<string, unknown>> | null;
  /** The line of a path, or of its nearest ancestor. */
  line(path: Path): number;
  readonly findings: readonly (Finding & { readonly line: number })[];
}

interface YamlVisitor {
  readonly document: Document.Parsed;
  readonly lines: Map<string, number>;
  readonly lineOf: (offset: number) => number;
  readonly findings: (Finding & { line: number })[];
  /** Each alias is looked up once: a look-up reads the whole document. */
  readonly targets: Map<Alias, Node | undefined>;
  nodes: number;
}

/** Reads `text`; never throws. When there are findings the tree may be incomplete. */
export function readYaml(text: string): YamlTree {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, version: '1.2', schema: 'core', stringKeys: false });
  const [document] = documents;
  const lineOf = (offset: number): number => Math.max(1, lineCounter.linePos(offset).line);
  const whole = (message: string, line = 1): YamlTree => ({
    tree: null,
    line: () => 1,
    findings: [{ path: [], message, line }],
  });
  if (!Array.isArray(documents) || document?.contents == null) {
    return whole('the file is empty: remove it to run with the sample organization, or see docs/configuration.md');
  }
  const second = documents[1];
  if (second) return whole('several documents: keep one, remove the "---" lines', lineOf(second.range[0]));
  if (document.directives.yaml.version !== '1.2') return whole('remove the %YAML line: the file is read as YAML 1.2');
  const visitor: YamlVisitor = { document, lineOf, lines: new Map(), findings: [], targets: new Map(), nodes: 0 };
  for (const error of [...document.errors, ...document.warnings]) visitor.findings.push(syntax(error, text, lineOf));
  if (visitor.findings.length > 0) return { tree: null, line: () => 1, findings: visitor.findings };
  const tree = toValue(visitor, document.contents, []);
  if (!isMap(document.contents)) return whole('expected a mapping (key: value) at the top');
  return {
    tree: tree as Record<string, unknown>,
    line: (path) => nearestLine(visitor.lines, path),
    findings: visitor.findings,
  };
}

function syntax(error: YAMLError, text: string, lineOf: (offset: number) => number): Finding & { line: number } {
  const line = lineOf(error.pos[0]);
  const parserMessage = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  const source = text.split('\n')[line - 1] ?? '';
  const remedy = error.code === 'DUPLICATE_KEY' ? 'keep one of them' : hint(source, error.code);
  return { path: [], line, message: `${parserMessage}: ${remedy}` };
}

function hint(source: string, code: string): string {
  if (/[^"']\$\{/.test(source)) return 'put "${NAME}" in quotes';
  if (/^\s*\t/.test(source)) return 'indent with spaces, not tabs';
  return code === 'TAG_RESOLVE_FAILED' ? 'remove the tag' : 'correct the YAML of this line';
}

function nearestLine(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(JSON.stringify(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

function toValue(visitor: YamlVisitor, node: unknown, path: Path): unknown {
  const addFinding = (message: string): null => {
    visitor.findings.push({ path, message, line: nearestLine(visitor.lines, path) });
    return null;
  };
  visitor.nodes += 1;
  if (visitor.nodes > MAX_NODES)
    return visitor.nodes === MAX_NODES + 1 ? addFinding('too many values: fewer aliases') : null;
  if (path.length > MAX_DEPTH) return addFinding(`nested deeper than ${MAX_DEPTH} levels: flatten it`);
  if (isAlias(node)) {
    if (visitor.targets.size >= MAX_ALIASES) {
      visitor.nodes = MAX_NODES + 1; // reported once, and the rest is skipped
      return addFinding(`more than ${MAX_ALIASES} aliases: write some of them out`);
    }
    const target = targetOf(visitor, node);
    return target ? toValue(visitor, target, path) : addFinding(`no anchor "&${node.source}" before this alias`);
  }
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.tag !== undefined && !PLAIN_TAGS.has(node.tag)) {
    return addFinding(`the tag ${node.tag} is not known here: remove it`);
  }
  if (isMap(node)) return toObject(visitor, node, path);
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      rememberLine(visitor, [...path, index], item as Node | null);
      return toValue(visitor, item, [...path, index]);
    });
  }
  const value = isScalar(node) ? node.value : null;
  if (typeof value === 'string' && value.toWellFormed() !== value)
    return addFinding('broken Unicode: remove the lone surrogate');
  return value;
}

function targetOf({ targets, document }: YamlVisitor, alias: Alias): Node | undefined {
  if (!targets.has(alias)) targets.set(alias, alias.resolve(document));
  return targets.get(alias);
}

function toObject(visitor: YamlVisitor, map: YAMLMap, path: Path): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = keyOf(pair);
    const keyPath = [...path, key ?? '?'];
    rememberLine(visitor, keyPath, pair.key as Node | null);
    if (key === null || key === '__proto__' || key === '<<' || key.toWellFormed() !== key) {
      const message =
        key === null ? 'a key must be a plain text' : `"${key.toWellFormed()}" cannot be a key: remove it`;
      visitor.findings.push({ path: keyPath, message, line: nearestLine(visitor.lines, keyPath) });
    } else {
      result[key] = toValue(visitor, pair.value, keyPath);
    }
  }
  return result;
}

/** The key as it is written: `012:` is the text "012", not the number twelve. */
function keyOf({ key }: Pair): string | null {
  if (!isScalar(key)) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? null);
}

function rememberLine(visitor: YamlVisitor, path: Path, node: Node | null): void {
  if (node?.range) visitor.lines.set(JSON.stringify(path), visitor.lineOf(node.range[0]));
}
