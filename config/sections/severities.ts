/** What the runbook promises: lengths of time for each severity and for the watch. All optional. */
import { z } from 'zod';
import { ROLES } from '../../domain/kernel/commands.ts';
import { duration, durationOrZero, orOff } from '../schema/duration.ts';
import { flag, strict } from '../schema/primitives.ts';

/** How often the whole chain runs. */
const passes = z.union(
  [
    z.literal('forever').transform(() => null),
    z.int('expected a whole number').min(1, 'at least 1').max(100, 'at most 100'),
  ],
  { error: 'expected a whole number from 1 to 100, or forever' },
);

/** One of `severities.SEV1` … `SEV4`. */
export const responseTargets = strict({
  pageAfter: orOff(durationOrZero).optional(),
  acknowledgeWithin: orOff(duration).optional(),
  escalateEvery: orOff(duration).optional(),
  leadershipAtOnce: flag.optional(),
  passes: passes.optional(),
  updateEvery: orOff(duration).optional(),
  remindBefore: duration.optional(),
  statusPageWithin: orOff(duration).optional(),
  inactiveAfter: orOff(duration).optional(),
  inactivePageAfter: duration.optional(),
  postmortemWithin: orOff(duration).optional(),
  /** Asked for while nobody has them. */
  roles: z.array(z.enum(ROLES, { error: `expected one of ${ROLES.join(', ')}` })).optional(),
  channel: z
    .enum(['at-once', 'on-acknowledgement', 'on-request'], {
      error: 'expected at-once, on-acknowledgement or on-request',
    })
    .optional(),
  notificationRules: strict({
    allAtOnce: flag.optional(),
    stepEvery: duration.optional(),
    repeatEvery: orOff(duration).optional(),
  }).optional(),
});

export const severities = strict({
  SEV1: responseTargets.optional(),
  SEV2: responseTargets.optional(),
  SEV3: responseTargets.optional(),
  SEV4: responseTargets.optional(),
});

export const monitoring = strict({
  default: duration.optional(),
  afterRollback: duration.optional(),
  afterFixForward: duration.optional(),
  updateEvery: duration.optional(),
});
