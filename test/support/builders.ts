/** Small valid things: a test states only what it is about. */
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import { ROLES } from '../../domain/kernel/commands.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Policy, SeverityPolicy } from '../../domain/kernel/policy.ts';
import type { Severity } from '../../domain/kernel/severity.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;

/** The runbook's own numbers. */
const RUNBOOK_SEVERITIES: Record<Severity, SeverityPolicy> = {
  SEV1: {
    pageAfterMs: 0,
    acknowledgeWithinMs: 5 * MIN,
    escalateEveryMs: 5 * MIN,
    leadershipAtOnce: true,
    passes: null,
    updateEveryMs: 15 * MIN,
    remindBeforeMs: 5 * MIN,
    statusPageWithinMs: 15 * MIN,
    inactiveAfterMs: 30 * MIN,
    inactivePageAfterMs: 10 * MIN,
    postmortemWithinMs: 48 * HOUR,
    roles: ROLES,
    channel: 'at-once',
    notificationRules: { allAtOnce: true, stepEveryMs: 2 * MIN, repeatEveryMs: 2 * MIN },
  },
  SEV2: {
    pageAfterMs: 0,
    acknowledgeWithinMs: 15 * MIN,
    escalateEveryMs: 15 * MIN,
    leadershipAtOnce: false,
    passes: null,
    updateEveryMs: 30 * MIN,
    remindBeforeMs: 10 * MIN,
    statusPageWithinMs: 30 * MIN,
    inactiveAfterMs: HOUR,
    inactivePageAfterMs: 10 * MIN,
    postmortemWithinMs: 48 * HOUR,
    roles: ROLES,
    channel: 'at-once',
    notificationRules: { allAtOnce: false, stepEveryMs: 2 * MIN, repeatEveryMs: 8 * MIN },
  },
  SEV3: {
    pageAfterMs: HOUR,
    acknowledgeWithinMs: HOUR,
    escalateEveryMs: HOUR,
    leadershipAtOnce: false,
    passes: 2,
    updateEveryMs: HOUR,
    remindBeforeMs: 15 * MIN,
    statusPageWithinMs: null,
    inactiveAfterMs: null,
    inactivePageAfterMs: 10 * MIN,
    postmortemWithinMs: null,
    roles: ['ic'],
    channel: 'on-acknowledgement',
    notificationRules: { allAtOnce: false, stepEveryMs: 10 * MIN, repeatEveryMs: null },
  },
  SEV4: {
    pageAfterMs: null,
    acknowledgeWithinMs: null,
    escalateEveryMs: null,
    leadershipAtOnce: false,
    passes: 0,
    updateEveryMs: null,
    remindBeforeMs: 0,
    statusPageWithinMs: null,
    inactiveAfterMs: null,
    inactivePageAfterMs: 10 * MIN,
    postmortemWithinMs: null,
    roles: [],
    channel: 'on-request',
    notificationRules: { allAtOnce: false, stepEveryMs: 10 * MIN, repeatEveryMs: null },
  },
};

export function aPolicy(over: Partial<Policy> = {}): Policy {
  return {
    digest: 'test',
    levels: [['onCall'], ['bo'], ['eve']],
    owner: null,
    leadership: ['lea'],
    rollbackFailed: ['hal'],
    severities: RUNBOOK_SEVERITIES,
    monitoring: { defaultMs: 30 * MIN, afterRollbackMs: 30 * MIN, afterFixForwardMs: HOUR, updateEveryMs: 30 * MIN },
    firstPublicEntry: 'confirmed',
    publicPromises: true,
    ...over,
  };
}

/** Whoever is silent is not asked why: for stories about something else. */
export const POLICY_WITHOUT_INACTIVITY: Policy = aPolicy({
  severities: {
    ...RUNBOOK_SEVERITIES,
    SEV1: { ...RUNBOOK_SEVERITIES.SEV1, inactiveAfterMs: null },
    SEV2: { ...RUNBOOK_SEVERITIES.SEV2, inactiveAfterMs: null },
  },
});

export function aDeclaration(over: Partial<Declaration> = {}): Declaration {
  return {
    workflowId: 'inc-platform-0001',
    incidentId: '01HZZZZZZZZZZZZZZZZZZZZZZZ',
    title: 'Checkout fails',
    summary: '',
    severity: 'SEV2',
    severityGuessed: false,
    team: 'platform',
    service: 'payments',
    component: 'Checkout',
    source: 'alertmanager',
    declaredBy: null,
    declarerIsOnCall: false,
    test: false,
    restricted: false,
    policy: aPolicy(),
    spooledAt: null,
    recurrenceOf: null,
    ...over,
  };
}

export function anAlert(over: Partial<AlertReport> = {}): AlertReport {
  return {
    fingerprint: 'f1',
    status: 'firing',
    startsAt: 1_000,
    startGuessed: false,
    endsAt: null,
    severity: 'SEV2',
    title: 'Checkout fails',
    labels: { alertname: 'CheckoutFails' },
    annotations: {},
    links: {},
    ...over,
  };
}

export function anAlertBatch(alerts: readonly AlertReport[], over: Partial<AlertBatch> = {}): AlertBatch {
  const staleAfterMs = 12 * HOUR;
  return { source: 'alertmanager', receivedAt: 1_000, staleAfterMs, alerts, truncated: 0, byReceipt: true, ...over };
}
