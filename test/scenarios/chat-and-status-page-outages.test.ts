import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

test('[COMM-17] [PAGE-30] chat down for an hour: pages leave at 00:00, and what was missed is told later, once and in order', async () => {
  let down = true;
  const posts: string[] = [];
  const told = await runScenario(
    world,
    { failures: { chatDown: () => down } },
    async ({ advanceMinutes, sendCommand, timeline, ledger }) => {
      await advanceMinutes(5);
      await sendCommand({ type: 'acknowledge' });
      await sendCommand({ type: 'addNote', text: 'looking' });
      await advanceMinutes(55);
      expect(ledger.told().filter((text) => text.startsWith('chat:'))).toEqual([]);
      down = false;
      await advanceMinutes(2);
      posts.push(...ledger.told().filter((text) => text.startsWith('chat:')));
      const failures = (await timeline()).timeline.filter(({ kind }) => kind === 'notification-failed');
      expect(failures.map(({ text }) => text)).toEqual(['Could not deliver the posts yet: chat: HTTP 503']);
    },
  );
  expect(posts).toEqual([
    'chat: INCIDENT DECLARED: Checkout fails',
    'chat: ana has it and is incident commander.',
    'chat: UPDATE [HH:MM]',
  ]);
  expect(told).toEqual([
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:05 public Investigating: We are investigating a problem with Checkout.',
    '00:25 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:35 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:35 public Investigating: We are still working on the problem with Checkout.',
    '00:55 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '01:00 chat: ana has it and is incident commander.',
    '01:00 chat: INCIDENT DECLARED: Checkout fails',
    '01:00 chat: UPDATE [HH:MM]',
  ]);
});

test('[COMM-17] the status page down for an hour holds up nobody else, and the public hears everything in order', async () => {
  let down = true;
  const entries: string[] = [];
  const told = await runScenario(
    world,
    { failures: { statusPageDown: () => down } },
    async ({ advanceMinutes, sendCommand, sendAlerts, ledger }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(5);
      await sendAlerts(CLEAR);
      await sendCommand({ type: 'resolve', resolution: 'restarted' });
      await advanceMinutes(55);
      down = false;
      await advanceMinutes(2);
      entries.push(...ledger.told().filter((text) => text.startsWith('public')));
    },
  );
  expect(entries.map((entry) => entry.split(':')[0])).toEqual([
    'public Investigating',
    'public Monitoring',
    'public Resolved',
  ]);
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:35 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:35 ${postmortemNotice()}`,
    '01:00 public Investigating: We are investigating a problem with Checkout.',
    '01:00 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '01:00 public Resolved: The problem with Checkout is resolved.',
  ]);
});
