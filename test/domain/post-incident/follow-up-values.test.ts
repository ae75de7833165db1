/** What people read about what is left to do after an incident. */
import { describe, expect, test } from '@jest/globals';
import type { ActionItem } from '../../../domain/kernel/post-incident.ts';
import { closedValues, itemText } from '../../../domain/post-incident/follow-up-values.ts';
import { postIncidentEndsAt, evidenceEndsAt, followUpsAreDone } from '../../../domain/post-incident/follow-ups.ts';
import type { EventOf } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Text } from '../../../domain/kernel/text.ts';
import { aPolicy } from '../../support/builders.ts';
import { afterEvents, firingIncident, atMinute, T0, afterCommand } from '../../support/pure-incident.ts';

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
function resolved(over: Parameters<typeof firingIncident>[0] = {}): Incident {
  const taken = afterCommand(firingIncident(over), { type: 'acknowledge' }, 1);
  const watched = afterCommand(taken, { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 30);
  return afterEvents(watched, { type: 'resolved', at: atMinute(60) });
}
const item = (n: number, over: Partial<ActionItem> = {}): ActionItem => ({
  ...{ id: `A${n}`, text: `do ${n}`, owner: null, due: null, addedAt: atMinute(61), addedBy: 'ana' },
  ...{ doneAt: null, doneBy: null, ...over },
});
const withItems = (count: number, over: Partial<ActionItem> = {}): Incident => ({
  ...resolved(),
  postIncident: { ...resolved().postIncident, actionItems: Array.from({ length: count }, (_, n) => item(n + 1, over)) },
});
const review = (
  postmortem: EventOf<'follow-ups-reviewed'>['postmortem'],
  ...items: readonly string[]
): EventOf<'follow-ups-reviewed'> => ({ type: 'follow-ups-reviewed', at: atMinute(70), postmortem, items });
const ids = ({ postIncident }: Incident): readonly string[] => postIncident.actionItems.map(({ id }) => id);
const numbered = (incident: Incident): Incident =>
  afterEvents(incident, {
    ...{
      type: 'notification-accepted',
      at: atMinute(61),
      acceptedEntries: [],
      deliveries: [],
      refs: {},
      projectedVersion: 0,
      assignedReference: NUMBERED,
    },
  });

describe('[LIFE-21] below the all-clear', () => {
  const allClear = (incident: Incident) => words(incident.outbox.posts.at(-1)?.text ?? []);
  const resolvedAs = (over: Partial<Incident>) =>
    afterEvents({ ...resolved(), phase: 'monitoring', ...over }, RESOLVED);
  const RESOLVED = { type: 'resolved', at: atMinute(60) } as const;
  const LATER = ' Add action items with an owner and a date.';
  test('who owes the post-mortem, and by when, with its day', () => {
    expect(allClear(resolved())).toContain(`\nPost-mortem by ana, due at +${60 + 2 * DAY} (with its day).${LATER}`);
  });
  test('nobody is named when nobody had to do with it', () => {
    const unheld = { acknowledgedBy: null, involved: [], roles: { ...resolved().roles, ic: null } };
    expect(allClear(resolvedAs(unheld))).toContain(`\nPost-mortem, due at +${60 + 2 * DAY} (with its day).${LATER}`);
  });
  test('nothing when none is owed, or it is done', () => {
    expect(allClear(resolved({ severity: 'SEV3' }))).not.toContain('Post-mortem');
    expect(
      allClear(
        resolvedAs({
          postIncident: { ...resolved().postIncident, postmortem: { doneAt: 1, doneBy: 'ana', url: null } },
        }),
      ),
    ).not.toContain('Post-mortem');
  });
});

describe('[CARE-2] a reminder, one for each person', () => {
  const notices = (incident: Incident, event: EventOf<'follow-ups-reviewed'>) =>
    afterEvents(incident, event)
      .outbox.notices.filter(({ about }) => about === 'follow-ups-reviewed')
      .map(({ to, text, fallbackTo }) => [to.join(), words(text), fallbackTo?.join()]);
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
    expect(list(25)?.split('\n').slice(-2)).toEqual(['- A20: do 20', 'and 5 more']);
  });
  test('goes to nobody when nobody is known', () => {
    const nobody = { ...withItems(1), acknowledgedBy: null, involved: [], roles: { ...resolved().roles, ic: null } };
    expect(notices(nobody, review('due', 'A1'))).toEqual([]);
  });
  test.each([
    [review('begun', 'A1', 'A2'), 'Reminder: post-mortem to write; action items A1, A2'],
    [review('due'), 'Reminder: post-mortem due'],
    [review('overdue'), 'Reminder: post-mortem OVERDUE'],
    [review(null, 'A2'), 'Reminder: action items A2'],
  ])('is a line: %j', (event, text) => {
    expect(afterEvents(withItems(2), event).projection.timeline.at(-1)?.text).toBe(text);
  });
});

describe('what a closed incident leaves undone', () => {
  test('is named, twenty items at the most, with how many more', () => {
    expect(closedValues(withItems(1, { owner: 'bo', due: '2026-12-01' }))['left']).toBe(
      'the post-mortem; A1: do 1, owner bo, due 2026-12-01',
    );
    const many = closedValues({
      ...withItems(23),
      postIncident: { ...withItems(23).postIncident, postmortem: { doneAt: 1, doneBy: 'ana', url: null } },
    })['left'];
    expect(many).toMatch(/^A1: do 1; .*A20: do 20; and 3 more$/);
    expect(closedValues(withItems(20))['left']).not.toContain('more');
  });
  test('is told to the ticket; nothing, when nothing is left', () => {
    const closed = (incident: Incident) =>
      afterCommand(incident, { type: 'close' }, 90).outbox.tickets.filter(({ at: when }) => when === atMinute(90));
    expect(closed(resolved()).map(({ text }) => text)).toEqual([['Closed. Left open: the post-mortem.']]);
    expect(closed(afterCommand(resolved(), { type: 'completePostmortem' }, 70))).toEqual([]);
  });
});

test('long texts are cut where a message would become unreadable', () => {
  expect(itemText(item(1, { text: 'x'.repeat(300) }))).toBe(`A1: ${'x'.repeat(300)}`);
  expect(itemText(item(1, { text: 'x'.repeat(301) }))).toBe(`A1: ${'x'.repeat(299)}…`);
  const heading = (length: number) =>
    words(afterEvents(resolved({ title: 'x'.repeat(length) }), review('due')).outbox.notices.at(-1)?.text ?? []);
  expect(heading(200)).toContain(`"${'x'.repeat(200)}"`);
  expect(heading(201)).toContain(`"${'x'.repeat(199)}…"`);
});

test('the chat hears that the post-mortem is done, and where it is', () => {
  const said = (url?: string) =>
    words(
      afterCommand(resolved(), { type: 'completePostmortem', ...(url && { url }) }, 70).outbox.posts.at(-1)?.text ?? [],
    );
  expect(said()).toBe('ana completed the post-mortem');
  expect(said('https://wiki.example.com/pm')).toBe('ana completed the post-mortem: https://wiki.example.com/pm');
});

describe('[CARE-1] [LIFE-21] evidence', () => {
  const EVIDENCE = aPolicy({ evidence: ['logs', 'dumps'].map((name) => ({ name, severities: ['SEV2'] })) });
  test('a hook that is settled leaves the others', () => {
    const settled = { type: 'evidence-settled', at: atMinute(61), hook: 'logs', problem: null } as const;
    expect(afterEvents(resolved({ policy: EVIDENCE }), settled).postIncident.followUps?.evidence).toEqual(['dumps']);
  });
  test('is tried for two hours from the end, whatever the end was', () => {
    const falseAlarm = afterCommand(firingIncident(), { type: 'declareFalseAlarm', reason: 'x' }, 5);
    expect([evidenceEndsAt(resolved()), evidenceEndsAt(falseAlarm)]).toEqual([atMinute(180), atMinute(125)]);
  });
  test('a test owes none, and nobody cares for it; what is not over is not cared for', () => {
    const over = afterEvents(firingIncident({ test: true }), { type: 'resolved', at: atMinute(10) });
    expect([over.postIncident.followUps, followUpsAreDone(over), followUpsAreDone(firingIncident())]).toEqual([
      undefined,
      true,
      false,
    ]);
    expect(afterEvents(over, { type: 'draft-ready', at: atMinute(11) }).postIncident.followUps).toBeUndefined();
    expect(postIncidentEndsAt(firingIncident())).toBeNull();
  });
});
