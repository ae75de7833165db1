import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { COMMAND_TYPES, COMMANDS } from '../../domain/kernel/commands.ts';
import { timelineKinds, refusalOf, sendRawSignal } from '../support/scenario-commands.ts';
import type { TestCommand, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

const NOT_YET = 'is not possible while the incident is declared: acknowledge it first (tocsin ack INC-2026-001)';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[CMD-1] [CMD-2] out of its phase a command is refused by both doors: as an update with the phase and what can be done, as a signal on the timeline', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await driver.settle();
    const refusal = await refusalOf(driver, { type: 'decideMitigation', decision: 'rollback' });
    expect(refusal).toEqual({
      reason: `tocsin decide ${NOT_YET}`,
      phase: 'declared',
      allowed: [
        ...['acknowledge', 'decline', 'assignRole', 'setSeverity', 'assessImpact', 'postUpdate', 'addNote', 'cause'],
        ...['resolve', 'declareFalseAlarm', 'merge', 'escalate', 'movePolicy', 'addActionItem'],
      ],
    });
    expect(await timelineKinds(driver)).toEqual(['declared', 'alerts-fired', 'paged']);
    await sendRawSignal(driver, 'decideMitigation', { by: 'ana', decision: 'rollback' });
    expect((await driver.timeline()).timeline.at(-1)).toMatchObject({
      kind: 'command-refused',
      by: 'ana',
      text: `decide refused: tocsin decide ${NOT_YET}`,
    });
    await sendRawSignal(driver, 'acknowledge', { by: 'ana' });
    expect((await driver.view()).phase).toBe('investigating');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
  ]);
});

test('[CMD-3] the same request id gets the first answer and changes nothing again, at either via and in any phase', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { sendCommand, advanceMinutes } = driver;
    const first = await sendCommand({ type: 'acknowledge', requestId: 'r1' });
    expect(first).toEqual({
      ...{ command: 'acknowledge', changed: true, text: 'ana has it.', phase: 'investigating', seq: 4 },
      parts: [{ person: 'ana' }, ' has it.'],
    });
    const reason = 'the request id r1 was used for acknowledge: each command needs one of its own';
    expect(await refusalOf(driver, { type: 'addNote', text: 'x', requestId: 'r1' })).toMatchObject({ reason });
    await sendRawSignal(driver, 'postUpdate', { by: 'ana', requestId: 'r2', text: 'looking', audience: 'internal' });
    await sendRawSignal(driver, 'postUpdate', { by: 'ana', requestId: 'r2', text: 'looking', audience: 'internal' });
    await sendCommand({ type: 'postUpdate', requestId: 'r2', text: 'looking', audience: 'internal' });
    await sendCommand({ type: 'declareFalseAlarm', requestId: 'r3', reason: 'a load test' });
    await advanceMinutes(1);
    expect(await sendCommand({ type: 'declareFalseAlarm', requestId: 'r3', reason: 'a load test' })).toMatchObject({
      changed: true,
      text: 'Closed as a false alarm.',
    });
    expect(await sendCommand({ type: 'acknowledge', requestId: 'r1' })).toMatchObject({
      changed: true,
      text: 'ana has it.',
      phase: 'closed',
    });
  });
  expect(told).toEqual([
    '00:00 chat: ana declared a false alarm: a load test',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 chat: UPDATE [HH:MM]',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Resolved: This was a false alarm: there was no problem with Checkout.',
  ]);
});

test('[CMD-4] [PAGE-19] a command whose effect already holds says so, changes nothing and leaves no line', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { sendCommand } = driver;
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
    const { seq } = await driver.view();
    const again: TestCommand[] = [
      { type: 'acknowledge', by: 'bo' },
      { type: 'assignRole', role: 'ic', person: 'ana' },
      { type: 'setSeverity', severity: 'SEV2', reason: 'as it is' },
      { type: 'decideMitigation', decision: 'rollback' },
    ];
    const answers = [];
    for (const command of again) answers.push(await sendCommand(command));
    expect(answers).toMatchObject([
      { changed: false, text: 'ana has it.', phase: 'mitigating', seq },
      { changed: false, text: 'ana is already incident commander.', phase: 'mitigating', seq },
      { changed: false, text: 'Severity is already SEV2.', phase: 'mitigating', seq },
      { changed: false, text: 'Already rolling back.', phase: 'mitigating', seq },
    ]);
    await sendCommand({ type: 'resolve', resolution: 'done' });
    expect(await sendCommand({ type: 'resolve', resolution: 'done' })).toMatchObject({ changed: false, seq: seq + 1 });
  });
  expect(told).toEqual([
    '00:00 chat: ana decided to roll back.',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Fixed: done. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Investigating: We are restoring service, and still investigating the problem with Checkout.',
    '00:00 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
  ]);
});

test('[CMD-5] a command meant for another incident is refused', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { id: incidentId } = await driver.view();
    const refusal = await refusalOf(driver, { type: 'acknowledge', incidentId: 'ANOTHER' });
    expect(refusal.reason).toBe(
      `this was meant for incident ANOTHER, which is over; the incident now is ${incidentId}`,
    );
    expect(await driver.sendCommand({ type: 'acknowledge', incidentId })).toMatchObject({ changed: true });
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
  ]);
});

test('[CMD-1] [CMD-2] signals that are nonsense do no harm: a line each, and paging goes on', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const bad: [string, unknown][] = [
      ['acknowledge', undefined],
      ['acknowledge', null],
      ['acknowledge', 'ana'],
      ['acknowledge', { by: '   ' }],
      ['acknowledge', { by: 'ana', sudo: true }],
      ['setSeverity', { by: 'ana', severity: 'SEV0', reason: 'x' }],
      ['postUpdate', { by: 'ana', text: 'x'.repeat(4_001), audience: 'internal' }],
      ['resolve', { by: 'ana', resolution: 'x', ignoreAlerts: 'all' }],
      ['assignRole', { by: 'ana', role: '__proto__', person: 'bo' }],
      ['noSuchCommand', { by: 'ana' }],
    ];
    for (const [type, raw] of bad) await sendRawSignal(driver, type, raw);
    const { timeline } = await driver.timeline();
    expect(timeline.filter(({ kind }) => kind === 'command-refused').map(({ text }) => text.slice(0, 60))).toEqual([
      'ack refused: expected an object of arguments',
      'ack refused: expected an object of arguments',
      'ack refused: expected an object of arguments',
      'ack refused: by: expected a text of 1 to 4000 characters',
      'ack refused: sudo: unknown argument of acknowledge',
      'severity refused: severity: expected one of SEV1, SEV2, SEV3',
      'update refused: text: expected a text of 1 to 4000 character',
      'resolve refused: ignoreAlerts: expected a list of texts',
      'assign refused: role: expected one of ic, technicalLead, com',
    ]);
    expect(await driver.view()).toMatchObject({ phase: 'declared', severity: 'SEV2' });
    await driver.advanceMinutes(8);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
  ]);
});

test('[CMD-10] [CMD-1] every command has both doors: nonsense is refused at each, by its name', async () => {
  await runScenario(world, {}, async (driver) => {
    const types = COMMAND_TYPES;
    const nonsense = { by: 'ana', sudo: true };
    for (const type of types) {
      const refusal = await refusalOf(driver, { type, ...nonsense } as unknown as TestCommand);
      expect(refusal.reason).toContain(`sudo: unknown argument of ${type}`);
    }
    const handle = driver.env.client.workflow.getHandle(driver.workflowId);
    for (const type of types) await handle.signal(type, nonsense);
    await driver.settle();
    const refused = (await driver.timeline()).timeline.filter(({ kind }) => kind === 'command-refused');
    expect(refused.map(({ text }) => text.split(' refused')[0])).toEqual(types.map((type) => COMMANDS[type].cli.name));
  });
});

test('[CMD-6] resolved before anyone acknowledged: it acknowledges, too, and the chain stops', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand, view }) => {
    await advanceMinutes(16);
    await sendCommand({ type: 'resolve', by: 'bo', resolution: 'restarted' });
    expect(await view()).toMatchObject({ phase: 'monitoring', roles: { ic: 'bo' } });
    await advanceMinutes(10);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:16 chat: bo has it and is incident commander.',
    '00:16 chat: Fixed: restarted. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:16 notice ana: bo has it.',
  ]);
});
