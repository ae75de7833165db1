import type { Command, CommandType } from '../../../domain/commands.ts';
import { PHASES, type Phase } from '../../../domain/phase.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare.ts';
import { asksFirst, destinationOf } from '../../../webhook-server/incidents/route-command.ts';
import { opening, T0 } from '../support/sightings.ts';

const command = (type: CommandType, episode?: string): Command =>
  ({ type, by: 'ana', ...(episode === undefined ? {} : { episode }) }) as Command;
const view = (phase: Phase) => ({ ...provisionalView(opening('inc', { episode: 'NEW' }), T0), phase });
const route = (said: Command, phase: Phase, over: boolean) => {
  const destination = destinationOf(said, { view: view(phase), over });
  return destination.to === 'nobody' ? destination.refusal : destination;
};

test('close and reopen go to the incident while it is open, and to its aftercare once it is resolved', () => {
  for (const type of ['close', 'reopen'] as const) {
    expect(asksFirst(command(type))).toBe(true);
    expect(route(command(type), 'monitoring', false)).toEqual({ to: 'incident' });
    for (const over of [true, false]) {
      expect(route(command(type), 'resolved', over)).toEqual({ to: 'aftercare', episode: 'NEW' });
    }
  }
});

test('an older episode is its own aftercare’s, even while a newer one is open', () => {
  for (const phase of PHASES) {
    expect(route(command('close', 'OLD'), phase, false)).toEqual({ to: 'aftercare', episode: 'OLD' });
  }
  expect(route(command('acknowledge', 'OLD'), 'declared', false)).toEqual({
    reason: 'this incident is over, and a newer one has its place: NEW',
    phase: 'resolved',
    allowed: ['reopen', 'close', 'addNote'],
  });
});

test('a note follows the incident into aftercare; anything else is refused, saying what is possible', () => {
  expect(route(command('addNote'), 'resolved', true)).toEqual({ to: 'aftercare', episode: 'NEW' });
  expect(route(command('acknowledge'), 'resolved', true)).toEqual({
    reason: 'the incident is resolved',
    phase: 'resolved',
    allowed: ['reopen', 'close', 'addNote'],
  });
  expect(route(command('acknowledge'), 'closed', true)).toMatchObject({ phase: 'closed', allowed: [] });
});

test('a lingering run judges for itself', () => {
  expect(route(command('acknowledge'), 'resolved', false)).toEqual({ to: 'incident' });
});
