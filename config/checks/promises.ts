/** Promises that contradict each other, judged after the runbook's values were filled in. */
import { type SeverityPolicy } from '../../domain/kernel/policy.ts';
import { isMajor, SEVERITIES, type Severity } from '../../domain/kernel/severity.ts';
import { type Finding } from '../config-problems.ts';

export function checkResponseTargets(severities: Readonly<Record<Severity, SeverityPolicy>>): readonly Finding[] {
  return SEVERITIES.flatMap((severity) => {
    const targets = severities[severity];
    const finding = (key: string, message: string): Finding => ({ path: ['severities', severity, key], message });
    const findings: Finding[] = [];
    const { pageAfterMs, acknowledgeWithinMs, escalateEveryMs, updateEveryMs, remindBeforeMs } = targets;
    if (isMajor(severity) && pageAfterMs === null) {
      findings.push(finding('pageAfter', `a ${severity} must page: write a duration, or 0s for at once`));
    }
    if (pageAfterMs !== null && acknowledgeWithinMs === null) {
      findings.push(finding('acknowledgeWithin', 'somebody is paged, so it cannot be off: write a duration'));
    }
    if (pageAfterMs !== null && escalateEveryMs === null) {
      findings.push(finding('escalateEvery', 'somebody is paged, so it cannot be off: write a duration'));
    }
    if (updateEveryMs !== null && remindBeforeMs >= updateEveryMs) {
      findings.push(finding('updateEvery', 'must be longer than remindBefore: set remindBefore lower'));
    }
    return findings;
  });
}
