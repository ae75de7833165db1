/** Two incidents that become one, each in its own workflow: what is outward of both stands in one ledger. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CommandAnswer } from '../../workflows/contract.ts';
import {
  postIncidentWorkflowId,
  ALERTS_SIGNAL,
  INCIDENT_QUERY,
  INCIDENT_WORKFLOW,
  TASK_QUEUES,
} from '../../workflows/contract.ts';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { anAlertBatch, anAlert, aDeclaration } from '../support/builders.ts';
import { refusalOf, sendRawSignal } from '../support/scenario-commands.ts';
import { waitUntilSettled } from '../support/settle.ts';
import type { TestCommand, ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const INCIDENT_IDS = new Map<string, number>();

/** Another incident in the same story, with an alert of its own firing. */
async function another(driver: ScenarioDriver, over: Partial<Declaration> = {}) {
  const n = (INCIDENT_IDS.get(driver.workflowId) ?? 0) + 1;
  INCIDENT_IDS.set(driver.workflowId, n);
  const { env, ledger } = driver;
  const workflowId = `${driver.workflowId}-other-${n}`;
  const incidentId = `${workflowId}-incident`;
  const opening = aDeclaration({ title: 'Search is slow', component: 'Search', ...over, workflowId, incidentId });
  const handle = await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
    ...{ workflowId, taskQueue: TASK_QUEUES.incidents, args: [{ declaration: opening }] },
    ...{
      signal: ALERTS_SIGNAL,
      signalArgs: [
        anAlertBatch([anAlert({ fingerprint: workflowId, severity: opening.severity })], {
          receivedAt: await env.currentTimeMs(),
        }),
      ],
    },
  });
  const settle = async (): Promise<void> => {
    await waitUntilSettled(env, [workflowId, postIncidentWorkflowId(incidentId)], ledger);
    await driver.settle();
  };
  await settle();
  return {
    workflowId,
    incidentId,
    settle,
    view: () => handle.query<IncidentView>(INCIDENT_QUERY),
    alerts: async (...alerts: readonly Partial<AlertReport>[]) => {
      await handle.signal(
        ALERTS_SIGNAL,
        anAlertBatch(
          alerts.map((alert) => anAlert({ fingerprint: workflowId, ...alert })),
          { receivedAt: await env.currentTimeMs() },
        ),
      );
      await settle();
    },
    say: async ({ type, by = 'bo', ...command }: TestCommand) => {
      const answer = await handle.executeUpdate<CommandAnswer, [unknown]>(type, { args: [{ by, ...command }] });
      await settle();
      return answer;
    },
    end: async () => {
      const ids = [workflowId, postIncidentWorkflowId(incidentId)];
      for (const id of ids)
        await env.client.workflow
          .getHandle(id)
          .terminate()
          .catch(() => undefined);
    },
  };
}

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

test('[LIFE-22] merged, the target has its alerts, and their clear together with its own ends it', async () => {
  const told = await runScenario(world, { declaration: { severity: 'SEV2' } }, async (driver) => {
    const { advanceMinutes, sendCommand, view, sendAlerts, workflowId } = driver;
    await sendCommand({ type: 'acknowledge' });
    const other = await another(driver);
    await advanceMinutes(2);
    expect(await other.say({ type: 'merge', into: workflowId, requestId: 'm1' })).toMatchObject({
      changed: true,
      text: 'Merged into INC-2026-001.',
      phase: 'closed',
    });
    expect(await other.say({ type: 'merge', into: workflowId, requestId: 'm1' })).toMatchObject({ changed: true });
    expect(await other.view()).toMatchObject({ outcome: 'merged', mergedInto: 'INC-2026-001' });
    // Nobody had answered for the other one, so somebody must here.
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge', by: 'bo', incidentId: other.incidentId });
    await sendAlerts(CLEAR);
    expect((await view()).phase).toBe('investigating');
    await other.alerts(CLEAR);
    expect((await view()).phase).toBe('monitoring');
    await other.alerts({ startsAt: 5_000 });
    expect((await view()).phase).toBe('mitigating');
    await sendCommand({ type: 'resolve', resolution: 'scaled up', ignoreAlerts: [other.workflowId] });
    await advanceMinutes(31);
    await other.settle();
    expect((await view()).phase).toBe('resolved');
    // From now on it stands for itself.
    expect(await refusalOf(driver, { type: 'reopen', reason: 'again' }, other.workflowId)).toMatchObject({
      reason: 'a closed incident cannot be reopened: declare a new one (tocsin declare)',
    });
    await other.alerts({ startsAt: 5_000 });
    expect((await other.view()).phase).toBe('closed');
    await other.alerts({ startsAt: 9_000 });
    expect(await other.view()).toMatchObject({ phase: 'declared', mergedInto: null });
    await other.end();
  });
  // What its post-incident flow says is told in the stories of the post-incident flow.
  expect(told.filter((line) => !line.includes('post-mortem'))).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 chat: INCIDENT DECLARED: Search is slow',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:02 chat: bo merged this into INC-2026-001. Follow it there.',
    '00:02 chat: INC-2026-002 was merged into this. Its alerts count here from now on.',
    '00:02 chat: Nobody has acknowledged INC-2026-002: somebody has to acknowledge here.',
    '00:02 notice ana: bo merged this into INC-2026-001. Follow it there.',
    '00:02 page ana by webhook: on-call 2.1.1',
    '00:03 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:03 chat: bo has it.',
    '00:03 chat: Fixed: scaled up. Monitoring until HH:MM.',
    '00:03 chat: It is back: Checkout fails.',
    '00:03 notice ana: bo has it.',
    '00:03 page ana by webhook: recurrence 3.0.1',
    '00:03 public Investigating: The problem with Checkout is back. We are working on it.',
    '00:03 public Monitoring: A fix for Checkout is in place. We are monitoring it.',
    '00:03 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:33 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    '00:33 public Resolved: The problem with Checkout is resolved.',
    '00:34 chat: INCIDENT DECLARED: Checkout fails',
    '00:34 page ana by webhook: on-call 1.1.1',
  ]);
});

test('[LIFE-22] both acknowledged, nobody is paged; news of the merged one is news of the target; reopened, its alerts come home', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async (driver) => {
      const { sendCommand, view, workflowId } = driver;
      await sendCommand({ type: 'acknowledge' });
      const other = await another(driver, { severity: 'SEV3' });
      await other.say({ type: 'acknowledge' });
      await other.say({ type: 'merge', into: workflowId });
      await driver.advanceMinutes(5);
      await other.alerts({ fingerprint: 'worse', severity: 'SEV2', title: 'Search is down' });
      expect(await view()).toMatchObject({ severity: 'SEV2', alertCount: 3 });
      expect(await other.say({ type: 'reopen', reason: 'another cause' })).toMatchObject({ phase: 'mitigating' });
      expect(await view()).toMatchObject({ severity: 'SEV2', alertCount: 1 });
      expect(await other.view()).toMatchObject({ alertCount: 2, mergedInto: null, outcome: null });
      await other.end();
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: bo has it and is incident commander.',
    '00:00 chat: bo merged this into INC-2026-001. Follow it there.',
    '00:00 chat: INC-2026-002 was merged into this. Its alerts count here from now on.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 chat: INCIDENT DECLARED: Search is slow',
    '00:05 chat: INC-2026-002 was reopened and took its alerts back.',
    '00:05 chat: Reopened by bo: another cause',
    '00:05 chat: Severity SEV3 → SEV2: Search is down is SEV2',
    '00:05 page ana by webhook: severity-raised 1.0.1',
  ]);
});

test('[LIFE-22] refused: into itself, into nobody, into what is closed; a signal is refused on the timeline; each into the other', async () => {
  await runScenario(world, {}, async (driver) => {
    const { sendCommand, view, timeline, workflowId } = driver;
    const other = await another(driver);
    expect(await refusalOf(driver, { type: 'merge', into: workflowId })).toMatchObject({
      reason: 'an incident cannot be merged into itself',
    });
    expect(await refusalOf(driver, { type: 'merge', into: 'inc-nobody' })).toMatchObject({
      reason: 'there is no open incident of that id',
      phase: 'declared',
    });
    await other.say({ type: 'declareFalseAlarm', reason: 'a load test' });
    await sendRawSignal(driver, 'merge', { by: 'ana', into: other.workflowId });
    await until(async () => (await timeline()).timeline.at(-1)?.kind === 'merge-refused', 10_000);
    expect((await timeline()).timeline.at(-1)?.text).toContain('that one is closed: declare a new one');

    const third = await another(driver);
    const client = driver.env.client.workflow;
    await Promise.all([
      client.getHandle(workflowId).signal('merge', { by: 'ana', into: third.workflowId }),
      client.getHandle(third.workflowId).signal('merge', { by: 'bo', into: workflowId }),
    ]);
    await third.settle();
    const closed = [await view(), await third.view()].filter(({ outcome }) => outcome === 'merged');
    expect(closed.length).toBeLessThanOrEqual(1);
    if (closed.length === 0) await sendCommand({ type: 'merge', into: third.workflowId });
    await other.end();
    await third.end();
  });
});

test('[LIFE-22] a chain follows to its root, and who waits there is told when it is over', async () => {
  await runScenario(world, {}, async (driver) => {
    const { sendCommand, view, workflowId } = driver;
    const [first, second] = [await another(driver), await another(driver, { title: 'Mail is slow' })];
    await second.say({ type: 'merge', into: first.workflowId });
    await first.say({ type: 'merge', into: workflowId });
    await second.settle();
    const third = await another(driver, { title: 'Login is slow' });
    await third.say({ type: 'merge', into: second.workflowId });
    const numbers = [first, second, third].map(async (one) => (await one.view()).mergedInto);
    expect(new Set(await Promise.all(numbers)).size).toBe(1);
    expect(await view()).toMatchObject({ alertCount: 4, phase: 'declared' });
    await sendCommand({ type: 'declareFalseAlarm', reason: 'a load test' });
    for (const one of [first, second, third]) {
      await one.settle();
      expect((await one.view()).mergedTo).toMatchObject({ workflowId, isOver: true });
      await one.end();
    }
  });
});
