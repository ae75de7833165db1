/** An incident's own account of why somebody is paged next, or nobody is. */
import { describe, expect, test } from '@jest/globals';
import type { PagingState } from '../../domain/explain.ts';
import { pagingAccount } from '../../domain/explain.ts';
import type { Chain, Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, heard, SAMPLES, told } from '../support/play.ts';

const CLEAR = { status: 'resolved', endsAt: at(4) } as const;
const minutes = (n: number): string => new Date(at(n)).toISOString();
const chained = (chain: Partial<Chain>, over: Partial<Opening> = {}): Incident => {
  const incident = alarmed(over);
  const midway = {
    cycleInRun: 1,
    cycle: 1,
    level: 1,
    nextLevelAt: at(15),
    rulesFrom: at(0),
    stepsTaken: 1,
    methods: 2,
  };
  return { ...incident, chain: { ...incident.chain, ...midway, ...chain } };
};
const taken = (): Incident => told(alarmed(), SAMPLES.acknowledge);

describe('[PAGE-14] why nobody is paged', () => {
  const owned = { policy: aPolicy({ owner: 'pd', levels: [['pd'], ['bo']] }) };
  const cleared = heard(alarmed(), 4, [CLEAR]).incident;
  test.each<[PagingState, Incident]>([
    ['over', told(taken(), SAMPLES.declareFalseAlarm)],
    ['over', { ...chained({}), phase: 'resolved' }],
    ['acknowledged', taken()],
    ['cleared', cleared],
    ['answered', { ...cleared, watch: null }],
    ['test', chained({}, { test: true })],
    ['exhausted', chained({ exhausted: true }, { severity: 'SEV3' })],
    ['never', alarmed({ severity: 'SEV4' })],
    ['elsewhere', chained({ pagedInCycle: ['pd'] }, owned)],
  ])('%s', (why, incident) => {
    expect(pagingAccount(incident)).toMatchObject({ state: why, next: null });
  });
});

describe('who is paged next, and when', () => {
  const next = (chain: Partial<Chain>, over: Partial<Opening> = {}) => {
    const account = pagingAccount(chained(chain, over));
    expect(account.state).toBe('due');
    return account.next && [account.next.act, account.next.at, account.next.names.join()];
  };
  const LATE = { stepsTaken: 99 };
  test('the level itself again, by the next step of its notification rules', () => {
    expect(next({})).toEqual(['step', minutes(2), 'onCall']);
    expect(next({ level: 2 })).toEqual(['step', minutes(2), 'bo']);
  });
  test('the next level', () => {
    expect(next({ level: 0, cycleInRun: 0, cycle: 0 })).toEqual(['climb', minutes(15), 'onCall']);
    expect(next(LATE)).toEqual(['climb', minutes(15), 'bo']);
    expect(next({ ...LATE, level: 2 })).toEqual(['climb', minutes(15), 'eve']);
  });
  test('after the last level of a SEV2 everybody together, from then on at every step', () => {
    expect(next({ ...LATE, level: 3 })).toEqual(['climb', minutes(15), 'onCall,bo,eve']);
    expect(next({ level: 3, cycleInRun: 2, cycle: 2 })).toEqual(['step', minutes(2), 'onCall,bo,eve']);
    expect(next({ level: 3 })).toEqual(['step', minutes(2), 'eve']);
  });
  test('after the last level of a SEV3 the first again, and one level after the other', () => {
    const sev3 = { severity: 'SEV3' } as const;
    expect(next({ ...LATE, level: 3 }, sev3)).toEqual(['climb', minutes(15), 'onCall']);
    expect(next({ ...LATE, level: 1, cycleInRun: 2, cycle: 2 }, sev3)).toEqual(['climb', minutes(15), 'bo']);
  });
  test('nobody, where no level is named', () => {
    expect(next({ level: 0, cycleInRun: 0, cycle: 0 }, { policy: aPolicy({ levels: [] }) })?.[2]).toBe('');
    expect(next(LATE, { severity: 'SEV3', policy: aPolicy({ levels: [] }) })?.[2]).toBe('');
  });
});

test('it shows its rules, where the chain is, and the pages that have not been delivered yet', () => {
  const incident = { ...alarmed({ severity: 'SEV1' }), leadershipPaged: ['lea'] };
  const { level, cycleInRun, cycle } = incident.chain;
  expect(pagingAccount(incident)).toMatchObject({
    ...{
      incidentId: incident.incidentId,
      policy: incident.policy,
      leadershipPaged: ['lea'],
      chain: { level, cycleInRun, cycle },
    },
    waiting: [{ reason: 'leadership', cycle: 1, dueAt: minutes(0), names: ['lea'] }],
  });
  const asked = after(incident, { type: 'escalated', at: at(3), by: 'ana', to: 'eve', reason: 'help' });
  expect(pagingAccount(asked).waiting.map(({ names }) => names)).toEqual([['lea'], ['eve']]);
});
