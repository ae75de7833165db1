#!/usr/bin/env node
/**
 * Which test holds which rule: reads the ids of docs/runbook.md and the tags (`[PAGE-3]`) in the titles of tests, and
 * writes docs/runbook-coverage.md. With `--check` it writes nothing and exits 1 when that file is out of date, a built
 * rule has no test, one about incidents has no story in skipped time (test/scenarios), or a tag names no rule. `--root
 * DIR` looks at another checkout.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';

/** @typedef {{ id: string, later: boolean, text: string, section: string }} Rule */
/** @typedef {{ file: string, title: string, ids: string[] }} Story */

const RULE = /^- \*\*\[([A-Z]+-\d+)\]\*\*( \(later\))? (.+)$/gm;
const TAG = /\[([A-Z]+-\d+)\]/g;
const STORIES = 'test/scenarios/';
/** Sections whose rules need no story in skipped time, with why. */
const WITHOUT_STORIES = new Map([
  [
    'Heartbeats and the self-check',
    'it is about servers and their watchdogs; what falls silent has its stories all the same',
  ],
  ['Record', 'it is about databases and documents, which skipped time does not concern'],
]);
const TITLED = new Set(['test', 'it', 'describe', 'story']);
/** A test that does not run holds nothing. */
const IDLE = new Set(['skip', 'todo', 'failing']);

/** @returns {Rule[]} in the order of the page; throws when an id is there twice or no rule is found. */
export function readRules(markdown) {
  const rules = markdown.split(/^## /m).flatMap((part) => {
    const section = part.split('\n', 1)[0].trim();
    return [...part.matchAll(RULE)].map(([, id, later, text]) => ({ id, later: later !== undefined, text, section }));
  });
  const twice = rules.find(({ id }, at) => rules.findIndex((rule) => rule.id === id) !== at);
  if (twice) throw new Error(`${twice.id} is the id of two rules`);
  if (rules.length === 0) throw new Error('no rules found');
  return rules;
}

/** @returns {Story[]} titles in `source` that carry a tag; comments and code do not count. */
export function readStories(file, source) {
  const stories = [];
  const visit = (node) => {
    const title = ts.isCallExpression(node) ? titleOf(node) : null;
    const ids = title === null ? [] : [...title.matchAll(TAG)].map(([, id]) => id);
    if (ids.length > 0) stories.push({ file, title, ids });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest));
  return stories;
}

/** The title of `test('…')`, `test.each(…)('…')` and the like; null for other calls, and for tests that do not run. */
function titleOf(call) {
  const [first] = call.arguments;
  if (first === undefined) return null;
  const words = calleeWords(call.expression);
  if (!TITLED.has(words[0]) || words.some((word) => IDLE.has(word))) return null;
  if (ts.isStringLiteralLike(first)) return first.text;
  if (!ts.isTemplateExpression(first)) return null;
  return first.head.text + first.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

/** `test.each(table)` → ['test', 'each']. */
function calleeWords(callee) {
  if (ts.isIdentifier(callee)) return [callee.text];
  if (ts.isPropertyAccessExpression(callee)) return [...calleeWords(callee.expression), callee.name.text];
  if (ts.isCallExpression(callee)) return calleeWords(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return calleeWords(callee.tag);
  return [''];
}

/** Sorts out what holds what. */
export function compare(rules, stories) {
  const holds = new Map(rules.map(({ id }) => [id, stories.filter(({ ids }) => ids.includes(id))]));
  const missing = rules.filter(({ id, later }) => !later && holds.get(id).length === 0);
  const unknown = stories.flatMap(({ file, ids }) => ids.filter((id) => !holds.has(id)).map((id) => `${file}: ${id}`));
  const untold = rules.filter(
    ({ id, later, section }) =>
      !later && !WITHOUT_STORIES.has(section) && !holds.get(id).some(({ file }) => file.startsWith(STORIES)),
  );
  return { holds, missing, untold, unknown };
}

/** The page. */
export function render(rules, { holds, missing, untold }) {
  const built = rules.filter(({ later }) => !later);
  const ofIncidents = built.filter(({ section }) => !WITHOUT_STORIES.has(section));
  const row = ({ id, text }) =>
    `| ${id} | ${cell(text)} | ${holds
      .get(id)
      .map(({ file, title }) => `[${cell(title)}](../${file})`)
      .join('<br>')} |`;
  const lines = (list) => list.map(({ id, text }) => `- **${id}** ${text}`);
  return [
    '# Which test holds which rule',
    '',
    `Made by \`node scripts/runbook-coverage.js\`; do not edit. ${built.length - missing.length} of ${built.length} built rules have a test; ${ofIncidents.length - untold.length} of the ${ofIncidents.length} about incidents have a story in skipped time ([test/scenarios](../test/scenarios)).`,
    '',
    ...(untold.length > 0 ? ['## Built, without a story', '', ...lines(untold), ''] : []),
    ...(missing.length > 0 ? ['## Built, without a test', '', ...lines(missing), ''] : []),
    '## Built',
    '',
    '| rule | says | held by |',
    '| --- | --- | --- |',
    ...built.filter((rule) => !missing.includes(rule)).map(row),
    '',
    '## Promised, not built yet',
    '',
    ...lines(rules.filter(({ later }) => later)),
    '',
  ].join('\n');
}

function cell(text) {
  return text.replaceAll('|', '\\|').replace(/[[\]]/g, '\\$&');
}

/** Test files below `root`, as paths from it with forward slashes. */
function testFiles(root) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map((file) => join('test', file).replaceAll(sep, '/'))
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
}

function main() {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, root: { type: 'string' } } });
  const root = resolve(values.root ?? join(import.meta.dirname, '..'));
  const page = join(root, 'docs/runbook-coverage.md');
  const rules = readRules(readFileSync(join(root, 'docs/runbook.md'), 'utf8'));
  const stories = testFiles(root).flatMap((file) => readStories(file, readFileSync(join(root, file), 'utf8')));
  const found = compare(rules, stories);
  const text = render(rules, found);
  const problems = found.unknown.map((where) => `${where} is no rule of docs/runbook.md`);
  if (values.check) {
    problems.push(...found.missing.map(({ id, text: says }) => `${id} has no test: ${says}`));
    const untold = found.untold.filter((rule) => !found.missing.includes(rule));
    problems.push(...untold.map(({ id, text: says }) => `${id} has no story in ${STORIES}: ${says}`));
    const stale = !existsSync(page) || readFileSync(page, 'utf8') !== text;
    if (stale) problems.push('docs/runbook-coverage.md is out of date: run node scripts/runbook-coverage.js');
  } else writeFileSync(page, text);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  const built = rules.filter(({ later }) => !later).length;
  console.log(`${built - found.missing.length} of ${built} built rules have a test`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
