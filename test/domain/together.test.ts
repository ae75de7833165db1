/** Rules that meet: each alone is shown elsewhere; here nobody is forgotten between them. */
import { expect, test } from '@jest/globals';
import { nextOnBusinessDay } from '../../domain/business-day.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { nextInChain } from '../../domain/escalation.ts';
import type { Incident } from '../../domain/incident.ts';
import type { SeverityPolicy } from '../../domain/policy.ts';
import type { Severity } from '../../domain/severity.ts';
import { nextInactivity } from '../../domain/inactivity.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';
import { town } from '../support/town.ts';

const policyWith = (severity: Severity, times: Partial<SeverityPolicy>) => {
  const { severities } = aPolicy();
  return aPolicy({ severities: { ...severities, [severity]: { ...severities[severity], ...times } } });
};

/** Level 1 was reached in minute 0, ana had it in minute 1, and nobody has been heard of since. */
function silent(over: Parameters<typeof alarmed>[0] = {}): Incident {
  const opened = after(alarmed(over), {
    ...{ type: 'level-begun', at: at(0), cycleInRun: 1, cycle: 1, level: 1, together: false },
    ...{ reason: 'on-call', dueAt: at(0), nextLevelAt: at(15) },
  });
  const [order] = opened.orders.pages;
  const delivery = { at: at(0), method: 'webhook', key: 'k', state: 'accepted', reason: null, level: 1 } as const;
  const reached: IncidentEvent = {
    ...{ type: 'paged', at: at(0), order: order?.n ?? 0, methods: 1, unknown: [], again: false },
    deliveries: [{ ...delivery, to: order?.targets[0]?.names[0] ?? '' }],
  };
  return after(
    told(after(opened, reached), { type: 'acknowledge' }, 1),
    { type: 'inactivity-nudged', at: at(61) },
    { type: 'inactivity-paged', at: at(71) },
    { type: 'inactivity-escalated', at: at(86) },
  );
}

test('[PAGE-35] [PAGE-42] who is silent is missed also where an outside service owns the escalation', () => {
  const policy = { ...aPolicy({ levels: [['pagerduty:x'], ['bo'], ['eve']] }), owner: 'x' };
  expect(nextInChain(silent({ policy }))).toMatchObject({ act: 'climb', at: at(86) });
});

test('[PAGE-35] [LIFE-4] alerts that clear while the next level is called leave nobody out: after the watch the question begins anew', () => {
  const cleared = heard(silent(), 90, [{ status: 'resolved' }]).incident;
  expect(cleared).toMatchObject({ phase: 'monitoring', inactivity: null, chain: { open: false } });
  expect(nextInactivity(after(cleared, { type: 'confirmation-asked', at: at(120) }))).toMatchObject({
    act: 'ask',
    at: at(180),
  });
});

test('[PAGE-35] [CMD-11] asking for another policy is no answer', () => {
  expect(told(silent(), { type: 'movePolicy', by: 'admin' }, 88)).toMatchObject({ chain: { open: true } });
});

test('[ROLE-2] whoever is given command has not been called in vain', () => {
  const called = after(
    told(alarmed(), { type: 'acknowledge' }, 1),
    { type: 'inactivity-nudged', at: at(61) },
    { type: 'inactivity-paged', at: at(71) },
  );
  expect(told(called, { type: 'assignRole', role: 'ic', person: 'cy', by: 'bo' }, 72).commanderCalled).toBe(false);
});

test('[CMD-11] a policy that pages where the one before did not begins the chain', () => {
  const today = (incident: Incident): Incident =>
    after(incident, {
      ...{ type: 'policy-moved', at: at(30), by: null },
      policy: policyWith('SEV4', { pageAfterMs: 60 * 60_000, acknowledgeWithinMs: 60 * 60_000 }),
    });
  const moved = today(alarmed({ severity: 'SEV4' }));
  expect(nextOnBusinessDay(moved)).toBeNull();
  expect(nextInChain(moved)).toMatchObject({ act: 'climb', at: at(60) });
  expect(nextInChain(today(told(alarmed({ severity: 'SEV4' }), { type: 'acknowledge' })))).toBeNull();
  expect(nextInChain(today(declared({ severity: 'SEV4', test: true, declaredBy: 'ana' })))?.at ?? at(0)).toBe(at(0));
});

test('[CMD-11] a policy that calls sooner calls the next level sooner; one that calls later puts no promise off', () => {
  const unanswered = after(alarmed(), {
    ...{ type: 'level-begun', at: at(0), cycleInRun: 1, cycle: 1, level: 1, together: false },
    ...{ reason: 'on-call', dueAt: at(0), nextLevelAt: at(15) },
  });
  const nextLevel = (minutes: number, movedAt: number): number | null => {
    const policy = policyWith('SEV2', { acknowledgeWithinMs: minutes * 60_000 });
    return after(unanswered, { type: 'policy-moved', at: at(movedAt), by: null, policy }).chain.nextLevelAt;
  };
  expect(nextLevel(5, 2)).toBe(at(5));
  expect(nextLevel(5, 9)).toBe(at(9));
  expect(nextLevel(60, 2)).toBe(at(15));
});

test('[LIFE-12] who reopens what nobody had has it, so that somebody is asked for', () => {
  const cleared = heard(alarmed(), 5, [{ status: 'resolved' }]).incident;
  const reopened = told(cleared, { type: 'reopen', reason: 'it is not over', by: 'bo' }, 6);
  expect(reopened).toMatchObject({ phase: 'mitigating', acknowledgedBy: 'bo', roles: { ic: 'bo' } });
  expect(nextInactivity(reopened)).toMatchObject({ act: 'ask', at: at(66) });
});

test('[LIFE-13] a false alarm after a reopening owes no post-mortem, and no evidence', () => {
  const resolved = after(
    told(told(alarmed(), { type: 'acknowledge' }), { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['f1'] }),
    { type: 'resolved', at: at(31) },
  );
  expect(resolved.duties?.draft).toBe('owed');
  const reopened = told(resolved, { type: 'reopen', reason: 'no' }, 40);
  expect(told(reopened, { type: 'declareFalseAlarm', reason: 'load test' }, 41).duties).toMatchObject({
    ...{ draft: null, evidence: [], review: null },
  });
});

test('[LIFE-22] merged into one that has run out of people to page, it still pages', () => {
  const both = town({ severity: 'SEV3' }, { severity: 'SEV3' });
  const exhausted: IncidentEvent = { type: 'escalation-exhausted', at: at(0), cycle: 1, last: true };
  both.put('b', after(both.get('b'), exhausted));
  both.say('a', { type: 'merge', into: 'inc-b' });
  both.settle();
  expect(both.get('a').phase).toBe('closed');
  expect(nextInChain(both.get('b'))).not.toBeNull();
});

test('[LIFE-22] one that is being watched takes nobody in: it would end on what was said before', () => {
  const both = town({}, {});
  both.say('b', { type: 'resolve', resolution: 'fixed', ignoreAlerts: [] });
  both.say('a', { type: 'merge', into: 'inc-b' });
  both.settle();
  expect(both.get('a').phase).toBe('declared');
  expect(both.get('a').timeline.at(-1)?.text).toMatch(/reopen it first/);
});
