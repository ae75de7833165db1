/**
 * A message before it is told: words, with the times and people in it still as values, because only the teller knows
 * the organization's time zone and what people are called. Pure.
 */
export type TextPart =
  | string
  /** `day`: with the day, for moments that are not today. */
  | { readonly at: number; readonly day?: true }
  | { readonly person: string };
export type Text = readonly TextPart[];

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

/** The words of a camel-case name: `stakeholderUpdates`, ' ' → `stakeholder updates`. */
export function splitCamelCase(name: string, between: string): string {
  return name.replace(/[A-Z]/g, (capital) => between + capital.toLowerCase());
}

/** `declareFalseAlarm` → `declare-false-alarm`. */
export const kebab = (name: string): string => splitCamelCase(name, '-');
