import { POLICY_WITHOUT_INACTIVITY } from '../support/builders.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TimelineView } from '../../domain/engine/view.ts';
import { TIMELINE_QUERY } from '../../workflows/contract.ts';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

/** Events of the incident's newest run by type, most frequent first, and their sum. */
async function eventsOf({ env, workflowId }: ScenarioDriver): Promise<{ table: string; total: number }> {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  const counts = new Map<string, number>();
  for (const event of events ?? []) {
    const key = Object.keys(event).find(
      (name) => name.endsWith('EventAttributes') && event[name as keyof typeof event],
    );
    const name = key?.replace('EventAttributes', '') ?? 'other';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const total = events?.length ?? 0;
  const rows = [...counts].sort(([, a], [, b]) => b - a).map(([name, n]) => `${String(n).padStart(4)} ${name}`);
  return { table: [...rows, `${String(total).padStart(4)} in all`].join('\n'), total };
}

test('[REC-1] the timeline tells everything that happened, in order, with time and person', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, timeline }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'assignRole', role: 'scribe', person: 'bo' });
    await advanceMinutes(1);
    await sendCommand({ type: 'addNote', by: 'bo', text: 'the release at noon?' });
    await sendCommand({ type: 'decideMitigation', decision: 'rollback', reason: 'the release at noon' });
    await advanceMinutes(1);
    await sendCommand({ type: 'reportMitigation', outcome: 'worked', text: 'error rate falls' });
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'rolled back' });
    await advanceMinutes(31);
    const record = await timeline();
    const since = Date.parse(record.timeline[0]?.at ?? '');
    expect(record.cut).toBe(0);
    expect(record.timeline.map(({ seq }) => seq)).toEqual(record.timeline.map((_, i) => i + 1));
    expect(
      record.timeline.map(
        ({ at, by, kind, text }) => `+${Math.round((Date.parse(at) - since) / 60_000)} ${by ?? '-'} ${kind}: ${text}`,
      ),
    ).toEqual([
      '+0 - declared: Declared by alertmanager: SEV2 "Checkout fails" for team platform',
      '+0 - alerts-fired: 1 alert firing: Checkout fails',
      '+0 - paged: Paged ana by webhook.',
      '+1 ana acknowledged: ana has it',
      '+1 - public-communication-started: First public entry: SEV2 acknowledged',
      '+1 ana role-assigned: bo is scribe (assigned by ana)',
      '+2 bo note-added: the release at noon?',
      '+2 ana mitigation-decided: ana decided to roll back: the release at noon',
      '+3 ana mitigation-reported: Mitigation worked: error rate falls',
      '+3 - alerts-cleared: 1 alert resolved',
      '+3 - monitoring-started: All alerts have cleared; monitoring',
      '+3 ana resolve-confirmed: ana confirmed: rolled back',
      '+33 - resolved: Resolved',
    ]);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:01 chat: ana has it and is incident commander.',
    '00:01 chat: bo is scribe.',
    '00:01 notice bo: You are scribe of SEV2 "Checkout fails".\n(Assigned by ana.)',
    '00:01 public Investigating: We are investigating a problem with Checkout.',
    '00:02 chat: ana decided to roll back: the release at noon',
    '00:02 public Investigating: We are restoring service, and still investigating the problem with Checkout.',
    '00:03 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:03 chat: ana: the rollback worked: error rate falls.',
    '00:03 public Monitoring: A fix for Checkout is in place. We are monitoring it.',
    '00:33 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:33 ${postmortemNotice()}`,
    '00:33 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[REC-2] the run keeps the last lines and what the records lack; a query says how many came before', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const handle = driver.env.client.workflow.getHandle(driver.workflowId);
    for (let n = 0; n < 60; n += 1) await handle.signal('addNote', { by: 'ana', text: `${n} ${'x'.repeat(3_000)}` });
    await driver.settle();
    const { timeline, cut } = await handle.query<TimelineView>(TIMELINE_QUERY);
    expect([cut, timeline.length, timeline[0]?.seq]).toEqual([13, 50, 14]);
    expect(timeline.at(-1)?.text).toMatch(/^59 x+…$/);
    expect((await driver.view()).seq).toBe(63);
    // The records have every line; the story's teller joins the two.
    const whole = await driver.timeline();
    expect(whole.timeline.map(({ seq }) => seq)).toEqual(Array.from({ length: 63 }, (_, i) => i + 1));
  });
  expect(told).toEqual(['00:00 chat: INCIDENT DECLARED: Checkout fails', '00:00 page ana by webhook: on-call 1.1.1']);
});

test('a SEV2 with one method, acknowledged at +1 and resolved at +5 by people, watched to its end, costs at most 140 events', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts } = driver;
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(4);
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'restarted' });
    await advanceMinutes(60);
    const { table, total } = await eventsOf(driver);
    console.info(table);
    expect(total).toBeLessThanOrEqual(140);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:01 chat: ana has it and is incident commander.',
    '00:01 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:35 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:35 ${postmortemNotice()}`,
    '00:35 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('with its one reminder and one cadence round it still costs at most 140 events, and each further half hour at most 24', async () => {
  const told = await runScenario(world, { declaration: { policy: POLICY_WITHOUT_INACTIVITY } }, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts } = driver;
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(31);
    const once = await eventsOf(driver);
    await advanceMinutes(30);
    const twice = await eventsOf(driver);
    await advanceMinutes(30);
    const thrice = await eventsOf(driver);
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'restarted' });
    await advanceMinutes(60);
    const whole = await eventsOf(driver);
    const rounds = [twice.total - once.total, thrice.total - twice.total];
    console.info(`${whole.table}\nrounds: ${rounds.join(', ')}`);
    // Two wake-ups, the reminder and the update: each is a timer, a task, a call, and a task that takes in its answer.
    expect(Math.max(...rounds)).toBeLessThanOrEqual(24);
    expect(whole.total - rounds.reduce((a, b) => a + b)).toBeLessThanOrEqual(140);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:01 chat: ana has it and is incident commander.',
    '00:01 public Investigating: We are investigating a problem with Checkout.',
    '00:21 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:31 chat: UPDATE [HH:MM]',
    '00:31 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:31 public Investigating: We are still working on the problem with Checkout.',
    '00:51 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '01:01 chat: UPDATE [HH:MM]',
    '01:01 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:01 public Investigating: We are still working on the problem with Checkout.',
    '01:21 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '01:31 chat: UPDATE [HH:MM]',
    '01:31 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:31 public Investigating (renewed): We are still working on the problem with Checkout.',
    '01:32 chat: All alerts have cleared. Monitoring until HH:MM.',
    '01:32 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '02:02 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `02:02 ${postmortemNotice()}`,
    '02:02 public Resolved: The problem with Checkout is resolved.',
  ]);
});
