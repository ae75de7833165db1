import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aPolicy, POLICY_WITHOUT_INACTIVITY } from '../support/builders.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[COMM-1] [COMM-2] [COMM-3] [COMM-5] [COMM-7] [COMM-8] [COMM-9] acknowledged and then silent: reminders, holding updates in fixed words, and after two the public page falls silent', async () => {
  const told = await runScenario(
    world,
    { declaration: { policy: POLICY_WITHOUT_INACTIVITY } },
    async ({ advanceMinutes, sendCommand }) => {
      await advanceMinutes(6);
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(140);
    },
  );
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:06 chat: ana has it and is incident commander.',
    '00:06 public Investigating: We are investigating a problem with Checkout.',
    '00:26 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:36 chat: UPDATE [HH:MM]',
    '00:36 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:36 public Investigating: We are still working on the problem with Checkout.',
    '00:56 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '01:06 chat: UPDATE [HH:MM]',
    '01:06 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:06 public Investigating: We are still working on the problem with Checkout.',
    '01:26 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '01:36 chat: UPDATE [HH:MM]',
    '01:36 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:36 public Investigating (renewed): We are still working on the problem with Checkout.',
    '01:56 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '02:06 chat: UPDATE [HH:MM]',
    '02:06 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '02:06 public Investigating (renewed): We are still working on the problem with Checkout.',
    '02:26 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
  ]);
});

test('[COMM-1] [COMM-3] [COMM-9] [COMM-22] nobody acknowledges: the chat hears by the internal clock, nobody is reminded, and nothing goes public', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes }) => {
    await advanceMinutes(31);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:23 page bo by webhook: repeat 1.2.2',
    '00:30 chat: ⚠ The public has been told nothing: nobody has acknowledged SEV2 "Checkout fails", and the first public entry was due at HH:MM. To tell the public now: `tocsin update INC-2026-001 --status Investigating`.',
    '00:30 chat: UPDATE [HH:MM]',
    '00:30 notice lea: The public has been told nothing: nobody has acknowledged SEV2 "Checkout fails", and the first public entry was due at HH:MM. To tell the public now: `tocsin update INC-2026-001 --status Investigating`.',
    '00:30 page eve by webhook: escalation 1.3.1',
  ]);
});

test('[COMM-6] an internal update restarts its clock, a public one both, and the public page speaks again', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand }) => {
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'assignRole', role: 'communicationsLead', person: 'bo' });
    await advanceMinutes(15);
    await sendCommand({ type: 'postUpdate', text: 'found the release', audience: 'internal' });
    await advanceMinutes(16);
    await sendCommand({ type: 'postUpdate', text: 'We found the cause.', audience: 'public', status: 'Identified' });
    await advanceMinutes(31);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: bo is communications lead.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 notice bo: You are communications lead of SEV2 "Checkout fails".\n(Assigned by ana.)',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:15 chat: UPDATE [HH:MM]',
    '00:20 notice bo: The public update is due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead and scribe.',
    '00:30 notice ana: The public update due at HH:MM was missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:30 notice bo: The public update due at HH:MM was missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:30 public Investigating: We are still working on the problem with Checkout.',
    '00:31 chat: UPDATE [HH:MM]',
    '00:31 public Identified: We found the cause.',
    '00:51 notice bo: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead and scribe.',
    '01:01 chat: UPDATE [HH:MM]',
    '01:01 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:01 notice bo: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:01 public Identified: We are still working on the problem with Checkout.',
  ]);
});

test('[COMM-3] `first: auto` publishes without waiting for an acknowledgement', async () => {
  const declaration = { policy: aPolicy({ firstPublicEntry: 'auto' }) };
  const told = await runScenario(world, { declaration }, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(1);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:01 chat: ana has it and is incident commander.',
  ]);
});

test('[COMM-4] raised to SEV2 after the acknowledgement, the public hears 15 min after the change', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async ({ advanceMinutes, sendCommand }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(25);
      await sendCommand({ type: 'setSeverity', severity: 'SEV2', reason: 'half of the requests fail' });
      await advanceMinutes(16);
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:25 chat: Severity SEV3 → SEV2: half of the requests fail',
    '00:30 notice ana: The internal update is due at HH:MM: `tocsin update INC-2026-001 --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:40 chat: UPDATE [HH:MM]',
    '00:40 notice ana: The internal update due at HH:MM was missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --text "…"`.',
    '00:40 public Investigating: We are investigating a problem with Checkout.',
  ]);
});

test('[COMM-4] a person who publishes sooner begins the public clock', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async ({ advanceMinutes, sendCommand }) => {
      await sendCommand({ type: 'acknowledge' });
      await sendCommand({ type: 'setSeverity', severity: 'SEV2', reason: 'half of the requests fail' });
      await sendCommand({ type: 'postUpdate', text: 'Payments fail for some.', audience: 'public' });
      await advanceMinutes(31);
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 chat: Severity SEV3 → SEV2: half of the requests fail',
    '00:00 chat: UPDATE [HH:MM]',
    '00:00 public Investigating: Payments fail for some.',
    '00:20 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:30 chat: UPDATE [HH:MM]',
    '00:30 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:30 public Investigating: We are still working on the problem with Checkout.',
  ]);
});
