import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf, kinds } from '../support/doors.ts';
import { owed } from '../support/afterwards.ts';
import type { World } from '../support/story.ts';
import { createWorld, story } from '../support/story.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
/** The same alert, firing anew. */
const ANEW = { startsAt: 5_000 } as const;

test('[ALERT-5] [ALERT-10] a repeat with the same start opens and reopens nothing: in the watch, nor once it is over', async () => {
  const told = await story(world, {}, async (teller) => {
    const { pass, alerts, say, view } = teller;
    await say({ type: 'acknowledge' });
    await alerts({});
    await say({ type: 'resolve', resolution: 'done' });
    await pass(25);
    await alerts(CLEAR);
    await alerts({});
    expect((await view()).phase).toBe('monitoring');
    await pass(6);
    const over = await view();
    await alerts({});
    expect(await view()).toMatchObject({ phase: 'resolved', id: over.id, firingCount: 0 });
    await pass(5);
    expect(await kinds(teller)).toEqual([
      'declared',
      'alerts-fired',
      'paged',
      'acknowledged',
      'public-begun',
      'monitoring-started',
      'update-reminded',
      'alerts-cleared',
      'resolved',
    ]);
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

test('[LIFE-9] a new start after resolution is a new incident: it pages, and names the one whose recurrence it is', async () => {
  const told = await story(world, {}, async (teller) => {
    const { pass, alerts, say, view } = teller;
    await say({ type: 'acknowledge' });
    await say({ type: 'resolve', resolution: 'done' });
    await pass(25);
    await alerts(CLEAR);
    await pass(6);
    const first = await view();
    expect(first).toMatchObject({ phase: 'resolved', recurrenceOf: null });
    await alerts(ANEW);
    const second = await view();
    expect(second).toMatchObject({
      phase: 'declared',
      recurrenceOf: first.id,
      acknowledgedAt: null,
      firingCount: 1,
    });
    expect(second.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    await pass(1);
    const postIncident = postIncidentOf(teller, first.id);
    expect([await postIncident.status(), (await postIncident.view()).phase]).toEqual(['RUNNING', 'resolved']);
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
    '00:31 chat: INCIDENT DECLARED: Checkout fails',
    '00:31 page ana by webhook: on-call 1.1.1',
  ]);
});

test('[LIFE-10] a resolved incident lingers until 10 min after its last alert resolved; a false one as well', async () => {
  const told = await story(world, { first: [{}, { fingerprint: 'f2' }] }, async (teller) => {
    const { pass, alerts, say } = teller;
    const status = async () => (await teller.env.client.workflow.getHandle(teller.workflowId).describe()).status.name;
    await say({ type: 'acknowledge' });
    await say({ type: 'declareFalseAlarm', reason: 'a drill' });
    await pass(60);
    await alerts(CLEAR, { ...CLEAR, fingerprint: 'f2' });
    await pass(9);
    expect(await status()).toBe('RUNNING');
    await pass(2);
    expect(await status()).toBe('COMPLETED');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: False alarm, says ana: a drill',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Resolved: This was a false alarm: Checkout had no problem.',
  ]);
});

test('[ALERT-11] [LIFE-10] what is not heard of for 12 h is stale: it never counts as clear, but a run that is over forgets it', async () => {
  const told = await story(world, { opening: { severity: 'SEV4' }, first: [{ severity: 'SEV4' }] }, async (teller) => {
    const { pass, say, view } = teller;
    const status = async () => (await teller.env.client.workflow.getHandle(teller.workflowId).describe()).status.name;
    await pass(13 * 60);
    expect(await view()).toMatchObject({ phase: 'declared', firingCount: 1 });
    await teller.alerts({ severity: 'SEV4' });
    await say({ type: 'declareFalseAlarm', reason: 'a drill' });
    await pass(11 * 60);
    expect(await status()).toBe('RUNNING');
    await pass(62);
    expect(await status()).toBe('COMPLETED');
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    expect.stringMatching(/^12:00 chat: No word of CheckoutFails for 12 h/),
    '13:00 chat: False alarm, says ana: a drill',
  ]);
});
