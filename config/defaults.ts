/** The runbook's numbers: what holds where the file says nothing. Milliseconds; `null` switches a duty off. */
import { ROLES } from '../domain/kernel/commands.ts';
import { type Policy, type SeverityPolicy } from '../domain/kernel/policy.ts';
import { type Severity } from '../domain/kernel/severity.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const REPEAT_INTERVAL_MS = 4 * HOUR;

export const SELF_CHECK_EVERY_MS = 5 * MINUTE;

/** Of one team; further groups of alerts join its storm. */
export const NEW_INCIDENTS_PER_MINUTE = 30;

/** Longer than Temporal takes to start again; nobody waits much longer than for a page as usual. */
export const FALLBACK_PAGING_AFTER_MS = 5_000;

export const MONITORING: Policy['monitoring'] = {
  defaultMs: 30 * MINUTE,
  afterRollbackMs: 30 * MINUTE,
  afterFixForwardMs: 60 * MINUTE,
  updateEveryMs: 30 * MINUTE,
};

export const SEVERITY_DEFAULTS: Readonly<Record<Severity, SeverityPolicy>> = {
  SEV1: {
    pageAfterMs: 0,
    acknowledgeWithinMs: 5 * MINUTE,
    escalateEveryMs: 5 * MINUTE,
    leadershipAtOnce: true,
    passes: null,
    updateEveryMs: 15 * MINUTE,
    remindBeforeMs: 5 * MINUTE,
    statusPageWithinMs: 15 * MINUTE,
    inactiveAfterMs: 30 * MINUTE,
    inactivePageAfterMs: 10 * MINUTE,
    postmortemWithinMs: 48 * HOUR,
    roles: ROLES,
    channel: 'at-once',
    notificationRules: { allAtOnce: true, stepEveryMs: 2 * MINUTE, repeatEveryMs: 2 * MINUTE },
  },
  SEV2: {
    pageAfterMs: 0,
    acknowledgeWithinMs: 15 * MINUTE,
    escalateEveryMs: 15 * MINUTE,
    leadershipAtOnce: false,
    passes: null,
    updateEveryMs: 30 * MINUTE,
    remindBeforeMs: 10 * MINUTE,
    statusPageWithinMs: 30 * MINUTE,
    inactiveAfterMs: 60 * MINUTE,
    inactivePageAfterMs: 10 * MINUTE,
    postmortemWithinMs: 48 * HOUR,
    roles: ROLES,
    channel: 'at-once',
    notificationRules: { allAtOnce: false, stepEveryMs: 2 * MINUTE, repeatEveryMs: 8 * MINUTE },
  },
  SEV3: {
    pageAfterMs: HOUR,
    acknowledgeWithinMs: HOUR,
    escalateEveryMs: HOUR,
    leadershipAtOnce: false,
    passes: 2,
    updateEveryMs: 60 * MINUTE,
    remindBeforeMs: 15 * MINUTE,
    statusPageWithinMs: null,
    inactiveAfterMs: null,
    inactivePageAfterMs: 10 * MINUTE,
    postmortemWithinMs: null,
    roles: ['ic'],
    channel: 'on-acknowledgement',
    notificationRules: { allAtOnce: false, stepEveryMs: 10 * MINUTE, repeatEveryMs: null },
  },
  SEV4: {
    pageAfterMs: null,
    acknowledgeWithinMs: null,
    escalateEveryMs: null,
    leadershipAtOnce: false,
    passes: 0,
    updateEveryMs: null,
    remindBeforeMs: 15 * MINUTE,
    statusPageWithinMs: null,
    inactiveAfterMs: null,
    inactivePageAfterMs: 10 * MINUTE,
    postmortemWithinMs: null,
    roles: [],
    channel: 'on-request',
    notificationRules: { allAtOnce: false, stepEveryMs: 10 * MINUTE, repeatEveryMs: null },
  },
};
