/** The runbook's promises with the file's own values over them. */
import { type Policy, type SeverityPolicy } from '../domain/policy.ts';
import { type Severity } from '../domain/severity.ts';
import { type z } from 'zod';
import { MONITORING, SEVERITY_DEFAULTS } from './defaults.ts';
import { type monitoring, type promises, type severities } from './schema/promises.ts';

type Promises = z.output<typeof promises>;

/** All four severities; `given` may lack any of them. */
export function mergeSeverities(given: z.output<typeof severities> = {}): Readonly<Record<Severity, SeverityPolicy>> {
  return {
    SEV1: merge('SEV1', given.SEV1),
    SEV2: merge('SEV2', given.SEV2),
    SEV3: merge('SEV3', given.SEV3),
    SEV4: merge('SEV4', given.SEV4),
  };
}

function merge(severity: Severity, given: Promises = {}): SeverityPolicy {
  const standard = SEVERITY_DEFAULTS[severity];
  const acknowledgeWithinMs = pick(given.acknowledgeWithin, standard.acknowledgeWithinMs);
  // A SEV3 pages when its time to be acknowledged in the chat has passed.
  const standardPageMs = severity === 'SEV3' ? acknowledgeWithinMs : standard.pageAfterMs;
  const pageAfterMs = pick(given.pageAfter, standardPageMs);
  const updateEveryMs = pick(given.updateEvery, standard.updateEveryMs);
  return {
    pageAfterMs,
    acknowledgeWithinMs,
    escalateEveryMs: pick(given.escalateEvery, standard.escalateEveryMs),
    leadershipAtOnce: given.leadershipAtOnce ?? standard.leadershipAtOnce,
    passes: pick(given.passes, pageAfterMs === null ? standard.passes : atLeastOnce(standard.passes)),
    updateEveryMs,
    remindBeforeMs: given.remindBefore ?? remindBefore(standard.remindBeforeMs, updateEveryMs),
    statusPageWithinMs: pick(given.statusPageWithin, standard.statusPageWithinMs),
    inactiveAfterMs: pick(given.inactiveAfter, standard.inactiveAfterMs),
    inactivePageAfterMs: given.inactivePageAfter ?? standard.inactivePageAfterMs,
    postmortemWithinMs: pick(given.postmortemWithin, standard.postmortemWithinMs),
    roles: given.roles ?? standard.roles,
    channel: given.channel ?? standard.channel,
    notificationRules: {
      allAtOnce: given.notificationRules?.allAtOnce ?? standard.notificationRules.allAtOnce,
      stepEveryMs: given.notificationRules?.stepEvery ?? standard.notificationRules.stepEveryMs,
      repeatEveryMs: pick(given.notificationRules?.repeatEvery, standard.notificationRules.repeatEveryMs),
    },
  };
}

/** The watch. */
export function mergeMonitoring(given: z.output<typeof monitoring> = {}): Policy['monitoring'] {
  return {
    defaultMs: given.default ?? MONITORING.defaultMs,
    afterRollbackMs: given.afterRollback ?? MONITORING.afterRollbackMs,
    afterFixForwardMs: given.afterFixForward ?? MONITORING.afterFixForwardMs,
    updateEveryMs: given.updateEvery ?? MONITORING.updateEveryMs,
  };
}

/** Whoever shortens the cadence and says nothing of the reminder gets it after two thirds of the time. */
function remindBefore(standardMs: number, updateEveryMs: number | null): number {
  return updateEveryMs === null ? standardMs : Math.min(standardMs, Math.floor(updateEveryMs / 3));
}

/** Whoever turns paging on for a severity that has none means at least one pass. */
const atLeastOnce = (passes: number | null): number | null => (passes === 0 ? 1 : passes);

/** `null` (off) is a value; only an absent key falls back. */
const pick = (given: number | null | undefined, standard: number | null): number | null =>
  given === undefined ? standard : given;
