/**
 * Text on its way to a terminal and from it. Alert labels and titles are written by anybody: nothing in them may
 * move the cursor, set the window's title or turn the line around. Times are epoch milliseconds.
 */

import stringWidth from 'string-width';
import { roughDuration } from '../../domain/kernel/duration.ts';

/** Controls, invisible and direction-changing characters, private use, lone surrogates, line separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** The same without the line feeds that pretty-printed JSON and our own blocks consist of. */
const UNSAFE_BUT_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** `text` on one line, every unsafe character shown as an escape (`\x1b`, `\u{202e}`), cut with `…` after `limit`. */
export function safe(text: string, limit = 500): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return cut.replace(UNSAFE, escaped);
}

/** The same for text of several lines. */
export function safeBlock(text: string): string {
  return text.replace(UNSAFE_BUT_LINES, escaped);
}

/** One JSON value whose text is safe to show: still the same value for a program. */
export function safeJson(value: unknown): string {
  return escapedJson(JSON.stringify(value, null, 2));
}

/** The same on one line. */
export function safeJsonLine(value: unknown): string {
  return escapedJson(JSON.stringify(value));
}

function escapedJson(text: string): string {
  return text.replace(UNSAFE_BUT_LINES, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  );
}

/** What a person typed, fit to be kept: well-formed, no control characters but line feed and tab, trimmed. */
export function cleanInput(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .trim();
}

/** `at` seen from `now`: "in 4 min", "12 s ago". */
export function relativeTime(at: number, now: number): string {
  const ms = at - now;
  const length = roughDuration(Math.abs(ms));
  if (Math.abs(ms) < 1000) return 'now';
  return ms > 0 ? `in ${length}` : `${length} ago`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** A cell of a table: the server is believed only as far as it is understood. */
export const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '–';

export const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

export function textSection(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** `14:30:05Z (4 min ago)`; with the date when it is another day. */
export function timeText(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return safe(iso);
  const [day, time] = new Date(at).toISOString().split(/[T.]/);
  const today = new Date(now).toISOString().startsWith(day ?? '');
  return `${today ? '' : `${day} `}${time}Z (${relativeTime(at, now)})`;
}

const GAP = '  ';

/** Each column as wide as its widest cell; the last one runs on. Cells are made safe. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head.map((name) => name.toUpperCase()), ...rows.map((row) => row.map((cell) => safe(cell, 120)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))));
  return cells
    .map((row) =>
      row
        .map((cell, column) => `${cell}${' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)))}`)
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}
