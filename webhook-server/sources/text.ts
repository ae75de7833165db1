/** The words of an alert that people read: titles of one line, descriptions of some. */
import { anyCase, clean, cleanLine, type Labels } from './clean.ts';
import { SUMMARY_LIMIT, TITLE_LIMIT } from './message.ts';

/** A title, or null when nothing is left of it. */
export function line(raw: string | null | undefined): string | null {
  return raw === undefined || raw === null ? null : cleanLine(raw, TITLE_LIMIT) || null;
}

/** What the annotations say at length; null: nothing. `message` is what older rules call it. */
export function describe(annotations: Labels): string | null {
  const text = anyCase(annotations, 'description') ?? anyCase(annotations, 'message');
  return text?.trim() ? clean(text.trim(), SUMMARY_LIMIT) : null;
}
