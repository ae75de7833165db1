/** Lists in vendors' answers, each member an object of unknown fields. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { Answer } from './http.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** An answer's JSON list. Throws `DeliveryError` (`later`): a vendor that answers otherwise is not well. */
export function listOf(vendor: string, { text }: Pick<Answer, 'text'>): readonly Fields[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map(fieldsOf);
  } catch {
    // Said below.
  }
  throw new DeliveryError(vendor, { code: 'malformed answer' });
}

/** `value` when it is an object, else one without fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
