/** What is left to do, as people add it and tick it off. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { openItems } from '../../../domain/post-incident/action-items.ts';
import { afterEvents, firingIncident, atMinute, decideCommand, afterCommand } from '../../support/pure-incident.ts';

const add = (incident: Incident, text: string): Incident =>
  afterCommand(incident, { type: 'addActionItem', text, owner: 'bo', due: '2026-12-01' }, 2);

const two = (): Incident => add(add(firingIncident(), 'watch the pool'), 'page sooner');

test.each(['A2', 'a2', 'page sooner'])('an item is done by its id in any case, or by its very text: %s', (item) => {
  const { postIncident } = afterCommand(two(), { type: 'completeActionItem', item, by: 'eve' }, 3);
  const first = {
    id: 'A1',
    text: 'watch the pool',
    owner: 'bo',
    due: '2026-12-01',
    addedAt: atMinute(2),
    addedBy: 'ana',
  };
  expect(postIncident.actionItems).toEqual([
    { ...first, doneAt: null, doneBy: null },
    { ...first, id: 'A2', text: 'page sooner', doneAt: atMinute(3), doneBy: 'eve' },
  ]);
});

test('a name that nobody knows is refused with the names there are, also when there are none', () => {
  const refusal = (incident: Incident): string => {
    const decision = decideCommand(incident, { type: 'completeActionItem', item: 'A9' });
    return decision.refused ? decision.reason : 'accepted';
  };
  expect(refusal(two())).toBe('there is no action item "A9"; there are A1, A2');
  expect(refusal(firingIncident())).toBe('there is no action item "A9"');
  const long = decideCommand(firingIncident(), { type: 'completeActionItem', item: 'x'.repeat(101) });
  expect(long).toMatchObject({ reason: `there is no action item "${'x'.repeat(99)}…"` });
});

test('said twice it is one item, until it is done: then it may come up again', () => {
  const again = decideCommand(two(), { type: 'addActionItem', text: 'page sooner' });
  expect(again).toMatchObject({ refused: false, events: [], text: 'A2 already says that.' });
  const done = afterCommand(two(), { type: 'completeActionItem', item: 'A2' });
  expect(decideCommand(done, { type: 'completeActionItem', item: 'A2' })).toMatchObject({ events: [] });
  expect(openItems(add(done, 'page sooner')).map(({ id }) => id)).toEqual(['A1', 'A3']);
});

test('an incident keeps a hundred items, and says so to whoever adds another', () => {
  const item = add(firingIncident(), 'one').postIncident.actionItems.slice(0, 1);
  const withItems = (count: number): Incident => ({
    ...firingIncident(),
    postIncident: {
      ...firingIncident().postIncident,
      actionItems: Array.from({ length: count }, (_, n) => item.map((one) => ({ ...one, id: `A${n + 1}` }))).flat(),
    },
  });
  expect(add(withItems(99), 'two').postIncident.actionItems.at(-1)?.id).toBe('A100');
  expect(decideCommand(withItems(100), { type: 'addActionItem', text: 'two' })).toMatchObject({
    refused: true,
    reason: 'an incident has 100 action items at the most',
  });
});

test('the post-mortem is done once, and says by whom, when and where', () => {
  const over = afterEvents(firingIncident(), { type: 'resolved', at: atMinute(60) });
  const done = afterCommand(over, { type: 'completePostmortem', url: 'https://wiki.example.com/pm', by: 'bo' }, 70);
  expect(done.postIncident.postmortem).toEqual({
    doneAt: atMinute(70),
    doneBy: 'bo',
    url: 'https://wiki.example.com/pm',
  });
  expect(decideCommand(done, { type: 'completePostmortem', by: 'eve' })).toMatchObject({ refused: false, events: [] });
});
