/** Who gets a channel of its own, and who is asked into it. */
import { expect, test } from '@jest/globals';
import { responders, wantsChannel } from '../../../domain/kernel/queries.ts';
import { acknowledgeBy, nextOnBusinessDay } from '../../../domain/escalation/business-day.ts';
import { afterEvents, firingIncident, atMinute, declaredIncident, afterCommand } from '../../support/pure-incident.ts';

test.each([
  ['SEV1', true, true],
  ['SEV2', true, true],
  ['SEV3', false, true],
  ['SEV4', false, false],
] as const)('%s has a channel at once: %s; once somebody has it: %s', (severity, atOnce, answered) => {
  const incident = firingIncident({ severity });
  expect(wantsChannel(incident)).toBe(atOnce);
  expect(wantsChannel(afterCommand(incident, { type: 'acknowledge' }))).toBe(answered);
});

test('a test has none, and lowering the severity takes none away', () => {
  expect(wantsChannel(firingIncident({ test: true }))).toBe(false);
  expect(
    wantsChannel(afterCommand(firingIncident(), { type: 'setSeverity', severity: 'SEV4', reason: 'harmless' })),
  ).toBe(true);
});

test('who has a role, was paged, or was called as leadership belongs into it, each once', () => {
  const incident = {
    ...afterCommand(firingIncident(), { type: 'acknowledge' }),
    escalation: {
      ...afterCommand(firingIncident(), { type: 'acknowledge' }).escalation,
      paged: ['bo', 'ana'],
      leadershipPaged: ['lea', 'ana'],
    },
  };
  expect(responders(afterCommand(incident, { type: 'assignRole', role: 'scribe', person: 'eve' }))).toEqual(
    expect.arrayContaining(['ana', 'bo', 'eve', 'lea']),
  );
  expect(responders(incident)).toHaveLength(3);
  expect(responders(firingIncident())).toEqual([]);
});

test('[SEV-14] once its post-incident flow has it, or it was acknowledged without a change of phase, nobody is reminded', () => {
  const sev4 = declaredIncident({ severity: 'SEV4' });
  expect(nextOnBusinessDay({ ...sev4, postIncident: { ...sev4.postIncident, handedOver: true } })).toBeNull();
  expect(nextOnBusinessDay({ ...sev4, acknowledgedAt: atMinute(1) })).toBeNull();
  expect(acknowledgeBy(sev4)).toBeNull();
  const day = { dueAt: atMinute(900), timeZone: 'Europe/Berlin', tzdata: '2025c' };
  const set = afterEvents(sev4, { type: 'business-day-set', at: atMinute(1), ...day });
  expect(acknowledgeBy(set)).toBe(atMinute(900));
});
