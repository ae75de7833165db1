/** Unicode hygiene: Temporal and Postgres refuse text with half a surrogate pair. */

/** `text` with every lone surrogate replaced by U+FFFD. */
export const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
