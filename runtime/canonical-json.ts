/** One text for one value, however it was built: the basis of digests and identities. */
import { createHash } from 'node:crypto';

/** JSON with sorted keys and without blanks; texts are well-formed and NFC, so that equal-looking labels are equal. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(wellFormed(value).normalize('NFC'));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const pairs = Object.entries(value).map(([key, item]) => [canonicalJson(key), canonicalJson(item)] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, item]) => `${key}:${item}`).join(',')}}`;
}

/** The first `length` hex digits of the SHA-256 of `canonicalJson(value)`. */
export function digestOf(value: unknown, length: number): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, length);
}

/** `text` with every lone surrogate replaced by U+FFFD. */
export const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
