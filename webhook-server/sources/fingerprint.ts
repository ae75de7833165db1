/**
 * Which alert is which. A sender's fingerprint is kept when it is a short string (as a JSON number it has lost digits);
 * otherwise, and when two alerts of one message share one, the labels decide.
 */
import { createHash } from 'node:crypto';
import { canonical, clean, type Labels } from './clean.ts';

const FINGERPRINT_LIMIT = 64;

/** 16 hex digits of SHA-256. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

const hashLabels = (labels: Labels): string => shortHash(canonical(labels));

export function readFingerprint(raw: unknown, labels: Labels): string {
  const usable = typeof raw === 'string' && raw !== '' && raw.length <= FINGERPRINT_LIMIT;
  return usable ? clean(raw, FINGERPRINT_LIMIT) : hashLabels(labels);
}

/** Alerts with different labels under one fingerprint are different alerts: both get their labels' hash. */
export function tellApart<A extends { readonly fingerprint: string; readonly labels: Labels }>(
  alerts: readonly A[],
): readonly A[] {
  const first = new Map<string, A>();
  const ambiguous = new Set<string>();
  for (const alert of alerts) {
    const twin = first.get(alert.fingerprint);
    if (!twin) first.set(alert.fingerprint, alert);
    else if (hashLabels(twin.labels) !== hashLabels(alert.labels)) ambiguous.add(alert.fingerprint);
  }
  if (ambiguous.size === 0) return alerts;
  return alerts.map((alert) =>
    ambiguous.has(alert.fingerprint) ? { ...alert, fingerprint: hashLabels(alert.labels) } : alert,
  );
}
