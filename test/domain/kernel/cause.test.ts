/** Why it happened, as far as people know. */
import { expect, test } from '@jest/globals';
import { toView } from '../../../domain/engine/to-view.ts';
import { plainText } from '../../../domain/kernel/text.ts';
import { afterCommand, afterEvents, atMinute, decideCommand, firingIncident } from '../../support/pure-incident.ts';

const taken = afterCommand(firingIncident(), { type: 'acknowledge' });
const timeOf = (minute: number): string => new Date(atMinute(minute)).toISOString();
const UPDATE = { type: 'postUpdate', text: 'Still down', audience: 'internal' } as const;

test('[CAUSE-1] what a person names as the cause has its time, and the team, the ticket and the timeline hear of it', () => {
  expect(toView(taken).cause).toBeNull();
  const said = afterCommand(taken, { type: 'cause', text: 'a full disk', by: 'bo' }, 7);
  expect(toView(said).cause).toEqual({ text: 'a full disk', at: timeOf(7), by: 'bo' });
  const { outbox, projection } = said;
  expect(plainText(outbox.posts.at(-1)?.text ?? [])).toBe('bo named the cause: a full disk');
  expect(outbox.tickets.at(-1)).toMatchObject({ action: 'comment' });
  expect(projection.timeline.at(-1)).toMatchObject({ kind: 'cause-identified', by: 'bo', text: 'Cause: a full disk' });
});

test('[CAUSE-1] the latest counts, also once it is resolved; the same again changes nothing', () => {
  const said = afterCommand(taken, { type: 'cause', text: 'a full disk' }, 7);
  expect(decideCommand(said, { type: 'cause', text: 'a full disk' }, 8)).toMatchObject({ refused: false, events: [] });
  const watched = afterCommand(said, { type: 'resolve', resolution: 'moved the logs', ignoreAlerts: ['f1'] }, 9);
  const over = afterEvents(watched, { type: 'resolved', at: atMinute(40) });
  const corrected = afterCommand(over, { type: 'cause', text: 'logs that nobody rotated' }, 90);
  expect(toView(corrected).cause).toMatchObject({ text: 'logs that nobody rotated', at: timeOf(90) });
});

test('[CAUSE-1] the cause of an update is the hypothesis until somebody has said the cause', () => {
  const guessed = afterCommand(taken, { ...UPDATE, cause: 'the release' }, 5);
  expect(toView(guessed).cause).toEqual({ text: 'the release', at: timeOf(5), by: 'ana' });
  const said = afterCommand(guessed, { type: 'cause', text: 'a full disk' }, 7);
  expect(toView(afterCommand(said, { ...UPDATE, cause: 'the release' }, 9)).cause).toMatchObject({
    text: 'a full disk',
  });
  expect(toView(afterCommand(taken, UPDATE, 5)).cause).toBeNull();
});
