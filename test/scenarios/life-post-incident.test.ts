import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf, passAfterPostIncident, whisper } from '../support/doors.ts';
import { owed } from '../support/afterwards.ts';
import type { Teller, World } from '../support/story.ts';
import { createWorld, story } from '../support/story.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
/** Acknowledged, resolved and watched to its end, 31 min after the declaration. */
async function resolved(teller: Teller): Promise<void> {
  const { alerts, say } = teller;
  await say({ type: 'acknowledge' });
  await alerts(CLEAR);
  await say({ type: 'resolve', resolution: 'done' });
  await teller.pass(31);
}

/** The same, with alerts that clear so late that the run still remembers them. */
async function resolvedAndLingering(teller: Teller): Promise<void> {
  const { alerts, pass, say } = teller;
  await say({ type: 'acknowledge' });
  await say({ type: 'resolve', resolution: 'done' });
  await teller.pass(25);
  await alerts(CLEAR);
  await pass(6);
}

test('[LIFE-11] the post-incident flow holds the final state after the run has ended, and takes close', async () => {
  const told = await story(world, {}, async (teller) => {
    await resolved(teller);
    const before = await teller.view();
    await teller.pass(60);
    const postIncident = postIncidentOf(teller, before.id);
    const { deadlines, deliveries, seq, ...rest } = await postIncident.view();
    expect({ ...rest, deadlines: [], deliveries: before.deliveries, seq: before.seq }).toEqual(before);
    expect([deadlines.map(({ kind }) => kind), deliveries.length, seq]).toEqual([['reminder', 'postmortem'], 2, 11]);
    await postIncident.say({ type: 'addNote', text: 'the release had a bad flag' });
    expect(await postIncident.say({ type: 'close', reason: 'written up' })).toMatchObject({
      changed: true,
      phase: 'closed',
    });
    expect([await postIncident.status(), (await postIncident.view()).outcome]).toEqual(['RUNNING', 'resolved']);
    expect((await postIncident.timeline()).timeline.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
      '1 declared',
      '2 alerts-fired',
      '3 paged',
      '4 acknowledged',
      '5 public-begun',
      '6 alerts-cleared',
      '7 monitoring-started',
      '8 resolve-confirmed',
      '9 resolved',
      '10 duties-reviewed',
      '11 draft-ready',
      '12 note-added',
      '13 closed',
    ]);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Every alert has cleared. Watching until HH:MM.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: A fix for Checkout is in place. We are watching it.',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${owed()}`,
    '00:30 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-11] a signal that comes to the lingering run finds the post-incident flow, and what it does not take is refused there', async () => {
  const told = await story(world, {}, async (teller) => {
    await resolvedAndLingering(teller);
    const { id: incidentId } = await teller.view();
    await whisper(teller, 'acknowledge', { by: 'bo' });
    await whisper(teller, 'close', { by: 'ana' });
    const postIncident = postIncidentOf(teller, incidentId);
    expect([await postIncident.status(), (await postIncident.view()).phase]).toEqual(['RUNNING', 'closed']);
    await whisper(teller, 'close', { by: 'bo' });
    await whisper(teller, 'addNote', { by: 'eve', text: 'said too late' });
    expect((await postIncident.timeline()).timeline.slice(-4).map(({ kind, by }) => [kind, by])).toEqual([
      ['command-refused', 'bo'],
      ['closed', 'ana'],
      ['command-refused', 'bo'],
      ['note-added', 'eve'],
    ]);
    expect((await teller.view()).phase).toBe('resolved');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Fixed: done. Watching until HH:MM. Still firing: CheckoutFails.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: A fix for Checkout is in place. We are watching it.',
    '00:20 notice ana: The internal and public update is due at HH:MM. Draft: Status: monitoring. Impact: Checkout fails. Wanted: technical lead, communications lead and scribe.',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${owed()}`,
    '00:30 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[CARE-3] closed while something is left: what is left is said on the timeline and in the ticket, and nobody is reminded', async () => {
  const told = await story(world, {}, async (teller) => {
    await resolved(teller);
    const { id: incidentId } = await teller.view();
    const postIncident = postIncidentOf(teller, incidentId);
    await postIncident.say({ type: 'addActionItem', text: 'Watch the pool', owner: 'bo', due: '2030-12-01' });
    await postIncident.say({ type: 'addActionItem', text: 'Write it down' });
    await postIncident.say({ type: 'completeActionItem', item: 'A2' });
    await postIncident.say({ type: 'close', reason: 'moved to the board' });
    const left = 'Left open: the post-mortem; A1: Watch the pool, owner bo, due 2030-12-01.';
    expect((await postIncident.timeline()).timeline.at(-1)).toMatchObject({
      ...{ kind: 'closed', by: 'ana', text: `Closed: moved to the board. ${left}` },
    });
    expect(teller.ledger.tickets.at(-1)).toBe(`comment: Closed. ${left}`);
    await passAfterPostIncident(teller, 5 * 24 * 60);
  });
  expect(told.filter((line) => !line.startsWith('00:'))).toEqual([]);
});
