/**
 * The four severities, from worst to mildest. Pure; anyone may import it.
 */
export const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** True when `a` is worse than `b`. */
export function isWorse(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);
}

/** The worst of `severities`; `null` when there is none. */
export function worstOf(severities: readonly Severity[]): Severity | null {
  return SEVERITIES.find((severity) => severities.includes(severity)) ?? null;
}

/** True for the severities that page at declaration by default and have a public duty. */
export function isMajor(severity: Severity): boolean {
  return severity === 'SEV1' || severity === 'SEV2';
}
