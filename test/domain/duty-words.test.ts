/** The words about what is left to do, as people read them. */
import { describe, expect, test } from '@jest/globals';
import type { ActionItem } from '../../domain/action-items.ts';
import { afterwardsText, dutyNotices, itemText, leftText } from '../../domain/duty-words.ts';
import { caredForUntil, evidenceEndsAt, isCaredFor } from '../../domain/duties.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Text } from '../../domain/text.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, T0, told } from '../support/play.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
const NUMBERED = { reference: 'INC-2026-007', recurrenceOf: null } as const;

const words = (text: Text): string =>
  text
    .map((part) =>
      typeof part === 'string'
        ? part
        : 'at' in part
          ? `+${(part.at - T0) / 60_000}${'day' in part && part.day ? ' (with its day)' : ''}`
          : part.person,
    )
    .join('');

/** Ana had it from minute 1 to minute 60. */
function resolved(over: Parameters<typeof alarmed>[0] = {}): Incident {
  const taken = told(alarmed(over), { type: 'acknowledge' }, 1);
  const watched = told(taken, { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 30);
  return after(watched, { type: 'resolved', at: at(60) });
}
const item = (n: number, over: Partial<ActionItem> = {}): ActionItem => ({
  ...{ id: `A${n}`, text: `do ${n}`, owner: null, due: null, addedAt: at(61), addedBy: 'ana' },
  ...{ doneAt: null, doneBy: null, ...over },
});
const withItems = (count: number, over: Partial<ActionItem> = {}): Incident => ({
  ...resolved(),
  actionItems: Array.from({ length: count }, (_, n) => item(n + 1, over)),
});
const review = (
  postmortem: EventOf<'duties-reviewed'>['postmortem'],
  ...items: readonly string[]
): EventOf<'duties-reviewed'> => ({ type: 'duties-reviewed', at: at(70), postmortem, items });
const ids = ({ actionItems }: Incident): readonly string[] => actionItems.map(({ id }) => id);
const numbered = (incident: Incident): Incident =>
  after(incident, {
    ...{
      type: 'notification-accepted',
      at: at(61),
      orders: [],
      deliveries: [],
      refs: {},
      recorded: 0,
      numbered: NUMBERED,
    },
  });

describe('[LIFE-21] below the all-clear', () => {
  const LATER = ' What is to be done about it: add action items, with an owner and a day.';
  test('who owes the post-mortem, and by when, with its day', () => {
    expect(words(afterwardsText(resolved()))).toBe(
      `\nPost-mortem by ana, due at +${60 + 2 * DAY} (with its day).${LATER}`,
    );
  });
  test('nobody is named when nobody had to do with it', () => {
    const nobody = { ...resolved(), acknowledgedBy: null, involved: [], roles: { ...resolved().roles, ic: null } };
    expect(words(afterwardsText(nobody))).toBe(`\nPost-mortem, due at +${60 + 2 * DAY} (with its day).${LATER}`);
  });
  test('nothing when none is owed, or it is done', () => {
    expect(afterwardsText(resolved({ severity: 'SEV3' }))).toEqual([]);
    expect(afterwardsText(told(resolved(), { type: 'completePostmortem' }, 70))).toEqual([]);
  });
});

describe('[CARE-2] a reminder, one for each person', () => {
  const notices = (incident: Incident, event: EventOf<'duties-reviewed'>) =>
    dutyNotices(incident, event).map(({ to, text, instead }) => [to.join(), words(text), instead?.join()]);
  const DUE = `+${60 + 2 * DAY} (with its day)`;

  test('of the post-mortem alone says nothing of items', () => {
    expect(notices(withItems(1), review('due'))).toEqual([
      ['ana', `The post-mortem of SEV2 "Checkout fails" is due at ${DUE}.`, ''],
    ]);
    expect(notices(numbered(resolved()), review('overdue'))).toEqual([
      ['ana', `OVERDUE: the post-mortem of INC-2026-007, SEV2 "Checkout fails" was due at ${DUE}.`, ''],
    ]);
    expect(notices(numbered(resolved()), review('begun'))[0]?.[1]).toContain('`tocsin postmortem INC-2026-007`');
  });
  test('of items alone names the incident, and says nothing of the post-mortem', () => {
    expect(notices(withItems(2, { owner: 'bo' }), review(null, 'A2'))).toEqual([
      ['bo', 'Your open action items of SEV2 "Checkout fails":\n- A2: do 2, owner bo', 'ana'],
    ]);
    expect(notices(withItems(1), review(null, 'A1'))).toEqual([
      ['ana', 'Your open action items of SEV2 "Checkout fails":\n- A1: do 1', ''],
    ]);
  });
  test('names twenty items, and says how many more there are', () => {
    const list = (count: number) => notices(withItems(count), review(null, ...ids(withItems(count))))[0]?.[1];
    expect(list(20)?.split('\n').slice(-1)).toEqual(['- A20: do 20']);
    expect(list(25)?.split('\n').slice(-2)).toEqual(['- A20: do 20', '- and 5 more']);
  });
  test('goes to nobody when nobody is known', () => {
    const nobody = { ...withItems(1), acknowledgedBy: null, involved: [], roles: { ...resolved().roles, ic: null } };
    expect(notices(nobody, review('due', 'A1'))).toEqual([]);
  });
  test.each([
    [review('begun', 'A1', 'A2'), 'Reminder: the post-mortem is owed; action items A1, A2'],
    [review('due'), 'Reminder: the post-mortem is due'],
    [review('overdue'), 'Reminder: the post-mortem is OVERDUE'],
    [review(null, 'A2'), 'Reminder: action items A2'],
  ])('is a line: %j', (event, text) => {
    expect(after(withItems(2), event).timeline.at(-1)?.text).toBe(text);
  });
});

describe('what a closed incident leaves undone', () => {
  test('is named, twenty items at the most, with how many more', () => {
    expect(leftText(withItems(1, { owner: 'bo', due: '2026-12-01' }))).toBe(
      'Left open: the post-mortem; A1: do 1, owner bo, due 2026-12-01.',
    );
    const many = leftText({ ...withItems(23), postmortem: { doneAt: 1, doneBy: 'ana', url: null } });
    expect(many).toMatch(/^Left open: A1: do 1; .*A20: do 20; and 3 more\.$/);
    expect(leftText(withItems(20))).not.toContain('more');
  });
  test('is told to the ticket; nothing, when nothing is left', () => {
    const closed = (incident: Incident) =>
      told(incident, { type: 'close' }, 90).orders.tickets.filter(({ at: when }) => when === at(90));
    expect(closed(resolved()).map(({ text }) => text)).toEqual([['Closed. Left open: the post-mortem.']]);
    expect(closed(told(resolved(), { type: 'completePostmortem' }, 70))).toEqual([]);
  });
});

test('long texts are cut where a message would become unreadable', () => {
  expect(itemText(item(1, { text: 'x'.repeat(300) }))).toBe(`A1: ${'x'.repeat(300)}`);
  expect(itemText(item(1, { text: 'x'.repeat(301) }))).toBe(`A1: ${'x'.repeat(299)}…`);
  const heading = (length: number) =>
    words(dutyNotices(resolved({ title: 'x'.repeat(length) }), review('due'))[0]?.text ?? []);
  expect(heading(200)).toContain(`"${'x'.repeat(200)}"`);
  expect(heading(201)).toContain(`"${'x'.repeat(199)}…"`);
});

test('the chat hears that the post-mortem is done, and where it is', () => {
  const said = (url?: string) =>
    words(told(resolved(), { type: 'completePostmortem', ...(url && { url }) }, 70).orders.posts.at(-1)?.text ?? []);
  expect(said()).toBe('ana has done the post-mortem');
  expect(said('https://wiki.example.com/pm')).toBe('ana has done the post-mortem: https://wiki.example.com/pm');
});

describe('[CARE-1] [LIFE-21] evidence', () => {
  const EVIDENCE = aPolicy({ evidence: ['logs', 'dumps'].map((name) => ({ name, severities: ['SEV2'] })) });
  test('a hook that is settled leaves the others', () => {
    const settled = { type: 'evidence-settled', at: at(61), hook: 'logs', problem: null } as const;
    expect(after(resolved({ policy: EVIDENCE }), settled).duties?.evidence).toEqual(['dumps']);
  });
  test('is tried for two hours from the end, whatever the end was', () => {
    const falseAlarm = told(alarmed(), { type: 'declareFalseAlarm', reason: 'x' }, 5);
    expect([evidenceEndsAt(resolved()), evidenceEndsAt(falseAlarm)]).toEqual([at(180), at(125)]);
  });
  test('a test owes none, and nobody cares for it; what is not over is not cared for', () => {
    const over = after(alarmed({ test: true }), { type: 'resolved', at: at(10) });
    expect([over.duties, isCaredFor(over), isCaredFor(alarmed())]).toEqual([undefined, true, false]);
    expect(after(over, { type: 'draft-ready', at: at(11) }).duties).toBeUndefined();
    expect(caredForUntil(alarmed())).toBeNull();
  });
});
