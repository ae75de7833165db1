/**
 * Text of others inside Markdown, as text and nothing else: a title must not become a heading, a link, an image or
 * markup of the page that shows it. Pure.
 */
/** Control characters, and marks that turn the direction of what stands around them. */
// eslint-disable-next-line no-control-regex -- these are what must not get through
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** On one line, wherever it stands: in a heading, a list or a table. */
export function escapeMarkdown(text: string): string {
  const line = text.toWellFormed().replace(UNSEEN, '').replace(/\s+/g, ' ').trim();
  return line
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+=#]/, '\\$&');
}

/** Each line of its own, as a quotation. */
export function quoted(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => `> ${escapeMarkdown(line)}`.trimEnd());
  return lines.join('\n');
}

/** A row of a table. */
export const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table; a line in italics when there is nothing in it. */
export function table(heads: readonly string[], rows: readonly string[], none: string): string {
  return rows.length === 0 ? `_${none}_` : [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n');
}

/** A place that only people can fill. */
export const questionToFill = (question: string): string => `_To be filled in: ${question}_`;
