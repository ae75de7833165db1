/** What is left to do, as people add it and tick it off. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../domain/incident.ts';
import { openItems } from '../../domain/action-items.ts';
import { after, alarmed, at, judged, told } from '../support/play.ts';

const add = (incident: Incident, text: string): Incident =>
  told(incident, { type: 'addActionItem', text, owner: 'bo', due: '2026-12-01' }, 2);

const two = (): Incident => add(add(alarmed(), 'watch the pool'), 'page sooner');

test.each(['A2', 'a2', 'page sooner'])('an item is done by its id in any case, or by its very text: %s', (item) => {
  const { actionItems } = told(two(), { type: 'completeActionItem', item, by: 'eve' }, 3);
  const first = { id: 'A1', text: 'watch the pool', owner: 'bo', due: '2026-12-01', addedAt: at(2), addedBy: 'ana' };
  expect(actionItems).toEqual([
    { ...first, doneAt: null, doneBy: null },
    { ...first, id: 'A2', text: 'page sooner', doneAt: at(3), doneBy: 'eve' },
  ]);
});

test('a name that nobody knows is refused with the names there are, also when there are none', () => {
  const refusal = (incident: Incident): string => {
    const decision = judged(incident, { type: 'completeActionItem', item: 'A9' });
    return decision.refused ? decision.reason : 'accepted';
  };
  expect(refusal(two())).toBe('there is no action item "A9"; there are A1, A2');
  expect(refusal(alarmed())).toBe('there is no action item "A9"');
  const long = judged(alarmed(), { type: 'completeActionItem', item: 'x'.repeat(101) });
  expect(long).toMatchObject({ reason: `there is no action item "${'x'.repeat(99)}…"` });
});

test('said twice it is one item, until it is done: then it may come up again', () => {
  const again = judged(two(), { type: 'addActionItem', text: 'page sooner' });
  expect(again).toMatchObject({ refused: false, events: [], text: 'A2 says that already.' });
  const done = told(two(), { type: 'completeActionItem', item: 'A2' });
  expect(judged(done, { type: 'completeActionItem', item: 'A2' })).toMatchObject({ events: [] });
  expect(openItems(add(done, 'page sooner')).map(({ id }) => id)).toEqual(['A1', 'A3']);
});

test('an incident keeps a hundred items, and says so to whoever adds another', () => {
  const item = add(alarmed(), 'one').actionItems.slice(0, 1);
  const withItems = (count: number): Incident => ({
    ...alarmed(),
    actionItems: Array.from({ length: count }, (_, n) => item.map((one) => ({ ...one, id: `A${n + 1}` }))).flat(),
  });
  expect(add(withItems(99), 'two').actionItems.at(-1)?.id).toBe('A100');
  expect(judged(withItems(100), { type: 'addActionItem', text: 'two' })).toMatchObject({
    refused: true,
    reason: 'an incident has 100 action items at the most',
  });
});

test('the post-mortem is done once, and says by whom, when and where', () => {
  const over = after(alarmed(), { type: 'resolved', at: at(60) });
  const done = told(over, { type: 'completePostmortem', url: 'https://wiki.example.com/pm', by: 'bo' }, 70);
  expect(done.postmortem).toEqual({ doneAt: at(70), doneBy: 'bo', url: 'https://wiki.example.com/pm' });
  expect(judged(done, { type: 'completePostmortem', by: 'eve' })).toMatchObject({ refused: false, events: [] });
});
