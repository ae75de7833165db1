/** A SEV4: to be acknowledged on the next business day. */
import { nextOnBusinessDay } from '../../domain/business-day.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import { deadlines } from '../../domain/to-view.ts';
import { aPolicy } from '../support/builders.ts';
import { after, at, declared, heard, told } from '../support/play.ts';

const MONDAY = 4_000;
const sev4 = (over: Partial<Opening> = {}): Incident => declared({ severity: 'SEV4', ...over });
const set = (incident: Incident, minute: number): Incident =>
  after(incident, {
    type: 'business-day-set',
    at: at(1),
    dueAt: at(minute),
    timeZone: 'Europe/Berlin',
    tzdata: '2025c',
  });
const reminded = (incident: Incident, dueAt: number, minute = dueAt): Incident =>
  after(incident, { type: 'ticket-reminded', at: at(minute), dueAt: at(dueAt) });

test('[SEV-14] the calendar is asked from the declaration on; what it says is a deadline', () => {
  expect(nextOnBusinessDay(sev4())).toEqual({ act: 'ask', at: at(0), from: at(0) });
  const known = set(sev4(), MONDAY);
  expect(nextOnBusinessDay(known)).toEqual({ act: 'remind', at: at(MONDAY) });
  expect(deadlines(known)).toContainEqual({
    ...{ kind: 'acknowledge', at: at(MONDAY) },
    text: 'to be acknowledged, else the ticket and the chat are reminded',
  });
  expect(known.timeline.at(-1)?.text).toBe(
    'To be acknowledged on the next business day of the team, 2026-11-24T06:40:00.000Z (Europe/Berlin, time zone data 2025c)',
  );
});

test('[SEV-14] a reminder goes to the ticket and to the chat, and the next is asked for from then on', () => {
  const once = reminded(set(sev4(), MONDAY), MONDAY, MONDAY + 3);
  const words = ['Nobody has acknowledged this SEV4 yet: Checkout fails. ', expect.stringContaining('acknowledge it')];
  expect(once.orders.tickets.at(-1)).toMatchObject({ act: 'comment', text: words });
  expect(once.orders.posts.at(-1)).toMatchObject({ about: 'ticket-reminded', text: words, releases: null });
  expect(once.orders.pages).toEqual([]);
  expect(nextOnBusinessDay(once)).toEqual({ act: 'ask', at: at(MONDAY + 3), from: at(MONDAY + 3) });
});

test('[SEV-14] nothing once somebody has it, it is over, worse, or a test', () => {
  const known = set(sev4(), MONDAY);
  const quiet = [
    told(known, { type: 'acknowledge' }),
    told(known, { type: 'declareFalseAlarm', reason: 'x' }),
    told(known, { type: 'resolve', resolution: 'x' }),
    told(known, { type: 'setSeverity', severity: 'SEV3', reason: 'worse' }),
    sev4({ test: true }),
    declared({ severity: 'SEV3' }),
  ];
  expect(quiet.map(nextOnBusinessDay)).toEqual(quiet.map(() => null));
  expect(quiet.flatMap(deadlines).filter(({ kind }) => kind === 'acknowledge')).toEqual([]);
});

test('[SEV-14] [SEV-10] lowered to SEV4 counts as acknowledged: nobody is reminded', () => {
  const lowered = told(declared({ severity: 'SEV2' }), { type: 'setSeverity', severity: 'SEV4', reason: 'harmless' });
  expect(lowered.acknowledgedAt).not.toBeNull();
  expect(nextOnBusinessDay(lowered)).toBeNull();
});

test('[SEV-14] a SEV4 that the configuration pages is left to the chain', () => {
  const { severities, ...policy } = aPolicy();
  const SEV4 = { ...severities.SEV4, pageAfterMs: 60_000 };
  expect(nextOnBusinessDay(sev4({ policy: { ...policy, severities: { ...severities, SEV4 } } }))).toBeNull();
});

test('[SEV-14] it clears, and comes back after its day: the next business day counts', () => {
  const alarmed = heard(sev4(), 0, [{ severity: 'SEV4' }]).incident;
  const cleared = heard(set(alarmed, 20), 10, [{ status: 'resolved', endsAt: at(10) }]).incident;
  expect([cleared.phase, nextOnBusinessDay(cleared)]).toEqual(['monitoring', null]);
  const back = heard(cleared, 30, [{ severity: 'SEV4', startsAt: at(29) }]).incident;
  expect([back.phase, nextOnBusinessDay(back)]).toEqual(['declared', { act: 'ask', at: at(30), from: at(30) }]);
});
