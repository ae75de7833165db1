/** The runbook's promises with the file's own values over them. */
import { type Policy, type SeverityPolicy } from '../domain/kernel/policy.ts';
import { type Severity } from '../domain/kernel/severity.ts';
import { type z } from 'zod';
import { MONITORING, SEVERITY_DEFAULTS } from './defaults.ts';
import { type monitoring, type responseTargets, type severities } from './sections/severities.ts';

type ResponseTargetsInput = z.output<typeof responseTargets>;

/** All four severities; `given` may lack any of them. */
export function mergeSeverities(given: z.output<typeof severities> = {}): Readonly<Record<Severity, SeverityPolicy>> {
  return {
    SEV1: mergeResponseTargets('SEV1', given.SEV1),
    SEV2: mergeResponseTargets('SEV2', given.SEV2),
    SEV3: mergeResponseTargets('SEV3', given.SEV3),
    SEV4: mergeResponseTargets('SEV4', given.SEV4),
  };
}

function mergeResponseTargets(severity: Severity, given: ResponseTargetsInput = {}): SeverityPolicy {
  const defaults = SEVERITY_DEFAULTS[severity];
  const acknowledgeWithinMs = givenOrDefault(given.acknowledgeWithin, defaults.acknowledgeWithinMs);
  // A SEV3 pages when its time to be acknowledged in the chat has passed.
  const standardPageMs = severity === 'SEV3' ? acknowledgeWithinMs : defaults.pageAfterMs;
  const pageAfterMs = givenOrDefault(given.pageAfter, standardPageMs);
  const updateEveryMs = givenOrDefault(given.updateEvery, defaults.updateEveryMs);
  return {
    pageAfterMs,
    acknowledgeWithinMs,
    escalateEveryMs: givenOrDefault(given.escalateEvery, defaults.escalateEveryMs),
    leadershipAtOnce: given.leadershipAtOnce ?? defaults.leadershipAtOnce,
    passes: givenOrDefault(given.passes, pageAfterMs === null ? defaults.passes : atLeastOnce(defaults.passes)),
    updateEveryMs,
    remindBeforeMs: given.remindBefore ?? remindBefore(defaults.remindBeforeMs, updateEveryMs),
    statusPageWithinMs: givenOrDefault(given.statusPageWithin, defaults.statusPageWithinMs),
    inactiveAfterMs: givenOrDefault(given.inactiveAfter, defaults.inactiveAfterMs),
    inactivePageAfterMs: given.inactivePageAfter ?? defaults.inactivePageAfterMs,
    postmortemWithinMs: givenOrDefault(given.postmortemWithin, defaults.postmortemWithinMs),
    roles: given.roles ?? defaults.roles,
    channel: given.channel ?? defaults.channel,
    notificationRules: {
      allAtOnce: given.notificationRules?.allAtOnce ?? defaults.notificationRules.allAtOnce,
      stepEveryMs: given.notificationRules?.stepEvery ?? defaults.notificationRules.stepEveryMs,
      repeatEveryMs: givenOrDefault(given.notificationRules?.repeatEvery, defaults.notificationRules.repeatEveryMs),
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
const givenOrDefault = (given: number | null | undefined, defaults: number | null): number | null =>
  given === undefined ? defaults : given;
