/** The words of an alert that people read: titles of one line, descriptions of some. */
import { valueInAnyCase, sanitizeText, cleanLine, type Labels } from './sanitize.ts';
import { SUMMARY_LIMIT, TITLE_LIMIT } from './message.ts';

/** A title, or null when nothing is left of it. */
export function titleLine(raw: string | null | undefined): string | null {
  return raw === undefined || raw === null ? null : cleanLine(raw, TITLE_LIMIT) || null;
}

/** What the annotations say at length; null: nothing. `message` is what older rules call it. */
export function descriptionOf(annotations: Labels): string | null {
  const text = valueInAnyCase(annotations, 'description') ?? valueInAnyCase(annotations, 'message');
  return text?.trim() ? sanitizeText(text.trim(), SUMMARY_LIMIT) : null;
}
