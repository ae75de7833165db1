/** `severities` and `monitoring`: the runbook's lengths of time, each of which the file may change. `off` is null afterwards. */
import { z } from 'zod';
import { ROLES, type Role } from '../../domain/kernel/commands.ts';
import type { Policy, SeverityPolicy } from '../../domain/kernel/policy.ts';
import { isMajor, type Severity } from '../../domain/kernel/severity.ts';
import { flag, strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';
import { duration, durationOrZero, orOff } from '../primitives.ts';

/** The defaults of a severity, as a file would write them. */
interface RunbookTargets {
  /** Milliseconds after the declaration; a SEV3 pages when its time to be acknowledged in the chat has passed. */
  readonly pageAfterMs: number | null | 'acknowledgeWithin';
  readonly acknowledgeWithin: string;
  readonly escalateEvery: string;
  readonly leadershipAtOnce?: boolean;
  /** Null: for ever. */
  readonly passes: number | null;
  readonly updateEvery: string;
  /** At most: a shorter cadence has its reminder after two thirds of the time. */
  readonly remindBeforeMs: number;
  readonly statusPageWithin: string;
  readonly inactiveAfter: string;
  readonly postmortemWithin: string;
  readonly roles: Role[];
  readonly channel: SeverityPolicy['channel'];
  readonly notificationRules: {
    readonly allAtOnce?: boolean;
    readonly stepEvery: string;
    readonly repeatEvery: string;
  };
}

const MINUTE_MS = 60_000;

const RUNBOOK: Readonly<Record<Severity, RunbookTargets>> = {
  SEV1: {
    pageAfterMs: 0,
    acknowledgeWithin: '5m',
    escalateEvery: '5m',
    leadershipAtOnce: true,
    passes: null,
    updateEvery: '15m',
    remindBeforeMs: 5 * MINUTE_MS,
    statusPageWithin: '15m',
    inactiveAfter: '30m',
    postmortemWithin: '48h',
    roles: [...ROLES],
    channel: 'at-once',
    notificationRules: { allAtOnce: true, stepEvery: '2m', repeatEvery: '2m' },
  },
  SEV2: {
    pageAfterMs: 0,
    acknowledgeWithin: '15m',
    escalateEvery: '15m',
    passes: null,
    updateEvery: '30m',
    remindBeforeMs: 10 * MINUTE_MS,
    statusPageWithin: '30m',
    inactiveAfter: '60m',
    postmortemWithin: '48h',
    roles: [...ROLES],
    channel: 'at-once',
    notificationRules: { stepEvery: '2m', repeatEvery: '8m' },
  },
  SEV3: {
    pageAfterMs: 'acknowledgeWithin',
    acknowledgeWithin: '1h',
    escalateEvery: '1h',
    passes: 2,
    updateEvery: '60m',
    remindBeforeMs: 15 * MINUTE_MS,
    statusPageWithin: 'off',
    inactiveAfter: 'off',
    postmortemWithin: 'off',
    roles: ['ic'],
    channel: 'on-acknowledgement',
    notificationRules: { stepEvery: '10m', repeatEvery: 'off' },
  },
  SEV4: {
    pageAfterMs: null,
    acknowledgeWithin: 'off',
    escalateEvery: 'off',
    passes: 0,
    updateEvery: 'off',
    remindBeforeMs: 15 * MINUTE_MS,
    statusPageWithin: 'off',
    inactiveAfter: 'off',
    postmortemWithin: 'off',
    roles: [],
    channel: 'on-request',
    notificationRules: { stepEvery: '10m', repeatEvery: 'off' },
  },
};

const durationOrOff = orOff(duration);

const notificationRules = ({ allAtOnce = false, stepEvery, repeatEvery }: RunbookTargets['notificationRules']) =>
  strict({
    allAtOnce: flag.default(allAtOnce),
    stepEvery: duration.prefault(stepEvery),
    repeatEvery: durationOrOff.prefault(repeatEvery),
  }).prefault({});

const passes = z.union(
  [
    z.literal('forever').transform(() => null),
    z.int('expected a whole number').min(1, 'at least 1').max(100, 'at most 100'),
  ],
  { error: 'expected a whole number from 1 to 100, or forever' },
);

const targetsWithDefaults = (runbook: RunbookTargets) =>
  strict({
    pageAfter: orOff(durationOrZero).optional(),
    acknowledgeWithin: durationOrOff.prefault(runbook.acknowledgeWithin),
    escalateEvery: durationOrOff.prefault(runbook.escalateEvery),
    leadershipAtOnce: flag.default(runbook.leadershipAtOnce ?? false),
    /** How often all levels are paged. */
    passes: passes.optional(),
    updateEvery: durationOrOff.prefault(runbook.updateEvery),
    remindBefore: duration.optional(),
    statusPageWithin: durationOrOff.prefault(runbook.statusPageWithin),
    inactiveAfter: durationOrOff.prefault(runbook.inactiveAfter),
    inactivePageAfter: duration.prefault('10m'),
    postmortemWithin: durationOrOff.prefault(runbook.postmortemWithin),
    /** Asked for while nobody has them. */
    roles: z.array(z.enum(ROLES, { error: `expected one of ${ROLES.join(', ')}` })).default(runbook.roles),
    channel: z
      .enum(['at-once', 'on-acknowledgement', 'on-request'], {
        error: 'expected at-once, on-acknowledgement or on-request',
      })
      .default(runbook.channel),
    notificationRules: notificationRules(runbook.notificationRules),
  });

const targets = (severity: Severity) =>
  targetsWithDefaults(RUNBOOK[severity])
    .prefault({})
    .transform((given) => toPolicy(given, RUNBOOK[severity]))
    .superRefine((policy, context) => {
      for (const [key, message] of contradictions(severity, policy)) {
        context.addIssue({ code: 'custom', path: [key], message });
      }
    });

function toPolicy(given: z.output<ReturnType<typeof targetsWithDefaults>>, runbook: RunbookTargets): SeverityPolicy {
  const { acknowledgeWithin, updateEvery, notificationRules: rules } = given;
  const standardPageMs = runbook.pageAfterMs === 'acknowledgeWithin' ? acknowledgeWithin : runbook.pageAfterMs;
  const pageAfterMs = given.pageAfter === undefined ? standardPageMs : given.pageAfter;
  // A severity that does not page by itself is paged once when the file turns paging on.
  const standardPasses = runbook.passes === 0 && pageAfterMs !== null ? 1 : runbook.passes;
  const standardReminderMs = Math.min(runbook.remindBeforeMs, Math.floor((updateEvery ?? Infinity) / 3));
  return {
    pageAfterMs,
    acknowledgeWithinMs: acknowledgeWithin,
    escalateEveryMs: given.escalateEvery,
    leadershipAtOnce: given.leadershipAtOnce,
    passes: given.passes === undefined ? standardPasses : given.passes,
    updateEveryMs: updateEvery,
    remindBeforeMs: given.remindBefore ?? standardReminderMs,
    statusPageWithinMs: given.statusPageWithin,
    inactiveAfterMs: given.inactiveAfter,
    inactivePageAfterMs: given.inactivePageAfter,
    postmortemWithinMs: given.postmortemWithin,
    roles: given.roles,
    channel: given.channel,
    notificationRules: { allAtOnce: rules.allAtOnce, stepEveryMs: rules.stepEvery, repeatEveryMs: rules.repeatEvery },
  };
}

/** Judged with the defaults filled in. */
function contradictions(severity: Severity, policy: SeverityPolicy): readonly (readonly [string, string])[] {
  const { pageAfterMs, acknowledgeWithinMs, escalateEveryMs, updateEveryMs, remindBeforeMs } = policy;
  const found: [string, string][] = [];
  const isNeeded = 'somebody is paged, so it cannot be off: write a duration';
  if (isMajor(severity) && pageAfterMs === null) {
    found.push(['pageAfter', `a ${severity} must page: write a duration, or 0s for at once`]);
  }
  if (pageAfterMs !== null && acknowledgeWithinMs === null) found.push(['acknowledgeWithin', isNeeded]);
  if (pageAfterMs !== null && escalateEveryMs === null) found.push(['escalateEvery', isNeeded]);
  if (updateEveryMs !== null && remindBeforeMs >= updateEveryMs) {
    found.push(['updateEvery', 'must be longer than remindBefore: set remindBefore lower']);
  }
  return found;
}

export const severitiesSection: Section<Readonly<Record<Severity, SeverityPolicy>>> = {
  schema: strict({
    SEV1: targets('SEV1'),
    SEV2: targets('SEV2'),
    SEV3: targets('SEV3'),
    SEV4: targets('SEV4'),
  }).prefault({}),
};

export const monitoringSection: Section<Policy['monitoring']> = {
  schema: strict({
    default: duration.prefault('30m'),
    afterRollback: duration.prefault('30m'),
    afterFixForward: duration.prefault('60m'),
    updateEvery: duration.prefault('30m'),
  })
    .prefault({})
    .transform((given) => ({
      defaultMs: given.default,
      afterRollbackMs: given.afterRollback,
      afterFixForwardMs: given.afterFixForward,
      updateEveryMs: given.updateEvery,
    })),
};
