/** Rules that meet: each alone is shown elsewhere; here nobody is forgotten between them. */
import { expect, test } from '@jest/globals';
import { nextOnBusinessDay } from '../../../domain/escalation/business-day.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { SeverityPolicy } from '../../../domain/kernel/policy.ts';
import type { Severity } from '../../../domain/kernel/severity.ts';
import { nextInactivity } from '../../../domain/escalation/inactivity.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';
import { simulateIncidents } from '../../support/multi-incident-simulator.ts';

const policyWith = (severity: Severity, times: Partial<SeverityPolicy>) => {
  const { severities } = aPolicy();
  return aPolicy({ severities: { ...severities, [severity]: { ...severities[severity], ...times } } });
};

/** Level 1 was reached in minute 0, ana had it in minute 1, and nobody has been heard of since. */
function silent(over: Parameters<typeof firingIncident>[0] = {}): Incident {
  const opened = afterEvents(firingIncident(over), {
    ...{ type: 'level-started', at: atMinute(0), cycleInRun: 1, cycle: 1, level: 1, together: false },
    ...{ reason: 'on-call', dueAt: atMinute(0), nextLevelAt: atMinute(15) },
  });
  const [order] = opened.outbox.pages;
  const delivery = { at: atMinute(0), method: 'webhook', key: 'k', state: 'accepted', reason: null, level: 1 } as const;
  const reached: IncidentEvent = {
    ...{ type: 'paged', at: atMinute(0), requestNumber: order?.n ?? 0, methods: 1, unknown: [], again: false },
    deliveries: [{ ...delivery, to: order?.targets[0]?.names[0] ?? '' }],
  };
  return afterEvents(
    afterCommand(afterEvents(opened, reached), { type: 'acknowledge' }, 1),
    { type: 'inactivity-nudged', at: atMinute(61) },
    { type: 'inactivity-paged', at: atMinute(71) },
    { type: 'inactivity-escalated', at: atMinute(86) },
  );
}

test('[PAGE-35] [PAGE-42] who is silent is missed also where an outside service owns the escalation', () => {
  const policy = { ...aPolicy({ levels: [['pagerduty:x'], ['bo'], ['eve']] }), owner: 'x' };
  expect(nextEscalationStep(silent({ policy }))).toMatchObject({ act: 'next-level', at: atMinute(86) });
});

test('[PAGE-35] [LIFE-4] alerts that clear while the next level is called leave nobody out: after the watch the question begins anew', () => {
  const cleared = afterAlerts(silent(), 90, [{ status: 'resolved' }]).incident;
  expect(cleared).toMatchObject({ phase: 'monitoring', escalation: { open: false, inactivity: null } });
  expect(nextInactivity(afterEvents(cleared, { type: 'confirmation-requested', at: atMinute(120) }))).toMatchObject({
    act: 'ask',
    at: atMinute(180),
  });
});

test('[PAGE-35] [CMD-11] asking for another policy is no answer', () => {
  expect(afterCommand(silent(), { type: 'movePolicy', by: 'admin' }, 88)).toMatchObject({ escalation: { open: true } });
});

test('[ROLE-2] whoever is given command has not been called in vain', () => {
  const called = afterEvents(
    afterCommand(firingIncident(), { type: 'acknowledge' }, 1),
    { type: 'inactivity-nudged', at: atMinute(61) },
    { type: 'inactivity-paged', at: atMinute(71) },
  );
  expect(
    afterCommand(called, { type: 'assignRole', role: 'ic', person: 'cy', by: 'bo' }, 72).escalation.commanderPaged,
  ).toBe(false);
});

test('[CMD-11] a policy that pages where the one before did not begins the chain', () => {
  const today = (incident: Incident): Incident =>
    afterEvents(incident, {
      ...{ type: 'policy-moved', at: atMinute(30), by: null },
      policy: policyWith('SEV4', { pageAfterMs: 60 * 60_000, acknowledgeWithinMs: 60 * 60_000 }),
    });
  const moved = today(firingIncident({ severity: 'SEV4' }));
  expect(nextOnBusinessDay(moved)).toBeNull();
  expect(nextEscalationStep(moved)).toMatchObject({ act: 'next-level', at: atMinute(60) });
  expect(
    nextEscalationStep(today(afterCommand(firingIncident({ severity: 'SEV4' }), { type: 'acknowledge' }))),
  ).toBeNull();
  expect(
    nextEscalationStep(today(declaredIncident({ severity: 'SEV4', test: true, declaredBy: 'ana' })))?.at ?? atMinute(0),
  ).toBe(atMinute(0));
});

test('[CMD-11] a policy that calls sooner calls the next level sooner; one that calls later puts no promise off', () => {
  const unanswered = afterEvents(firingIncident(), {
    ...{ type: 'level-started', at: atMinute(0), cycleInRun: 1, cycle: 1, level: 1, together: false },
    ...{ reason: 'on-call', dueAt: atMinute(0), nextLevelAt: atMinute(15) },
  });
  const nextLevel = (minutes: number, movedAt: number): number | null => {
    const policy = policyWith('SEV2', { acknowledgeWithinMs: minutes * 60_000 });
    return afterEvents(unanswered, { type: 'policy-moved', at: atMinute(movedAt), by: null, policy }).escalation
      .nextLevelAt;
  };
  expect(nextLevel(5, 2)).toBe(atMinute(5));
  expect(nextLevel(5, 9)).toBe(atMinute(9));
  expect(nextLevel(60, 2)).toBe(atMinute(15));
});

test('[LIFE-12] who reopens what nobody had has it, so that somebody is asked for', () => {
  const cleared = afterAlerts(firingIncident(), 5, [{ status: 'resolved' }]).incident;
  const reopened = afterCommand(cleared, { type: 'reopen', reason: 'it is not over', by: 'bo' }, 6);
  expect(reopened).toMatchObject({ phase: 'mitigating', acknowledgedBy: 'bo', roles: { ic: 'bo' } });
  expect(nextInactivity(reopened)).toMatchObject({ act: 'ask', at: atMinute(66) });
});

test('[LIFE-13] a false alarm after a reopening owes no post-mortem, and no evidence', () => {
  const resolved = afterEvents(
    afterCommand(afterCommand(firingIncident(), { type: 'acknowledge' }), {
      type: 'resolve',
      resolution: 'fixed',
      ignoreAlerts: ['f1'],
    }),
    { type: 'resolved', at: atMinute(31) },
  );
  expect(resolved.postIncident.followUps?.draft).toBe('pending');
  const reopened = afterCommand(resolved, { type: 'reopen', reason: 'no' }, 40);
  expect(
    afterCommand(reopened, { type: 'declareFalseAlarm', reason: 'load test' }, 41).postIncident.followUps,
  ).toMatchObject({
    ...{ draft: null, evidence: [], review: null },
  });
});

test('[LIFE-22] merged into one that has run out of people to page, it still pages', () => {
  const both = simulateIncidents({ severity: 'SEV3' }, { severity: 'SEV3' });
  const exhausted: IncidentEvent = { type: 'escalation-exhausted', at: atMinute(0), cycle: 1, last: true };
  both.put('b', afterEvents(both.get('b'), exhausted));
  both.execute('a', { type: 'merge', into: 'inc-b' });
  both.deliverAll();
  expect(both.get('a').phase).toBe('closed');
  expect(nextEscalationStep(both.get('b'))).not.toBeNull();
});

test('[LIFE-22] one that is being watched takes nobody in: it would end on what was said before', () => {
  const both = simulateIncidents({}, {});
  both.execute('b', { type: 'resolve', resolution: 'fixed', ignoreAlerts: [] });
  both.execute('a', { type: 'merge', into: 'inc-b' });
  both.deliverAll();
  expect(both.get('a').phase).toBe('declared');
  expect(both.get('a').projection.timeline.at(-1)?.text).toMatch(/reopen it first/);
});
