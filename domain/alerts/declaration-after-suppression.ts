/** What an incident begins with whose alerts waited: what fires now, not what fired when it was held back. Pure. */
import type { AlertReport } from '../kernel/alert.ts';
import type { Declaration } from '../kernel/declaration.ts';
import { worstOf } from '../kernel/severity.ts';

/** `firing`: all that begins it; none leaves it as it was. */
export function declarationAfterSuppression(
  { suppressed: _, ...opening }: Declaration,
  firing: readonly AlertReport[],
): Declaration {
  const severity = worstOf(firing.map((alert) => alert.severity));
  if (severity === null || severity === opening.severity) return opening;
  const worst = firing.find((alert) => alert.severity === severity);
  return {
    ...opening,
    ...{ severity, severityGuessed: false, title: worst?.title ?? opening.title },
    summary: worst?.annotations['description'] ?? opening.summary,
  };
}
