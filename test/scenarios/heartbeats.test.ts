/** Dead-man's switches in skipped time: what their silence declares, and what it must not. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { aHeartbeat, runHeartbeatScenario } from '../support/heartbeat-scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const pages = (lines: readonly string[]): string[] => lines.filter((line) => line.includes(' page '));

test('[ALERT-14] [HEART-1] it beats, falls silent, is declared and paged when the grace is over; it beats again, and the alert is clear', async () => {
  const told = await runHeartbeatScenario(
    world,
    {},
    async ({ advanceMinutes, beat, incident, incidentOrNull, heartbeatState }) => {
      for (let n = 0; n < 3; n += 1) {
        await beat();
        await advanceMinutes(5);
      }
      expect(await incidentOrNull()).toBeNull();
      await advanceMinutes(4);
      expect(await incidentOrNull()).toBeNull();
      await advanceMinutes(2);
      const silent = await incident();
      expect(silent).toMatchObject({ title: 'Watchdog has fallen silent', severity: 'SEV2', phase: 'declared' });
      expect(silent.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
      expect(silent.alerts).toMatchObject([{ fingerprint: 'heartbeat:Watchdog', status: 'firing' }]);
      expect(silent.alerts[0]?.labels).toEqual({
        alertname: 'HeartbeatMissed',
        heartbeat: 'Watchdog',
        service: 'payments',
      });
      await advanceMinutes(3);
      await beat();
      const back = await incident();
      expect(back).toMatchObject({ id: silent.id, phase: 'monitoring', alerts: [{ status: 'resolved' }] });
      expect(back.alerts[0]?.startsAt).toBe(silent.alerts[0]?.startsAt);
      expect((await heartbeatState()).missed).toBeNull();
    },
  );
  // Its last beat was at 00:10.
  expect(pages(told)).toEqual(['00:20 page ana by webhook: on-call 1.1.1']);
});

test('[HEART-1] one that never beat is silent from when it was first listened for; its second silence meets the same incident', async () => {
  const told = await runHeartbeatScenario(world, {}, async ({ advanceMinutes, beat, incident }) => {
    await advanceMinutes(11);
    await beat();
    expect(await incident()).toMatchObject({ phase: 'monitoring' });
    await advanceMinutes(11);
    expect(await incident()).toMatchObject({ phase: 'declared', alertCount: 1 });
  });
  expect(pages(told)).toEqual([
    '00:10 page ana by webhook: on-call 1.1.1',
    '00:21 page ana by webhook: recurrence 1.1.2',
  ]);
});

test('[HEART-2] beats that could not arrive raise no alarm: silence counts from when somebody listens again', async () => {
  const told = await runHeartbeatScenario(
    world,
    {},
    async ({ advanceMinutes, beat, stopListening, startListening, incident, incidentOrNull }) => {
      await beat();
      await advanceMinutes(3);
      stopListening();
      await advanceMinutes(180);
      expect(await incidentOrNull()).toBeNull();
      await startListening();
      await advanceMinutes(9);
      expect(await incidentOrNull()).toBeNull();
      await advanceMinutes(2);
      expect(await incident()).toMatchObject({ phase: 'declared' });
    },
  );
  expect(pages(told)).toEqual(['03:13 page ana by webhook: on-call 1.1.1']);
});

test('[HEART-2] a new rhythm counts from its beginning, and a new team gets what is silent from then on', async () => {
  const told = await runHeartbeatScenario(
    world,
    { everyMs: 3_600_000, graceMs: 3_600_000 },
    async ({ advanceMinutes, startListening, beat, setting, incident, heartbeatState }) => {
      await beat();
      await advanceMinutes(30);
      const declaration = {
        ...setting.declaration,
        team: 'data',
        workflowId: `${setting.declaration.workflowId}-data`,
      };
      await startListening(aHeartbeat({ declaration }));
      await advanceMinutes(9);
      expect((await heartbeatState()).missed).toBeNull();
      await advanceMinutes(2);
      expect(await incident(declaration.workflowId)).toMatchObject({ team: 'data', phase: 'declared' });
      await incidentIsOver(declaration.workflowId);
    },
  );
  expect(pages(told)).toEqual(['00:40 page ana by webhook: on-call 1.1.1']);
});

test('[HEART-3] five hundred beats hand over to a fresh history, which still knows when the last one was', async () => {
  const told = await runHeartbeatScenario(world, {}, async ({ beat, advanceMinutes, handle, incident }) => {
    const first = (await handle.describe()).runId;
    await Promise.all(Array.from({ length: 520 }, () => handle.signal('beat', { at: 1, since: 1 })));
    await beat();
    await until(async () => (await handle.describe()).runId !== first, 10_000);
    const { historyLength } = await handle.describe();
    expect(historyLength).toBeLessThan(500);
    await advanceMinutes(11);
    expect(await incident()).toMatchObject({ phase: 'declared' });
  });
  expect(pages(told)).toHaveLength(1);
});

test('[HEART-4] one that no server has known for a day ends by itself, without a word', async () => {
  const told = await runHeartbeatScenario(world, {}, async ({ advanceMinutes, beat, stopListening, handle }) => {
    await beat();
    stopListening();
    await advanceMinutes(1);
    await world.env.sleep('25 hours');
    expect((await handle.describe()).status.name).toBe('COMPLETED');
  });
  expect(told).toEqual([]);
});

/** What a story does not know of, it does not end. */
async function incidentIsOver(workflowId: string): Promise<void> {
  await world.env.client.workflow.getHandle(workflowId).terminate('the scenario is over');
}
