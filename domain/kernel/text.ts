/**
 * A text before it is sent: times and people are still values in it, because only who delivers it knows the
 * organization's time zone and people's names. Pure.
 */
export type TextPart =
  | string
  /** `day`: with the day, for moments that are not today. */
  | { readonly at: number; readonly day?: true }
  | { readonly person: string };
export type Text = readonly TextPart[];

/** What the placeholders of a template stand for. */
export type TextValues = Readonly<Record<string, TextPart | Text>>;
/** Makes the value of a placeholder when a text asks for it; undefined where there is none. */
export type TextLookup = (placeholder: string) => TextPart | Text | undefined;

export const lookupIn =
  (values: TextValues): TextLookup =>
  (placeholder) =>
    values[placeholder];

/** A section's mark that has a line to itself leaves no line. */
const TAGS = /^[ \t]*\{\{([#^/])(\w+)\}\}[ \t]*\n|\{\{([#^/]?)(\w+)\}\}/gm;

/**
 * Fills a built-in template: `{{name}}`, `{{#name}}…{{/name}}`, `{{^name}}…{{/name}}`, just as Mustache does, which
 * workflows cannot load. Without white space at either end; empty when nothing is left.
 */
export function fillTemplate(template: string, values: TextLookup): Text {
  const parts: TextPart[] = [];
  const sections: boolean[] = [];
  const add = (part: TextPart): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  };
  const text = `${template}\n`;
  let end = 0;
  for (const match of text.matchAll(TAGS)) {
    const [tag, lineMark, lineName, mark = lineMark, name = lineName ?? ''] = match;
    const isShown = !sections.includes(false);
    if (isShown) add(text.slice(end, match.index));
    end = match.index + tag.length;
    if (mark === '/') sections.pop();
    else if (mark === '#' || mark === '^') sections.push(isShown && (values(name) !== undefined) === (mark === '#'));
    else if (isShown) for (const part of [values(name) ?? ''].flat()) add(part);
  }
  add(text.slice(end));
  const [first] = parts;
  if (typeof first === 'string') parts[0] = first.trimStart();
  const last = parts.at(-1);
  if (typeof last === 'string') parts[parts.length - 1] = last.trimEnd();
  return parts.filter((part) => part !== '');
}

/** People by their key and times in UTC, unless the reader knows better. */
export function plainText(
  text: Text,
  timeOf = (at: number): string => new Date(at).toISOString(),
  nameOf = (person: string): string => person,
): string {
  return text
    .map((part) => (typeof part === 'string' ? part : 'at' in part ? timeOf(part.at) : nameOf(part.person)))
    .join('');
}

/** `text` + "…" when it is longer than `limit` UTF-16 units; never ends in half a surrogate pair. */
export function truncate(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;
}

/** "ana", "ana and bo", "ana, bo and eve". */
export function joinList(words: readonly string[]): string {
  const last = words.at(-1);
  if (last === undefined) return 'nobody';
  return words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** "A, B and 3 more": the first `shown` of them, cut where they are too long. */
export function joinFirst(words: readonly string[], shown: number, limit = 500): string {
  const more = words.length > shown ? ` and ${words.length - shown} more` : '';
  return truncate(words.slice(0, shown).join(', '), limit) + more;
}

/** The words of a camel-case name: `stakeholderUpdates`, ' ' → `stakeholder updates`. */
export function splitCamelCase(name: string, between: string): string {
  return name.replace(/[A-Z]/g, (capital) => between + capital.toLowerCase());
}

/** `declareFalseAlarm` → `declare-false-alarm`. */
export const kebab = (name: string): string => splitCamelCase(name, '-');

/** `85.2%` and `1.4e+09` without their numbers: texts that differ only in them say the same. */
export const withoutDigits = (text: string): string => text.replaceAll(/[-+]?\d[\d.,]*(?:e[-+]?\d+)?/gi, '0');
