/** How documents for people write times, lengths, names and other people's text. Pure. */
import { plainText, type Text } from '../../domain/kernel/text.ts';
import { formatClockTime, formatDateTime } from '../../schedules/format-time.ts';

export interface DocumentFormat {
  /** IANA zone of the organization. */
  readonly timeZone: string;
  /** The display name of a person of the configuration. */
  readonly nameOf: (person: string) => string;
  /** The address of the incident with this workflow id. */
  readonly urlOf: (workflowId: string) => string;
  /** The organization's own template of a post-mortem; absent: the built-in one. */
  readonly postmortemTemplate?: string;
}

export function documentFormatOf(config: {
  readonly timeZone: string;
  readonly publicUrl: string;
  readonly people: ReadonlyMap<string, { readonly name: string }>;
  readonly templates?: ReadonlyMap<string, string>;
}): DocumentFormat {
  const postmortemTemplate = config.templates?.get('postmortem');
  const base = config.publicUrl.replace(/\/+$/, '');
  return {
    timeZone: config.timeZone,
    nameOf: (person) => config.people.get(person)?.name ?? person,
    urlOf: (workflowId) => `${base}/incidents/${workflowId}`,
    ...(postmortemTemplate === undefined ? {} : { postmortemTemplate }),
  };
}

/** `2026-11-21 14:30:05 CET`. `at`: RFC 3339, or epoch ms. */
export const timeIn = (timeZone: string, at: string | number): string =>
  formatDateTime(new Date(at).getTime(), timeZone);

/** A text with people by their names and times by the clock. */
export function shownText(text: Text, { timeZone, nameOf }: DocumentFormat): string {
  return plainText(text, (at) => formatClockTime(at, timeZone), nameOf);
}

/** Between two times in RFC 3339; null when either is missing. Never below zero: clocks differ. */
export function msBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

/** `1 alert`, `3 alerts`. */
export const countOf = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** Control characters, and marks that reverse the direction of the text around them. */
// eslint-disable-next-line no-control-regex -- these must not get through
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Other people's text as text and nothing else, on one line: a title must not become a heading, a link, an image or markup
 * of the page that shows it. For headings, lists and tables.
 */
export function escapeMarkdown(text: string): string {
  const line = text.toWellFormed().replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
  return line
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+=#]/, '\\$&');
}

/** As a quotation, line by line. */
export function quoted(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => `> ${escapeMarkdown(line)}`.trimEnd());
  return lines.join('\n');
}

/** A row of a table; the cells are Markdown. */
export const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table; `none` in italics when it has no rows. */
export function table(heads: readonly string[], rows: readonly string[], none: string): string {
  return rows.length === 0 ? `_${none}_` : [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n');
}

/** A gap that only people can fill. */
export const questionToFill = (question: string): string => `_To be filled in: ${question}_`;

/** Other people's optional text in a cell. */
export const cell = (text: string | null): string => (text === null ? '' : escapeMarkdown(text));
