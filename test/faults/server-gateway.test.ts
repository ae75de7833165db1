/** The gateway with Temporal at hand: who is opened, who is told, and who answers a command. */
import { join } from 'node:path';
import { commandsAllowedIn } from '../../domain/engine/allowed-commands.ts';
import { postIncidentWorkflowId } from '../../workflows/contract.ts';
import { connectClient } from '../../runtime/temporal-connection.ts';
import { createTemporalGateway } from '../../webhook-server/incidents/gateway.ts';
import { CircuitBreaker } from '../../webhook-server/delivery/circuit-breaker.ts';
import { openSpool } from '../../webhook-server/delivery/spool/spool.ts';
import { CommandRefused } from '../../webhook-server/incidents/send-command.ts';
import { UnknownIncident, IncidentsUnavailable } from '../../webhook-server/incidents/incident-queries.ts';
import { STAYS_OPEN_TITLE } from '../webhook-server/incidents/stand-in.workflow.ts';
import { startFreezableTemporal, type FreezableTemporal } from '../webhook-server/support/freezable-temporal.ts';
import {
  openTestGateway,
  startStandInWorker,
  temporaryDirectory,
  until,
  type TestGateway,
} from '../webhook-server/support/test-gateway.ts';
import { alert, opening, resolved, routed, silentLog, T0 } from '../webhook-server/support/routed-alerts.ts';

const home = temporaryDirectory();
let server: FreezableTemporal;
let edge: TestGateway;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  server = await startFreezableTemporal();
  edge = await openTestGateway(server, home.path);
  stopWorker = await startStandInWorker(server);
});
afterAll(async () => {
  await stopWorker();
  await edge.close();
  await server.stop();
  home.remove();
});

test('a firing alert opens an incident; a repeat meets it; Temporal is where it is kept', async () => {
  const { incidents } = edge;
  expect(await incidents.report([routed('open-1', [alert('x')])])).toEqual(['open-1']);
  expect(await incidents.report([routed('open-1', [alert('x'), alert('y')])])).toEqual(['open-1']);
  const told = await edge.receivedBy('open-1');
  expect(told.batches).toEqual([['x'], ['x', 'y']]);
  expect(await incidents.state()).toEqual({ temporal: 'up', spool: 'writable', spooled: 0, storms: 0 });
});

test('[ALERT-7] resolved for a group nobody knows opens nothing, and neither does its own firing that comes late', async () => {
  const { incidents } = edge;
  expect(await incidents.report([routed('late', [resolved('x')])])).toEqual([]);
  expect(await incidents.report([routed('late', [alert('x')])])).toEqual([]);
  await expect(incidents.show('late')).rejects.toThrow(UnknownIncident);
  expect(await incidents.report([routed('late', [alert('x'), alert('x', { startsAt: T0 + 1 })])])).toEqual(['late']);
  expect((await edge.receivedBy('late')).alerts).toEqual({ [`x@${T0 + 1}`]: 'firing' });
});

test('a late firing of a known group tells the incident that is open by then', async () => {
  const { incidents } = edge;
  await incidents.report([routed('known', [resolved('x')])]);
  await incidents.report([routed('known', [alert('other')])]);
  expect(await incidents.report([routed('known', [alert('x')])])).toEqual(['known']);
});

test('[ALERT-8] what waited in the spool is told after a restart, however soon Temporal was found to be there', async () => {
  const directory = join(home.path, 'waited');
  const log = silentLog();
  const spool = await openSpool({ directory, log });
  await spool.append(routed('waited', [alert('x')]));
  const { client, close } = connectClient(server.settings);
  const circuitBreaker = new CircuitBreaker({ client, log });
  await circuitBreaker.firstProbe;
  const incidents = createTemporalGateway({ client, circuitBreaker, spool, log });
  await until('the spool is empty', 10_000, () => spool.pendingCount() === 0);
  expect((await edge.receivedBy('waited')).batches).toEqual([['x']]);
  await incidents.close();
  await spool.close();
  await close();
});

test('what runs is read from Temporal, with what was declared this moment; what is over is not called open', async () => {
  const { incidents } = edge;
  const names = ['runs-1', 'runs-2', 'runs-3'];
  for (const name of names) await incidents.declare(opening(name));
  const first = await incidents.running();
  expect(first.isComplete).toBe(true);
  const open = (views: readonly { title: string; phase: string }[]) =>
    names.map((name) => views.find(({ title, phase }) => title === `${name} is down` && phase !== 'resolved')?.phase);
  expect(open(first.incidents)).toEqual(['declared', 'declared', 'declared']);
  await incidents.command('runs-2', { type: 'resolve', by: 'ana', resolution: 'fixed' });
  await incidents.command('runs-3', { type: 'acknowledge', by: 'ana' });
  expect(open((await incidents.running()).incidents)).toEqual(['declared', undefined, 'investigating']);
});

test('a storm on one incident becomes a few signals, and every alert arrives', async () => {
  const { incidents } = edge;
  // Of earlier tests: they would count, too.
  await until('the ends that waited are told', 20_000, () => edge.endsSpool.pendingCount() === 0);
  const before = incidents.counts().batches;
  const reports = Array.from({ length: 500 }, (_, n) => incidents.report([routed('storm', [alert(`f${n}`)])]));
  expect(new Set((await Promise.all(reports)).flat())).toEqual(new Set(['storm']));
  const told = await edge.receivedBy('storm');
  expect(Object.keys(told.alerts)).toHaveLength(500);
  expect(told.batches.length).toBe(incidents.counts().batches - before);
  expect(told.batches.length).toBeLessThan(50);
  expect(told.batches.flat()).toHaveLength(500);
});

test('a message of two megabytes arrives in pieces, whole', async () => {
  const alerts = Array.from({ length: 4000 }, (_, n) => alert(`f${n}`, { annotations: { text: 'x'.repeat(400) } }));
  await edge.incidents.report([routed('large', alerts)]);
  const told = await edge.receivedBy('large');
  expect(told.batches.length).toBeGreaterThan(5);
  expect(Object.keys(told.alerts)).toHaveLength(4000);
});

test('titles of any length and in any script do not refuse the start', async () => {
  const whole = routed('title', [alert('x')]);
  const title = '🚨'.repeat(4000);
  await edge.incidents.report([{ ...whole, declaration: { ...whole.declaration, title } }]);
  expect((await edge.receivedBy('title')).declaration.title).toContain('🚨');
  expect(edge.incidents.counts().rejectedByTemporal).toBe(0);
});

test('what Temporal refuses for good is set aside, not repeated, and takes nobody else with it', async () => {
  const broken = 'x'.repeat(2000); // ids are at most 1000 characters
  const told = await edge.incidents.report([routed(broken, [alert('x')]), routed('fine', [alert('x')])]);
  expect(told).toEqual(['fine']);
  expect(edge.incidents.counts()).toMatchObject({ rejectedByTemporal: 1, notDurable: 0, spooled: 0 });
});

test('a declaration is the same incident however often it is made, even after its end', async () => {
  const { incidents } = edge;
  const first = opening('declared');
  expect(await incidents.declare(first)).toMatchObject({ id: first.incidentId, phase: 'declared' });
  expect(await incidents.declare(opening('declared'))).toMatchObject({ id: first.incidentId });
  await incidents.command('declared', { type: 'resolve', by: 'ana', resolution: 'done' });
  expect(await incidents.declare(opening('declared'))).toMatchObject({ id: first.incidentId });
});

test('a command is answered; one that the incident refuses says why and what is possible', async () => {
  const { incidents } = edge;
  await incidents.report([routed('said', [alert('x')])]);
  const seen = await incidents.command('said', { type: 'acknowledge', by: 'ana', requestId: 'r1' });
  expect(seen).toMatchObject({ changed: true, phase: 'investigating' });
  expect(await incidents.command('said', { type: 'acknowledge', by: 'ana', requestId: 'r1' })).toEqual(seen);
  const refused = incidents.command('said', { type: 'reopen', by: 'ana', reason: 'no' });
  await expect(refused).rejects.toBeInstanceOf(CommandRefused);
  await expect(refused).rejects.toMatchObject({ refusal: { phase: 'investigating', allowed: ['reopen'] } });
  await expect(incidents.command('nobody', { type: 'decline', by: 'ana' })).rejects.toThrow(UnknownIncident);
  await expect(incidents.command('said', { type: 'decline', by: 'ana' })).rejects.toThrow(IncidentsUnavailable);
});

test('after resolution: notes and close go to the post-incident flow, the rest is refused, and reads follow', async () => {
  const { incidents } = edge;
  await incidents.report([routed('over', [alert('x')])]);
  const { id: incidentId } = await incidents.show('over');
  await incidents.command('over', { type: 'resolve', by: 'ana', resolution: 'done' });
  await expectPostIncident(incidentId);
  expect(await incidents.show('over')).toMatchObject({ phase: 'resolved', title: 'postIncident', seq: 3 });
  expect(await incidents.timeline('over')).toMatchObject({ timeline: [{ seq: 1 }, { seq: 3 }] });
  expect(await incidents.command('over', { type: 'addNote', by: 'ana', text: 'n' })).toMatchObject({ text: 'noted' });
  await expect(incidents.command('over', { type: 'acknowledge', by: 'ana' })).rejects.toMatchObject({
    refusal: { phase: 'resolved', allowed: AFTER },
  });
  expect(await incidents.command('over', { type: 'close', by: 'ana' })).toMatchObject({ phase: 'closed' });
  await expect(incidents.command('over', { type: 'reopen', by: 'ana', reason: 'r' })).rejects.toMatchObject({
    refusal: { phase: 'closed', allowed: [] },
  });
});

describe('an incident that is over while its run lingers', () => {
  const LATER = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
  let incidentId = '';
  const note = (of?: string) =>
    edge.incidents.command('linger', { type: 'addNote', by: 'ana', text: 'n', ...(of ? { incidentId: of } : {}) });

  beforeAll(async () => {
    const whole = routed('linger', [alert('x')]);
    await edge.incidents.report([{ ...whole, declaration: { ...whole.declaration, title: STAYS_OPEN_TITLE } }]);
    ({ id: incidentId } = await edge.incidents.show('linger'));
    expect(await note(incidentId)).toMatchObject({ text: 'noted here' });
    await edge.incidents.command('linger', { type: 'resolve', by: 'ana', resolution: 'done' });
    await expectPostIncident(incidentId);
  });

  test('what the run refuses as its post-incident flow’s goes there', async () => {
    expect(await note()).toMatchObject({ text: 'noted', phase: 'resolved' });
    expect(await note(incidentId)).toMatchObject({ text: 'noted' });
    expect(await edge.incidents.show('linger')).toMatchObject({ id: incidentId, title: 'postIncident', seq: 6 });
    // Only the run may refuse what is nobody else's.
    await expect(edge.incidents.command('linger', { type: 'reopen', by: 'ana', reason: 'r' })).rejects.toThrow();
  });

  test('once a newer one has its place: notes go to its post-incident flow, it is shown, and the rest is refused', async () => {
    const { incidents } = edge;
    await edge.startNewerIncident('linger', LATER);
    expect(await incidents.show('linger')).toMatchObject({ id: LATER, phase: 'declared' });
    expect(await incidents.show('linger', incidentId)).toMatchObject({ id: incidentId, title: 'postIncident' });
    expect(await incidents.timeline('linger', incidentId)).toMatchObject({ timeline: [{ kind: 'noted' }] });
    expect(await note(incidentId)).toMatchObject({ text: 'noted', phase: 'resolved' });
    expect(await note()).toMatchObject({ text: 'noted here', phase: 'declared' });
    const late = incidents.command('linger', { type: 'acknowledge', by: 'ana', incidentId });
    await expect(late).rejects.toMatchObject({
      refusal: { reason: `this incident is over, and a newer one has its place: ${LATER}`, allowed: AFTER },
    });
    expect(await incidents.command('linger', { type: 'close', by: 'ana', incidentId })).toMatchObject({
      phase: 'closed',
    });
    await expect(note(incidentId)).rejects.toMatchObject({ refusal: { phase: 'closed', allowed: [] } });
    await expect(incidents.show('linger', '7ZZZZZZZZZZZZZZZZZZZZZZZZY')).rejects.toThrow(UnknownIncident);
  });
});

const AFTER = commandsAllowedIn('resolved');

async function expectPostIncident(incidentId: string): Promise<void> {
  const id = postIncidentWorkflowId(incidentId);
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await edge.incidents.show(id).catch(() => null)) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${id}`);
}
