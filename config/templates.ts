/**
 * The templates of a file: read, where they are files of their own, and checked, so that a placeholder that means
 * nothing is found when Tocsin starts and not in the middle of an incident.
 */
import { dirname, resolve } from 'node:path';
import Mustache from 'mustache';
import { isStakeholderUpdate, placeholdersOf, TEMPLATE_NAMES, type TemplateName } from '../domain/kernel/templates.ts';
import { valueAt } from './schema-issues.ts';
import { didYouMean } from './did-you-mean.ts';
import { type Finding } from './config-problems.ts';
import { readSmallFile } from '../runtime/read-small-file.ts';
import { TEMPLATE_LIMIT } from './sections/templates.ts';

export interface TemplatesRead {
  readonly templates: ReadonlyMap<TemplateName, string>;
  readonly findings: readonly Finding[];
}

/**
 * `given`: the section as it is written, of which the schema judges the shape; so one broken template hides no other.
 * `file`: the configuration file, beside which the others lie; null: there is none.
 */
export function readTemplates(given: unknown, file: string | null): TemplatesRead {
  const templates = new Map<TemplateName, string>();
  const findings: Finding[] = [];
  for (const name of TEMPLATE_NAMES) {
    const written = valueAt(given, [name]);
    const path = valueAt(written, ['file']);
    if (typeof written !== 'string' && typeof path !== 'string') continue;
    const read = typeof written === 'string' ? { text: written.trim() } : readBeside(file, String(path));
    const problems = 'text' in read ? problemsOf(name, read.text) : [read.problem];
    findings.push(...problems.map((message) => ({ path: ['templates', name], message })));
    if ('text' in read) templates.set(name, read.text);
  }
  return { templates, findings };
}

function readBeside(file: string | null, path: string): { readonly text: string } | { readonly problem: string } {
  const whole = resolve(file === null ? '.' : dirname(file), path);
  const read = readSmallFile(whole, 4 * TEMPLATE_LIMIT);
  if ('reason' in read) return { problem: `the file ${whole} ${read.reason}` };
  const text = read.text.trim();
  if (text === '') return { problem: `the file ${whole} is empty: write the template into it` };
  const tooLong = `the file ${whole} is too long: at most ${TEMPLATE_LIMIT} characters`;
  return text.length > TEMPLATE_LIMIT ? { problem: tooLong } : { text };
}

function problemsOf(name: TemplateName, text: string): readonly string[] {
  const shape =
    isStakeholderUpdate(name) && !/^Subject:[ \t]*\S[^\n]*\r?\n\s*\S/.test(text)
      ? ['a stakeholder update begins with a line "Subject: …", then a blank line and its text']
      : [];
  try {
    const spans = Mustache.parse(text, ['{{', '}}']) as readonly Span[];
    return [...shape, ...new Set(wrongSpans(spans, placeholdersOf(name)))];
  } catch (err) {
    const why = err instanceof Error ? err.message : 'unreadable';
    return [...shape, `this template cannot be read: ${why}`];
  }
}

/** Of Mustache: kind, value, start, end, and of a section what is in it. */
type Span = readonly [kind: string, value: string, start: number, end: number, inner?: readonly Span[]];

function wrongSpans(spans: readonly Span[], known: readonly string[]): readonly string[] {
  return spans.flatMap((span): readonly string[] => {
    const [kind, name] = span;
    const inner = typeof span[4] === 'object' ? wrongSpans(span[4], known) : [];
    if (kind === 'text' || kind === '!') return [];
    if (kind === '>') return [`{{> ${name}}}: templates cannot include others; use { file: … } for long ones`];
    if (kind === '=') return ['placeholders are always written in {{ and }}'];
    return known.includes(name) ? inner : [`unknown placeholder {{${name}}}: ${didYouMean(name, known)}`, ...inner];
  });
}
