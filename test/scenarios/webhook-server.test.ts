/** What the doors promise, with a whole webhook server before the incident: nothing is lost, and nobody is misled. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { IncidentView } from '../../domain/engine/view.ts';
import { WITHDRAW_SIGNAL } from '../../workflows/contract.ts';
import {
  runServerScenario,
  serverScenarioYaml,
  SCENARIO_SENDER_TOKEN,
  type ServerScenarioDriver,
} from '../support/server-scenario.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { base } from '../webhook-server/support/test-http-server.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const DECLARED = '00:00 chat: INCIDENT DECLARED: Db is down';
const ASKS =
  'deploy-bot acknowledged. ⚠ Nobody is incident commander: `tocsin assign INC-2026-001 ic NAME`, or `tocsin ack INC-2026-001 --as NAME`.';
const PAGED = '00:00 page ana by webhook: on-call 1.1.1';

interface Group {
  readonly severity?: string;
  readonly over?: object;
}

/** Sends one alert of a group, as Alertmanager does; answers the workflow ids of what was told. */
async function sent({ post }: ServerScenarioDriver, name: string, { severity = 'critical', over = {} }: Group = {}) {
  const labels = { alertname: name, severity };
  const alert = { labels, annotations: { summary: `${name} is down` }, fingerprint: name, ...over };
  const answer = await post(
    '/webhooks/alertmanager',
    base({ groupKey: `{}:{alertname="${name}"}` }, alert),
    SCENARIO_SENDER_TOKEN,
  );
  expect(answer.status).toBe(202);
  return (answer.json['incidents'] as { workflowId: string }[]).map(({ workflowId }) => workflowId);
}

/** An incident that has just paged ana; answers how to speak to it. */
async function alarmed(driver: ServerScenarioDriver, name = 'Db') {
  const [id = ''] = await sent(driver, name);
  return {
    id,
    say: (word: string, body: object = {}, { token, key }: { token?: string; key?: string } = {}) =>
      driver.post(`/api/v1/incidents/${id}/${word}`, body, token, key),
    view: async () => (await driver.get(`/api/v1/incidents/${id}`)).json as unknown as IncidentView,
    kinds: async () =>
      ((await driver.get(`/api/v1/incidents/${id}/timeline`)).json['timeline'] as { kind: string }[]).map(
        (l) => l.kind,
      ),
  };
}

test('[ALERT-8] Temporal is away: taken within 5 s, for the spool has it, and paged when Temporal is back, with how late it is', async () => {
  const told = await runServerScenario(world, {}, async (driver) => {
    await driver.setTemporalReachable(false);
    const answer = await driver.post('/webhooks/alertmanager', base(), SCENARIO_SENDER_TOKEN);
    expect(answer.status).toBe(202);
    expect(answer.ms).toBeLessThan(5_000);
    await driver.advanceMinutes(10);
    expect(driver.ledger.count()).toBe(0);
    await driver.setTemporalReachable(true);
    await driver.post('/webhooks/alertmanager', base(), SCENARIO_SENDER_TOKEN);
    await driver.advanceMinutes(1);
    expect(driver.ledger.pages[0]?.text).toMatch(/late/);
  });
  expect(told).toEqual(['00:10 chat: INCIDENT DECLARED: Down: It is down', '00:10 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-8] neither Temporal nor the disk has it: the sender is told to come again, and is heard when it does', async () => {
  const told = await runServerScenario(world, { noSpool: true }, async (driver) => {
    await driver.setTemporalReachable(false);
    const answer = await driver.post('/webhooks/alertmanager', base(), SCENARIO_SENDER_TOKEN);
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.ms).toBeLessThan(5_000);
    await driver.setTemporalReachable(true);
    await driver.advanceMinutes(10);
    expect(driver.ledger.count()).toBe(0);
    expect(await driver.post('/webhooks/alertmanager', base(), SCENARIO_SENDER_TOKEN)).toMatchObject({ status: 202 });
    await driver.advanceMinutes(1);
  });
  expect(told).toEqual(['00:10 chat: INCIDENT DECLARED: Down: It is down', '00:10 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-15] beyond the limit of a minute groups join one storm as bad as the worst of them, a SEV1 never; repeats go to the storm, what clears to both', async () => {
  const yaml = serverScenarioYaml({ more: 'storm: { newIncidentsPerMinute: 2 }\n' });
  const told = await runServerScenario(world, { yaml }, async (driver) => {
    const own = [...(await sent(driver, 'a')), ...(await sent(driver, 'b'))];
    expect(new Set(own).size).toBe(2);
    const STORM = ['storm-platform'];
    expect(await sent(driver, 'c', { severity: 'warning' })).toEqual(STORM);
    expect(await sent(driver, 'd')).toEqual(STORM);
    const [grave = ''] = await sent(driver, 'e', { severity: 'emergency' });
    expect(grave).not.toBe('storm-platform');
    expect(await sent(driver, 'd')).toEqual(STORM);
    await driver.advanceMinutes(1);
    const look = async (id: string) => (await driver.get(`/api/v1/incidents/${id}`)).json;
    expect(await look('storm-platform')).toMatchObject({ severity: 'SEV2', firingCount: 2 });
    // A group of the storm gets worse: it has an incident of its own besides, and what clears clears in both.
    const [worse = ''] = await sent(driver, 'd', { severity: 'emergency' });
    const over = { status: 'resolved', endsAt: new Date().toISOString() };
    expect((await sent(driver, 'd', { over })).sort()).toEqual([worse, ...STORM].sort());
    expect(await look('storm-platform')).toMatchObject({ firingCount: 1 });
    expect(await look(worse)).toMatchObject({ severity: 'SEV1', firingCount: 0, phase: 'monitoring' });
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: a is down',
    '00:00 chat: INCIDENT DECLARED: b is down',
    '00:00 chat: INCIDENT DECLARED: e is down',
    '00:00 chat: INCIDENT DECLARED: Storm of alerts for platform',
    '00:00 chat: Severity SEV3 → SEV2: d is down is SEV2',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 page ana by webhook: severity-raised 1.1.1',
    '00:00 page bo by webhook: leadership 1.0.1',
    '00:01 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:01 chat: INCIDENT DECLARED: d is down',
    '00:01 notice ana: Cleared by itself.',
    '00:01 notice bo: Cleared by itself.',
    '00:01 page ana by webhook: on-call 1.1.1',
    '00:01 page bo by webhook: leadership 1.0.1',
  ]);
});

test('[CMD-7] no worker: an acknowledgement and a note are kept and count once, anything else is refused within seconds; a withdrawn command is not done', async () => {
  const told = await runServerScenario(world, { withoutWorkflowCache: true }, async (driver) => {
    const [first, second, third] = [await alarmed(driver, 'A'), await alarmed(driver, 'B'), await alarmed(driver, 'C')];
    await driver.stopWorkers();
    const answers = await Promise.all([
      first.say('acknowledge'),
      second.say('add-note', { text: 'the pool is full' }),
      third.say('decide-mitigation', { decision: 'rollback' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 503]);
    expect(answers[0]?.json).toMatchObject({ pending: true });
    expect(answers[2]?.json).toMatchObject({ detail: expect.stringMatching(/^decideMitigation was not taken/) });
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(5_000);
    await driver.startWorkers();
    const heard = [await first.kinds(), await second.kinds(), await third.kinds()].map((kinds) => kinds.slice(3));
    expect(heard).toEqual([['acknowledged', 'public-communication-started'], ['note-added'], []]);
    // This server hands an update over before the signal that withdraws it; edge-outage.test.ts has them in their order.
    const run = world.env.client.workflow.getHandle(third.id);
    await run.signal(WITHDRAW_SIGNAL, 'u1');
    await driver.settle();
    const args: [object] = [{ by: 'ana', severity: 'SEV1', reason: 'all of it' }];
    const raised = run.executeUpdate('setSeverity', { updateId: 'u1', args });
    await expect(raised).rejects.toThrow(WorkflowUpdateFailedError);
    expect(await third.view()).toMatchObject({ severity: 'SEV2', phase: 'declared' });
    await driver.advanceMinutes(8);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: A is down',
    '00:00 chat: INCIDENT DECLARED: B is down',
    '00:00 chat: INCIDENT DECLARED: C is down',
    PAGED,
    PAGED,
    PAGED,
    '00:00 public Investigating: We are investigating a problem with our services.',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:08 page ana by webhook: repeat 1.1.2',
  ]);
});

test('[CMD-8] Temporal is away: who declares is told that nobody was paged, and nothing is kept; said again it is one incident', async () => {
  const told = await runServerScenario(world, {}, async (driver) => {
    const declare = () =>
      driver.post('/api/v1/incidents', { title: 'It is down', severity: 'SEV2', service: 'payments' }, undefined, 'k1');
    await driver.setTemporalReachable(false);
    // Before the server has noticed, it can only say that it does not know.
    await until(async () => (await driver.get('/readyz')).json.temporal === 'down', 60_000);
    const answer = await declare();
    expect(answer).toMatchObject({ status: 503, json: { detail: expect.stringMatching(/nobody was paged/) } });
    await driver.setTemporalReachable(true);
    await until(async () => (await driver.get('/readyz')).json.temporal === 'up', 60_000);
    await driver.advanceMinutes(30);
    expect(driver.ledger.count()).toBe(0);
    expect([(await declare()).status, (await declare()).status]).toEqual([201, 201]);
  });
  expect(told).toEqual([
    '00:30 chat: ana has it and is incident commander.',
    '00:30 chat: INCIDENT DECLARED: It is down',
    '00:30 public Investigating: We are investigating a problem with Checkout.',
  ]);
});

test('[CMD-9] a token bound to nobody acts under its own name: it stops the escalation, and everybody is asked who has it', async () => {
  const told = await runServerScenario(world, {}, async (driver) => {
    const { say, view } = await alarmed(driver);
    const { json } = await say('acknowledge', {}, { token: driver.machineToken });
    expect(json).toMatchObject({
      text: expect.stringMatching(/^Acknowledged by deploy-bot. Nobody is incident commander/),
    });
    expect(await view()).toMatchObject({ phase: 'investigating', acknowledgedBy: null, roles: { ic: null } });
    await driver.advanceMinutes(20);
  });
  expect(told).toEqual([
    `00:00 chat: ${ASKS}`,
    DECLARED,
    `00:00 notice ana: ${ASKS}`,
    PAGED,
    '00:00 public Investigating: We are investigating a problem with our services.',
  ]);
});

test('[CMD-12] an action that nobody configured is refused with what to add, at both doors, and nothing pretends to run', async () => {
  const told = await runServerScenario(world, {}, async (driver) => {
    const { id, say, kinds } = await alarmed(driver);
    const before = await kinds();
    expect(await say('run-action', { action: 'cache:clear' })).toMatchObject({
      status: 422,
      json: { detail: 'no such action; none is configured' },
    });
    const typed = await driver.cli('run', id, 'cache:clear', '--region=eu');
    expect(typed.code).toBe(78);
    expect(typed.err).toContain('nothing was run');
    expect(typed.err).toContain(
      'actions:\n  "cache:clear":\n    command: ["/path/to/your-command", "--region={{region}}"]',
    );
    expect(await kinds()).toEqual(before);
    await driver.advanceMinutes(8);
  });
  expect(told).toEqual([DECLARED, PAGED, '00:08 page ana by webhook: repeat 1.1.2']);
});

test('[CMD-13] who or what is named and is not there: refused with those who are, and nobody is told; what is right goes on', async () => {
  const told = await runServerScenario(world, {}, async (driver) => {
    const { say, kinds } = await alarmed(driver);
    await say('acknowledge');
    const before = await kinds();
    const wrong: [string, object, number, string, string][] = [
      ['assign-role', { role: 'scribe', person: 'evee' }, 400, 'person', 'no such person; did you mean "eve"?'],
      ['add-action-item', { text: 'x', owner: 'nobody' }, 400, 'owner', 'no such person; known are ana, bo, eve'],
      ['escalate', { to: 'x', reason: 'y' }, 400, 'to', 'no such person or team; known: ana, bo, eve, platform'],
      ['merge', { into: 'inc-platform-ffffffffffffffffffff' }, 404, 'into', 'no such incident to merge into'],
    ];
    for (const [word, body, status, at, message] of wrong)
      expect(await say(word, body)).toMatchObject({ status, json: { problems: [{ at, message }] } });
    expect(await kinds()).toEqual(before);
    expect(await say('escalate', { to: 'eve', reason: 'need help' })).toMatchObject({ status: 200 });
  });
  expect(told).toEqual([
    '00:00 chat: ana escalated to eve: need help',
    '00:00 chat: ana has it and is incident commander.',
    DECLARED,
    PAGED,
    '00:00 page eve by webhook: by-hand 1.0.1',
    '00:00 public Investigating: We are investigating a problem with our services.',
  ]);
});
