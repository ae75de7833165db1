import { describe, expect, test } from '@jest/globals';
import {
  postIncidentEndsAt,
  evidenceEndsAt,
  followUpsAreDone,
  owesDraft,
  postmortemOwner,
} from '../../../domain/post-incident/follow-ups.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { reviewFindings, nextReview } from '../../../domain/post-incident/reviews.ts';
import { type Review } from '../../../domain/kernel/post-incident.ts';
import { deadlines } from '../../../domain/engine/to-view.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { aPolicy } from '../../support/builders.ts';
import { afterEvents, firingIncident, atMinute, afterAlerts, T0, afterCommand } from '../../support/pure-incident.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
const EVIDENCE = aPolicy({
  evidence: [
    { name: 'logs', severities: ['SEV1', 'SEV2'] },
    { name: 'all', severities: ['SEV1', 'SEV2', 'SEV3', 'SEV4'] },
  ],
});

/** Acknowledged by ana at 1, resolved at 60. T0 is a Saturday noon; here every day is a business day. */
function resolved(over: Partial<Declaration> = {}): Incident {
  const taken = afterCommand(firingIncident(over), { type: 'acknowledge' }, 1);
  return afterEvents(afterCommand(taken, { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 30), ending);
}
const ending: IncidentEvent = { type: 'resolved', at: atMinute(60) };

const date = (minute: number): string => new Date(atMinute(minute)).toISOString().slice(0, 10);

/** The calendar says `minute`, and the same hour of the days after it. */
function planned(incident: Incident, minute: number, from = atMinute(60)): Incident {
  const day = (ahead: number) => ({ at: atMinute(minute + ahead * DAY), date: date(minute + ahead * DAY) });
  const days: Review['days'] = [day(0), day(1), day(2)];
  return afterEvents(incident, {
    type: 'review-planned',
    at: atMinute(60),
    from,
    days,
    timeZone: 'UTC',
    tzdata: '2026a',
  });
}

function reviewed(incident: Incident, minute: number, from = atMinute(60)): Incident {
  const asked = planned(incident, minute, from);
  return afterEvents(asked, {
    type: 'follow-ups-reviewed',
    at: atMinute(minute),
    ...reviewFindings(asked, atMinute(minute)),
  });
}
const notices = ({ outbox }: Incident, about = 'follow-ups-reviewed') =>
  outbox.notices
    .filter((notice) => notice.about === about)
    .map(({ to, text, fallbackTo = [] }) => [
      to.join(),
      text
        .map((part) => (typeof part === 'string' ? part : 'at' in part ? `+${(part.at - T0) / 60_000}` : part.person))
        .join(''),
      fallbackTo.join(),
    ]);

describe('[LIFE-21] what is owed after the end', () => {
  const autoRecovered = () => afterEvents(afterAlerts(heardAndWatched(), 1, []).incident, ending);
  const heardAndWatched = () => afterAlerts(firingIncident(), 5, [{ status: 'resolved', endsAt: 2_000 }]).incident;
  test.each<[string, Incident, { draft: boolean; evidence: readonly string[]; caredFor: boolean }]>([
    [
      'SEV1',
      resolved({ severity: 'SEV1', policy: EVIDENCE }),
      { draft: true, evidence: ['logs', 'all'], caredFor: false },
    ],
    ['SEV2 without hooks', resolved(), { draft: true, evidence: [], caredFor: false }],
    ['SEV3', resolved({ severity: 'SEV3' }), { draft: false, evidence: [], caredFor: true }],
    [
      'SEV3 with hooks',
      resolved({ severity: 'SEV3', policy: EVIDENCE }),
      { draft: false, evidence: ['all'], caredFor: false },
    ],
    ['recovered by itself', autoRecovered(), { draft: false, evidence: [], caredFor: true }],
  ])('%s', (_what, incident, { draft, evidence, caredFor }) => {
    expect(owesDraft(incident)).toBe(draft);
    expect(incident.postIncident.followUps?.evidence).toEqual(evidence);
    expect(followUpsAreDone(incident)).toBe(caredFor);
  });

  test('each duty done takes one away, and the last leaves nothing', () => {
    const all = resolved({ policy: EVIDENCE });
    const settled = afterEvents(
      afterCommand(all, { type: 'completePostmortem' }, 100),
      { type: 'evidence-settled', at: atMinute(61), hook: 'logs', problem: null },
      { type: 'evidence-settled', at: atMinute(61), hook: 'all', problem: 'evidence: HTTP 503' },
    );
    expect(followUpsAreDone(settled)).toBe(true);
    const left = afterCommand(settled, { type: 'addActionItem', text: 'watch the pool' }, 101);
    expect(followUpsAreDone(left)).toBe(false);
    expect(followUpsAreDone(afterCommand(left, { type: 'completeActionItem', item: 'A1' }, 102))).toBe(true);
  });

  test('a draft that is late is said once and stays owed', () => {
    const incident = resolved();
    const kinds = (of: Incident) => deadlines(of).map(({ kind, at: due }) => [kind, (due - T0) / 60_000]);
    expect(kinds(incident)).toEqual([
      ['draft', 180],
      ['postmortem', 60 + 2 * DAY],
    ]);
    const late = afterEvents(incident, { type: 'draft-late', at: atMinute(180) });
    expect([owesDraft(late), kinds(late)]).toEqual([true, [['postmortem', 60 + 2 * DAY]]]);
    expect(late.outbox.posts.at(-1)?.about).toBe('draft-late');
    expect(owesDraft(afterEvents(late, { type: 'draft-ready', at: atMinute(200) }))).toBe(false);
  });

  test('[CARE-1] evidence that could not be kept is said in the chat, and what was kept is not', () => {
    const incident = resolved({ policy: EVIDENCE });
    const kept = afterEvents(incident, { type: 'evidence-settled', at: atMinute(61), hook: 'logs', problem: null });
    const lost = afterEvents(kept, {
      type: 'evidence-settled',
      at: atMinute(185),
      hook: 'all',
      problem: 'evidence: HTTP 503',
    });
    expect(kept.outbox.posts).toEqual(incident.outbox.posts);
    expect(lost.outbox.posts.at(-1)?.text).toEqual(['⚠ EVIDENCE NOT KEPT: all (evidence: HTTP 503)']);
    expect(lost.projection.timeline.slice(-2).map(({ text }) => text)).toEqual([
      'Told logs to keep evidence',
      'EVIDENCE NOT KEPT: all (evidence: HTTP 503)',
    ]);
    expect(evidenceEndsAt(incident)).toBe(atMinute(180));
  });
});

describe('[LIFE-21] reminders', () => {
  const TABLE: readonly (readonly [string, number, 'begun' | 'due' | 'overdue' | null])[] = [
    ['at once', 60, 'begun'],
    ['at the next opening', 20 * HOUR, 'begun'],
    ['so late that it is due already', 60 + 2 * DAY, 'overdue'],
  ];
  test.each(TABLE)('the owner hears of the post-mortem: %s', (_what, minute, stage) => {
    expect(reviewFindings(planned(resolved(), minute), atMinute(minute)).postmortem).toBe(stage);
  });

  test.each([
    [60 + 9 * DAY - 1, null],
    // Two business days are left, then one, then none.
    [60 + 12 * DAY + 1, 'due'],
    [60 + 13 * DAY, 'due'],
    [60 + 14 * DAY, 'overdue'],
    [60 + 20 * DAY, 'overdue'],
  ] as const)('a post-mortem due in a fortnight, at minute %d: %s', (minute, stage) => {
    const base = aPolicy();
    const severities = { ...base.severities, SEV2: { ...base.severities.SEV2, postmortemWithinMs: 14 * DAY * 60_000 } };
    const begun = reviewed(resolved({ policy: { ...base, severities } }), 60);
    expect(reviewFindings(planned(begun, minute), atMinute(minute)).postmortem).toBe(stage);
  });

  test.each([
    ['two days ahead', 3, []],
    ['the business day before', 2, ['A1']],
    ['its day', 1, ['A1']],
    ['overdue', -5, ['A1']],
  ])('[CARE-2] an item with a day: %s', (_what, ahead, ids) => {
    const due = date(60 + (1 + ahead) * DAY - DAY);
    const incident = afterCommand(reviewed(resolved(), 60), { type: 'addActionItem', text: 'x', owner: 'bo', due }, 61);
    expect(reviewFindings(planned(incident, 60 + DAY, atMinute(61)), atMinute(60 + DAY)).items).toEqual(ids);
  });

  test('[CARE-2] an item without a day is spoken of once a week', () => {
    let incident = afterCommand(reviewed(resolved(), 60), { type: 'addActionItem', text: 'x' }, 61);
    const said: number[] = [];
    for (let day = 1; day <= 22; day += 1) {
      const minute = 60 + day * DAY;
      const before = incident.postIncident.followUps?.remindedAt['A1'];
      incident = reviewed(incident, minute);
      if (incident.postIncident.followUps?.remindedAt['A1'] !== before) said.push(day);
    }
    expect(said).toEqual([7, 14, 21]);
  });

  test('the calendar is asked for the moment of the resolution, then for the business day after the last review', () => {
    const incident = resolved();
    expect(nextReview(incident, atMinute(61))).toEqual({
      ...{ act: 'ask', from: atMinute(60), after: atMinute(60), want: 'now-or-next-opening' },
    });
    expect(nextReview(planned(incident, 20 * HOUR), atMinute(61))).toEqual({ act: 'review', at: atMinute(20 * HOUR) });
    expect(nextReview(reviewed(incident, 60), atMinute(61))).toEqual({
      ...{ act: 'ask', from: atMinute(60), after: atMinute(60), want: 'next-business-day' },
    });
  });

  test('a review that comes late asks again, so that nobody is reminded at night', () => {
    const incident = planned(resolved(), 100);
    expect(nextReview(incident, atMinute(160))).toMatchObject({ act: 'review' });
    const again = nextReview(incident, atMinute(161));
    expect(again).toEqual({ act: 'ask', from: atMinute(60), after: atMinute(161), want: 'now-or-next-opening' });
    expect(nextReview(planned(incident, 300), atMinute(162))).toEqual({ act: 'review', at: atMinute(300) });
  });

  test('an item that comes up sooner moves the review; nothing left, nothing planned', () => {
    const done = afterCommand(reviewed(resolved(), 60), { type: 'completePostmortem' }, 61);
    expect(nextReview(done, atMinute(61))).toBeNull();
    const weekly = afterCommand(done, { type: 'addActionItem', text: 'x' }, 62);
    const asked = nextReview(weekly, atMinute(62));
    expect(asked).toMatchObject({ act: 'ask', from: atMinute(62) + 6.25 * DAY * 60_000 });
    const waiting = planned(weekly, 62 + 7 * DAY, atMinute(62) + 6.25 * DAY * 60_000);
    const due = afterCommand(waiting, { type: 'addActionItem', text: 'y', due: date(3 * DAY) }, 63);
    expect(nextReview(due, atMinute(63))).toMatchObject({ act: 'ask', from: atMinute(63), after: atMinute(63) });
  });

  test('[CARE-2] what was noted while it went on is spoken of once it is over, and no more once it is closed', () => {
    const noted = afterCommand(
      firingIncident({ severity: 'SEV3' }),
      { type: 'addActionItem', text: 'x', due: date(DAY) },
      5,
    );
    const over = afterEvents(
      afterCommand(noted, { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 30),
      ending,
    );
    expect(nextReview(noted, atMinute(61))).toBeNull();
    expect(nextReview(over, atMinute(61))).toMatchObject({ act: 'ask', from: atMinute(60), after: atMinute(60) });
    expect(nextReview(afterCommand(over, { type: 'close' }, 70), atMinute(71))).toBeNull();
    const { followUps: _, ...postIncident } = over.postIncident;
    expect(nextReview({ ...over, postIncident }, atMinute(61))).toBeNull();
    expect(reviewFindings(over, atMinute(61))).toEqual({ postmortem: null, items: [] });
  });

  test('nobody is reminded of an item half a year ahead before its fortnight', () => {
    const done = afterCommand(reviewed(resolved(), 60), { type: 'completePostmortem' }, 61);
    const due = date(180 * DAY);
    const incident = afterCommand(done, { type: 'addActionItem', text: 'x', due }, 62);
    expect(nextReview(incident, atMinute(62))).toMatchObject({ act: 'ask', from: Date.parse(due) - 14 * DAY * 60_000 });
  });

  test('[CARE-2] one message a person: the owner of the post-mortem has what nobody owns', () => {
    const items = afterCommand(
      afterCommand(resolved(), { type: 'addActionItem', text: 'watch the pool', due: date(60) }, 61),
      { type: 'addActionItem', text: 'page sooner', owner: 'bo', due: date(60) },
      62,
    );
    expect(notices(reviewed(items, 63))).toEqual([
      [
        'ana',
        `The post-mortem of SEV2 "Checkout fails" is yours, due at +${60 + 2 * DAY}. ` +
          'Start from the draft: `tocsin postmortem inc-platform-0001`. Add action items with an owner and a date.' +
          `\nYour open action items of SEV2 "Checkout fails":\n- A1: watch the pool, due ${date(60)}`,
        '',
      ],
      ['bo', `Your open action items of SEV2 "Checkout fails":\n- A2: page sooner, owner bo, due ${date(60)}`, 'ana'],
    ]);
  });

  test('a review that finds nothing leaves no line and tells nobody', () => {
    const begun = reviewed(resolved(), 60);
    const done = afterCommand(begun, { type: 'completePostmortem' }, 61);
    const left = afterCommand(done, { type: 'addActionItem', text: 'x', due: date(60 * DAY) }, 62);
    const quiet = reviewed(left, 60 + DAY);
    expect([quiet.projection.seq, quiet.outbox]).toEqual([left.projection.seq, left.outbox]);
  });

  test('overdue it is said in the team’s chat and the ticket too, begun in the ticket alone', () => {
    const begun = reviewed(resolved(), 60);
    const abouts = ({ outbox }: Incident) => [outbox.posts.at(-1)?.about, outbox.tickets.at(-1)?.action];
    expect(abouts(begun)).toEqual(['resolved', 'comment']);
    const overdue = reviewed(begun, 60 + 3 * DAY);
    expect(abouts(overdue)).toEqual(['follow-ups-reviewed', 'comment']);
    expect(overdue.outbox.posts.at(-1)?.text[0]).toBe('OVERDUE: the post-mortem of SEV2 "Checkout fails" was due at ');
  });
});

describe('[SEV-13] the post-mortem follows the highest severity reached', () => {
  test.each([
    ['SEV2', 'SEV3', true],
    ['SEV3', 'SEV4', false],
  ] as const)('%s lowered to %s: owed %s', (from, to, owed) => {
    const taken = afterCommand(firingIncident({ severity: from }), { type: 'acknowledge' }, 1);
    const lowered = afterCommand(taken, { type: 'setSeverity', severity: to, reason: 'milder' }, 2);
    const over = afterEvents(
      afterCommand(lowered, { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 3),
      ending,
    );
    expect(owesDraft(over)).toBe(owed);
  });
});

describe('[LIFE-12] reopened', () => {
  const again = () => {
    const first = afterCommand(reviewed(resolved({ policy: EVIDENCE }), 60), { type: 'addActionItem', text: 'x' }, 61);
    const reopened = afterCommand(first, { type: 'reopen', reason: 'still slow' }, 62);
    return {
      reopened,
      later: afterEvents(afterCommand(reopened, { type: 'resolve', resolution: 'now' }, 100), {
        type: 'resolved',
        at: atMinute(200),
      }),
    };
  };
  test('nothing is due while it is open', () => {
    const { reopened } = again();
    expect([
      nextReview(reopened, atMinute(5 * DAY)),
      followUpsAreDone(reopened),
      deadlines(reopened).map(({ kind }) => kind),
    ]).toEqual([null, false, expect.not.arrayContaining(['postmortem', 'draft', 'reminder'])]);
  });
  test('resolved again, everything is owed anew from then, and the items are kept', () => {
    const { later } = again();
    expect(later.postIncident.followUps).toMatchObject({
      resolutionCount: 2,
      draft: 'pending',
      postmortemAnnounced: false,
      review: null,
      evidence: ['logs', 'all'],
    });
    expect(later.postIncident.actionItems).toHaveLength(1);
    expect(deadlines(later).map(({ kind, at: due }) => [kind, (due - T0) / 60_000])).toEqual([
      ['draft', 320],
      ['postmortem', 200 + 2 * DAY],
    ]);
  });
  test('a post-mortem that was held for the first end is owed again', () => {
    const held = afterCommand(
      afterCommand(resolved(), { type: 'addActionItem', text: 'x' }, 61),
      { type: 'completePostmortem' },
      62,
    );
    const reopened = afterCommand(held, { type: 'reopen', reason: 'back' }, 63);
    expect(reopened.postIncident.postmortem).toBeNull();
  });
});

test('[CARE-3] the end by a person names what is left, on the timeline and in the ticket', () => {
  const left = afterCommand(
    resolved(),
    { type: 'addActionItem', text: 'watch the pool', owner: 'bo', due: '2026-12-01' },
    61,
  );
  const closed = afterCommand(left, { type: 'close', reason: 'moved to the board' }, 62);
  const words = 'Left open: the post-mortem; A1: watch the pool, owner bo, due 2026-12-01.';
  expect(closed.projection.timeline.at(-1)?.text).toBe(`Closed: moved to the board. ${words}`);
  expect(closed.outbox.tickets.at(-1)).toMatchObject({ action: 'comment', text: [`Closed. ${words}`] });
  const clean = afterCommand(afterCommand(resolved(), { type: 'completePostmortem' }, 61), { type: 'close' }, 62);
  expect(clean.projection.timeline.at(-1)?.text).toBe('Closed');
});

test('[CARE-2] items and the post-mortem are in the ticket too', () => {
  const added = afterCommand(resolved(), { type: 'addActionItem', text: 'watch the pool' }, 61);
  const done = afterCommand(
    afterCommand(added, { type: 'completeActionItem', item: 'a1', by: 'bo' }, 62),
    { type: 'completePostmortem', url: 'https://wiki.example/pm' },
    63,
  );
  expect(done.outbox.tickets.slice(-3).map(({ action, text }) => [action, ...text])).toEqual([
    ['comment', { person: 'ana' }, ' added action item A1: watch the pool'],
    ['comment', { person: 'bo' }, ' completed action item A1: watch the pool'],
    ['comment', { person: 'ana' }, ' completed the post-mortem: https://wiki.example/pm'],
  ]);
});

test('[LIFE-21] the owner of a post-mortem: the IC, else whoever had to do with it first, who declared it last', () => {
  const owner = (ic: string | null, involved: readonly string[]) =>
    postmortemOwner({ ...resolved(), acknowledgedBy: null, roles: { ...resolved().roles, ic }, involved });
  expect([owner('ana', ['bo']), owner(null, ['bo', 'eve']), owner(null, [])]).toEqual(['ana', 'bo', null]);
});

test('[LIFE-11] a closed incident takes notes for a week, a test for no time', () => {
  const closed = afterCommand(resolved(), { type: 'close' }, 100);
  expect([
    postIncidentEndsAt(resolved()),
    postIncidentEndsAt(closed),
    postIncidentEndsAt({ ...closed, test: true }),
  ]).toEqual([null, atMinute(100 + 7 * DAY), atMinute(100)]);
});
