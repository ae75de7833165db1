/**
 * `templates`: texts in place of the built-in ones. They are read, where they are files of their own, and checked, so
 * that a placeholder that means nothing is found when Tocsin starts and not in the middle of an incident.
 */
import { dirname, resolve } from 'node:path';
import Mustache from 'mustache';
import { z } from 'zod';
import {
  isStakeholderUpdate,
  placeholdersOf,
  templateNames,
  type TemplateName,
} from '../../domain/communications/templates.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { readSmallFile } from '../../runtime/files.ts';
import { strict, text } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

/** What one template may be long, characters. */
const TEMPLATE_LIMIT = 20_000;

const template = z.union([text(TEMPLATE_LIMIT), strict({ file: text(1000) })], {
  error: 'expected a text with placeholders such as {{severity}}, or { file: words/declared.txt }',
});

type TemplateParsed = z.output<typeof template>;

export const templatesSection: Section<
  ReadonlyMap<TemplateName, string>,
  Readonly<Partial<Record<TemplateName, TemplateParsed | undefined>>>
> = {
  schema: strict(Object.fromEntries(templateNames().map((name) => [name, template.optional()]))).prefault({}),
  complete(given, { file }, report) {
    const templates = new Map<TemplateName, string>();
    for (const name of templateNames()) {
      const written = given[name];
      if (written === undefined) continue;
      const read = typeof written === 'string' ? { text: written } : readBeside(file, written.file);
      const problems = 'text' in read ? problemsOf(name, read.text) : [read.problem];
      for (const message of problems) report([name], message);
      if ('text' in read) templates.set(name, read.text);
    }
    return templates;
  },
};

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
