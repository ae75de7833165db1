/**
 * Identifies alerts. A sender's fingerprint is kept when it is a short text (as a JSON number it has lost digits);
 * otherwise, and when two alerts of one message share one, the labels decide: as sent, before any limit cut them,
 * sorted and in Unicode's normal form NFC, so that labels that look alike are alike.
 */
import { digestOf } from '../../../runtime/digests.ts';
import { sanitizeText, scalarText } from './sanitize.ts';

const FINGERPRINT_LIMIT = 64;

/** 16 hex digits. Texts are made well-formed and NFC first. */
export const shortHash = (value: unknown): string => digestOf(value, 16);

/** Of what `cleanSet` would keep if it had no limits. */
function hashLabels(raw: unknown): string {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return shortHash([]);
  const pairs = Object.entries(raw).flatMap(([name, value]): [string, string][] => {
    const text = scalarText(value);
    return text === null || name === '' || name === '__proto__' ? [] : [[name.toWellFormed().normalize('NFC'), text]];
  });
  return shortHash(pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export function readFingerprint(raw: unknown, labels: unknown): string {
  const text = typeof raw === 'string' ? raw.trim() : '';
  const usable = text !== '' && text.length <= FINGERPRINT_LIMIT;
  return usable ? sanitizeText(text.normalize('NFC'), FINGERPRINT_LIMIT) : hashLabels(labels);
}

/**
 * Alerts with different labels under one fingerprint are different alerts: all with that fingerprint get the hash of
 * their labels instead. `labelsOf` returns the labels as sent, by the alert's index.
 */
export function disambiguateFingerprints<A extends { readonly fingerprint: string }>(
  alerts: readonly A[],
  labelsOf: (index: number) => unknown,
): readonly A[] {
  const first = new Map<string, number>();
  const ambiguous = new Set<string>();
  alerts.forEach(({ fingerprint }, index) => {
    const twin = first.get(fingerprint);
    if (twin === undefined) first.set(fingerprint, index);
    else if (hashLabels(labelsOf(twin)) !== hashLabels(labelsOf(index))) ambiguous.add(fingerprint);
  });
  if (ambiguous.size === 0) return alerts;
  return alerts.map((alert, index) =>
    ambiguous.has(alert.fingerprint) ? { ...alert, fingerprint: hashLabels(labelsOf(index)) } : alert,
  );
}
