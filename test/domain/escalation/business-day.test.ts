/** A SEV4: to be acknowledged on the next business day. */
import { nextOnBusinessDay } from '../../../domain/escalation/business-day.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { deadlines } from '../../../domain/engine/to-view.ts';
import { aPolicy } from '../../support/builders.ts';
import { afterEvents, atMinute, declaredIncident, afterAlerts, afterCommand } from '../../support/pure-incident.ts';

const MONDAY = 4_000;
const sev4 = (over: Partial<Declaration> = {}): Incident => declaredIncident({ severity: 'SEV4', ...over });
const set = (incident: Incident, minute: number): Incident =>
  afterEvents(incident, {
    type: 'business-day-set',
    at: atMinute(1),
    dueAt: atMinute(minute),
    timeZone: 'Europe/Berlin',
    tzdata: '2025c',
  });
const reminded = (incident: Incident, dueAt: number, minute = dueAt): Incident =>
  afterEvents(incident, { type: 'ticket-reminded', at: atMinute(minute), dueAt: atMinute(dueAt) });

test('[SEV-14] the calendar is asked from the declaration on; what it says is a deadline', () => {
  expect(nextOnBusinessDay(sev4())).toEqual({ act: 'ask', at: atMinute(0), from: atMinute(0) });
  const known = set(sev4(), MONDAY);
  expect(nextOnBusinessDay(known)).toEqual({ act: 'remind', at: atMinute(MONDAY) });
  expect(deadlines(known)).toContainEqual({
    ...{ kind: 'acknowledge', at: atMinute(MONDAY) },
    text: 'to be acknowledged, else the ticket and the chat are reminded',
  });
  expect(known.projection.timeline.at(-1)?.text).toBe(
    "To be acknowledged on the team's next business day, 2026-11-24T06:40:00.000Z (Europe/Berlin, time zone data 2025c)",
  );
});

test('[SEV-14] a reminder goes to the ticket and to the chat, and the next is asked for from then on', () => {
  const once = reminded(set(sev4(), MONDAY), MONDAY, MONDAY + 3);
  const words = [expect.stringMatching(/^Nobody has acknowledged this SEV4 yet: Checkout fails\. .*acknowledge it/)];
  expect(once.outbox.tickets.at(-1)).toMatchObject({ action: 'comment', text: words });
  expect(once.outbox.posts.at(-1)).toMatchObject({ about: 'ticket-reminded', text: words, releases: null });
  expect(once.outbox.pages).toEqual([]);
  expect(nextOnBusinessDay(once)).toEqual({ act: 'ask', at: atMinute(MONDAY + 3), from: atMinute(MONDAY + 3) });
});

test('[SEV-14] nothing once somebody has it, it is over, worse, or a test', () => {
  const known = set(sev4(), MONDAY);
  const quiet = [
    afterCommand(known, { type: 'acknowledge' }),
    afterCommand(known, { type: 'declareFalseAlarm', reason: 'x' }),
    afterCommand(known, { type: 'resolve', resolution: 'x' }),
    afterCommand(known, { type: 'setSeverity', severity: 'SEV3', reason: 'worse' }),
    sev4({ test: true }),
    declaredIncident({ severity: 'SEV3' }),
  ];
  expect(quiet.map(nextOnBusinessDay)).toEqual(quiet.map(() => null));
  expect(quiet.flatMap(deadlines).filter(({ kind }) => kind === 'acknowledge')).toEqual([]);
});

test('[SEV-14] [SEV-10] lowered to SEV4 counts as acknowledged: nobody is reminded', () => {
  const lowered = afterCommand(declaredIncident({ severity: 'SEV2' }), {
    type: 'setSeverity',
    severity: 'SEV4',
    reason: 'harmless',
  });
  expect(lowered.acknowledgedAt).not.toBeNull();
  expect(nextOnBusinessDay(lowered)).toBeNull();
});

test('[SEV-14] a SEV4 that the configuration pages is left to the chain', () => {
  const { severities, ...policy } = aPolicy();
  const SEV4 = { ...severities.SEV4, pageAfterMs: 60_000 };
  expect(nextOnBusinessDay(sev4({ policy: { ...policy, severities: { ...severities, SEV4 } } }))).toBeNull();
});

test('[SEV-14] it clears, and comes back after its day: the next business day counts', () => {
  const alarmed = afterAlerts(sev4(), 0, [{ severity: 'SEV4' }]).incident;
  const cleared = afterAlerts(set(alarmed, 20), 10, [{ status: 'resolved', endsAt: atMinute(10) }]).incident;
  expect([cleared.phase, nextOnBusinessDay(cleared)]).toEqual(['monitoring', null]);
  const back = afterAlerts(cleared, 30, [{ severity: 'SEV4', startsAt: atMinute(29) }]).incident;
  expect([back.phase, nextOnBusinessDay(back)]).toEqual([
    'declared',
    { act: 'ask', at: atMinute(30), from: atMinute(30) },
  ]);
});
