/** What monitoring calls a severity → what the runbook calls it. Any case, blanks around it ignored. Pure. */
import { type Severity } from '../domain/kernel/severity.ts';

const LABELS_BY_SEVERITY: Readonly<Record<Severity, readonly string[]>> = {
  SEV1: ['sev1', 'emergency', 'disaster', 'fatal'],
  SEV2: ['sev2', 'critical', 'page', 'p1', 'high', 'error', 'major', 'p2'],
  SEV3: ['sev3', 'warning', 'warn', 'medium', 'average', 'p3'],
  SEV4: ['sev4', 'info', 'minor', 'low', 'ticket', 'p4', 'p5'],
};

const SEVERITY_BY_LABEL: ReadonlyMap<string, Severity> = new Map(
  (Object.entries(LABELS_BY_SEVERITY) as [Severity, readonly string[]][]).flatMap(([severity, words]) =>
    words.map((word) => [word, severity] as const),
  ),
);

/** The form in which labels are compared, here and in a route's map. */
export const normalLabel = (label: string): string => label.trim().toLowerCase();

/** `none`: no incident. Null: absent or unknown, so somebody must guess. */
export function severityOfLabel(label: string | undefined): Severity | 'none' | null {
  const word = normalLabel(label ?? '');
  return word === 'none' ? 'none' : (SEVERITY_BY_LABEL.get(word) ?? null);
}
