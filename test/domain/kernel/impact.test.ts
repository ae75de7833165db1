/** What people know of the damage. */
import { expect, test } from '@jest/globals';
import { adviceOn, impactText } from '../../../domain/kernel/impact.ts';
import { toView } from '../../../domain/engine/to-view.ts';
import { firingIncident, decideCommand, afterCommand } from '../../support/pure-incident.ts';

const SAID = { type: 'assessImpact', summary: 'Checkout fails', scope: 'all', usersAffected: 15_000 } as const;

test('[IMPACT-1] what was said before stays, where nothing new is said', () => {
  const known = afterCommand(afterCommand(firingIncident(), SAID), { ...SAID, scope: 'subset', revenueLost: '$45000' });
  expect(toView(known).impact).toEqual({
    ...{ summary: 'Checkout fails', scope: 'subset', usersAffected: 15_000, dataLoss: null, revenueLost: '$45000' },
  });
  expect(decideCommand(known, { type: 'assessImpact', summary: 'Checkout fails' })).toMatchObject({ events: [] });
});

test('[IMPACT-1] it is told in a line', () => {
  const impact = {
    summary: 'Checkout fails',
    scope: 'all',
    usersAffected: 3,
    dataLoss: true,
    revenueLost: '$1',
  } as const;
  expect(impactText(impact)).toBe('Checkout fails; all users; 3 users affected; DATA LOSS; $1 of revenue lost');
  expect(impactText({ ...impact, scope: 'subset', usersAffected: null, dataLoss: false, revenueLost: null })).toBe(
    'Checkout fails; some users; no data loss',
  );
});

test('[IMPACT-2] an impact that nobody can determine asks for the rollback; data loss for SEV1', () => {
  const unknown = { summary: 'who knows', scope: null, usersAffected: null, dataLoss: null, revenueLost: null };
  expect(adviceOn(unknown, 'SEV2')).toMatch(/roll back/);
  expect(adviceOn({ ...unknown, scope: 'all' }, 'SEV2')).toBe('');
  expect(adviceOn({ ...unknown, usersAffected: 0 }, 'SEV2')).toBe('');
  expect(adviceOn({ ...unknown, dataLoss: true }, 'SEV2')).toMatch(/SEV1/);
  expect(adviceOn({ ...unknown, scope: 'all', dataLoss: true }, 'SEV1')).toBe('');
  const decision = decideCommand(firingIncident(), { type: 'assessImpact', summary: 'who knows' });
  expect(decision).toMatchObject({ refused: false, text: expect.stringMatching(/roll back/) });
});

test('[IMPACT-1] that data is lost stays known, until somebody says that it is not', () => {
  const lost = afterCommand(firingIncident(), { ...SAID, dataLoss: true });
  expect(afterCommand(lost, { ...SAID, usersAffected: 16_000 }).impact).toMatchObject({
    dataLoss: true,
    usersAffected: 16_000,
  });
  expect(afterCommand(lost, { ...SAID, dataLoss: false }).impact?.dataLoss).toBe(false);
});
