/** A SEV2 as the runbook wants it worked: roles, impact, decision, hand-over, and words for everyone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ChatPost } from '../../activities/ports.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[LIFE-18] [LIFE-19] [ROLE-1] [IMPACT-1] [IMPACT-2] [COMM-10] responders are asked, told and reminded of what the runbook asks for', async () => {
  const posts: ChatPost[] = [];
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const ports = { ...ledger.ports, chat: { post: async (post: ChatPost) => void posts.push(post) } };
  await runScenario(world, { ports }, async ({ sendCommand, advanceMinutes, view }) => {
    const said = (about: string): string => posts.findLast((post) => post.about === about)?.text ?? '';
    await sendCommand({ type: 'acknowledge' });
    for (const part of [
      'Is it real?',
      'Needed: technical (operations) lead, communications lead and scribe.',
      'Restore service first',
    ])
      expect(said('acknowledged')).toContain(part);

    expect(await sendCommand({ type: 'assessImpact', summary: 'Something with checkout' })).toMatchObject({
      text: expect.stringMatching(/roll back/),
    });
    expect(
      await sendCommand({ type: 'assessImpact', summary: 'Orders are lost', dataLoss: true, scope: 'subset' }),
    ).toMatchObject({ text: expect.stringMatching(/SEV1/) });
    await sendCommand({ type: 'setSeverity', severity: 'SEV1', reason: 'orders are lost' });
    expect((await view()).impact).toEqual({
      ...{ summary: 'Orders are lost', scope: 'subset', usersAffected: null, dataLoss: true, revenueLost: null },
    });

    await sendCommand({ type: 'assignRole', role: 'technicalLead', person: 'bo' });
    await sendCommand({ type: 'decideMitigation', decision: 'rollback', reason: 'the release of today' });
    expect(said('mitigation-decided')).toMatch(/check health and data integrity/);
    await sendCommand({ type: 'assignRole', role: 'ic', person: 'eve' });
    await advanceMinutes(1);

    // Every word that promises nothing new by itself still says when the next one comes.
    for (const about of ['declared', 'acknowledged', 'mitigation-decided'])
      expect(said(about)).toMatch(/Next update: /i);
    await advanceMinutes(20);
  });
  const notices = ledger.pages.filter(({ kind }) => kind === 'notification');
  const handOver = notices.find(({ to, reason }) => to === 'eve' && reason === 'role-assigned')?.text ?? '';
  for (const part of ['SEV1', 'Orders are lost', 'rollback', 'by ana']) expect(handOver).toContain(part);
  expect(notices.find(({ to }) => to === 'bo')?.text).toContain('technical lead');
  expect(notices.find(({ to, reason }) => to === 'eve' && reason === 'update-reminded')?.text).toContain(
    'Needed: communications lead and scribe.',
  );
});
