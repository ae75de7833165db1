/** An incident's own account of why somebody is paged next, or nobody is. */
import { describe, expect, test } from '@jest/globals';
import type { PagingState } from '../../../domain/engine/explain.ts';
import { pagingAccount } from '../../../domain/engine/explain.ts';
import type { EscalationState, Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  SAMPLE_COMMANDS,
  afterCommand,
} from '../../support/pure-incident.ts';

const CLEAR = { status: 'resolved', endsAt: atMinute(4) } as const;
const minutes = (n: number): string => new Date(atMinute(n)).toISOString();
const chained = (chain: Partial<EscalationState>, over: Partial<Declaration> = {}): Incident => {
  const incident = firingIncident(over);
  const midway = {
    cycleInRun: 1,
    cycle: 1,
    level: 1,
    nextLevelAt: atMinute(15),
    rulesStartedAt: atMinute(0),
    attemptsMade: 1,
    methods: 2,
  };
  return { ...incident, escalation: { ...incident.escalation, ...midway, ...chain } };
};
const taken = (): Incident => afterCommand(firingIncident(), SAMPLE_COMMANDS.acknowledge);

describe('[PAGE-14] why nobody is paged', () => {
  const owned = { policy: aPolicy({ owner: 'pd', levels: [['pd'], ['bo']] }) };
  const cleared = afterAlerts(firingIncident(), 4, [CLEAR]).incident;
  test.each<[PagingState, Incident]>([
    ['over', afterCommand(taken(), SAMPLE_COMMANDS.declareFalseAlarm)],
    ['over', { ...chained({}), phase: 'resolved' }],
    ['acknowledged', taken()],
    ['cleared', cleared],
    ['answered', { ...cleared, mitigation: { ...cleared.mitigation, monitoringWindow: null } }],
    ['test', chained({}, { test: true })],
    ['exhausted', chained({ exhausted: true }, { severity: 'SEV3' })],
    ['never', firingIncident({ severity: 'SEV4' })],
    ['elsewhere', chained({ pagedInCycle: ['pd'] }, owned)],
  ])('%s', (why, incident) => {
    expect(pagingAccount(incident)).toMatchObject({ state: why, next: null });
  });
});

describe('who is paged next, and when', () => {
  const next = (chain: Partial<EscalationState>, over: Partial<Declaration> = {}) => {
    const account = pagingAccount(chained(chain, over));
    expect(account.state).toBe('due');
    return account.next && [account.next.act, account.next.at, account.next.names.join()];
  };
  const LATE = { attemptsMade: 99 };
  test('the level itself again, by the next step of its notification rules', () => {
    expect(next({})).toEqual(['next-attempt', minutes(2), 'onCall']);
    expect(next({ level: 2 })).toEqual(['next-attempt', minutes(2), 'bo']);
  });
  test('the next level', () => {
    expect(next({ level: 0, cycleInRun: 0, cycle: 0 })).toEqual(['next-level', minutes(15), 'onCall']);
    expect(next(LATE)).toEqual(['next-level', minutes(15), 'bo']);
    expect(next({ ...LATE, level: 2 })).toEqual(['next-level', minutes(15), 'eve']);
  });
  test('after the last level of a SEV2 everybody together, from then on at every step', () => {
    expect(next({ ...LATE, level: 3 })).toEqual(['next-level', minutes(15), 'onCall,bo,eve']);
    expect(next({ level: 3, cycleInRun: 2, cycle: 2 })).toEqual(['next-attempt', minutes(2), 'onCall,bo,eve']);
    expect(next({ level: 3 })).toEqual(['next-attempt', minutes(2), 'eve']);
  });
  test('after the last level of a SEV3 the first again, and one level after the other', () => {
    const sev3 = { severity: 'SEV3' } as const;
    expect(next({ ...LATE, level: 3 }, sev3)).toEqual(['next-level', minutes(15), 'onCall']);
    expect(next({ ...LATE, level: 1, cycleInRun: 2, cycle: 2 }, sev3)).toEqual(['next-level', minutes(15), 'bo']);
  });
  test('nobody, where no level is named', () => {
    expect(next({ level: 0, cycleInRun: 0, cycle: 0 }, { policy: aPolicy({ levels: [] }) })?.[2]).toBe('');
    expect(next(LATE, { severity: 'SEV3', policy: aPolicy({ levels: [] }) })?.[2]).toBe('');
  });
});

test('it shows its rules, where the chain is, and the pages that have not been delivered yet', () => {
  const incident = {
    ...firingIncident({ severity: 'SEV1' }),
    escalation: { ...firingIncident({ severity: 'SEV1' }).escalation, leadershipPaged: ['lea'] },
  };
  const { level, cycleInRun, cycle } = incident.escalation;
  expect(pagingAccount(incident)).toMatchObject({
    ...{
      incidentId: incident.incidentId,
      policy: incident.policy,
      leadershipPaged: ['lea'],
      escalation: { level, cycleInRun, cycle },
    },
    waiting: [{ reason: 'leadership', cycle: 1, dueAt: minutes(0), names: ['lea'] }],
  });
  const asked = afterEvents(incident, { type: 'escalated', at: atMinute(3), by: 'ana', to: 'eve', reason: 'help' });
  expect(pagingAccount(asked).waiting.map(({ names }) => names)).toEqual([['lea'], ['eve']]);
});
