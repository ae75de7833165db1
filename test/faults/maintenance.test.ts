/** Maintenance with Temporal and a worker at hand: what servers know of windows, and what comes of held alerts. */
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { createDataConverter } from '../../runtime/data-converter.ts';
import { connectClient, connectNative } from '../../runtime/temporal-connection.ts';
import type { MaintenanceWindow } from '../../domain/kernel/maintenance.ts';
import { UnknownIncident } from '../../webhook-server/incidents/incident-queries.ts';
import { createTemporalGateway } from '../../webhook-server/incidents/gateway.ts';
import { CircuitBreaker } from '../../webhook-server/delivery/circuit-breaker.ts';
import { Maintenance } from '../../webhook-server/ingest/maintenance/windows.ts';
import { openSpool } from '../../webhook-server/delivery/spool/spool.ts';
import { TASK_QUEUES } from '../../workflows/contract.ts';
import { startFreezableTemporal, type FreezableTemporal } from '../webhook-server/support/freezable-temporal.ts';
import { temporaryDirectory, until } from '../webhook-server/support/test-gateway.ts';
import { configFromYaml } from '../webhook-server/support/test-http-server.ts';
import { alert, routed, silentLog } from '../webhook-server/support/routed-alerts.ts';

const MINUTE = 60_000;
const home = temporaryDirectory();
const config = configFromYaml();
let server: FreezableTemporal;
const closing: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  server = await startFreezableTemporal();
  const { connection, close } = await connectNative(server.settings, { withinMs: 10_000 });
  const worker = await Worker.create({
    ...{ connection, namespace: server.settings.namespace, taskQueue: TASK_QUEUES.incidents },
    dataConverter: createDataConverter(),
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
  });
  const running = worker.run();
  closing.push(async () => {
    worker.shutdown();
    await running;
    await close();
  });
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await server.stop();
  home.remove();
});

/** A server as `run.ts` makes one, as far as alerts go. */
async function edge(name: string) {
  const log = silentLog();
  const { client, close } = connectClient(server.settings);
  const circuitBreaker = new CircuitBreaker({ client, log });
  const spool = await openSpool({ directory: `${home.path}/${name}`, log });
  const maintenance = new Maintenance({ client, circuitBreaker, log, config: () => config });
  const incidents = createTemporalGateway({ client, circuitBreaker, spool, log, maintenance });
  closing.push(async () => {
    maintenance.close();
    await incidents.close();
    await spool.close();
    await close();
  });
  return { client, maintenance, incidents };
}

let windows = 0;
function aWindow(label: string): MaintenanceWindow {
  windows += 1;
  const now = Date.now();
  const about = { match: { service: label }, reason: `work on ${label}`, by: 'ana' };
  return { id: `maintenance-t${windows}`, ...about, from: now, until: now + 30 * MINUTE };
}
const fires = (id: string, service: string, over = {}) =>
  routed(id, [alert('x', { labels: { alertname: 'x', service }, ...over })]);

test('[ALERT-16] from declaration to its early end: nothing is there to be seen, and then the incident is', async () => {
  const { maintenance, incidents } = await edge('one');
  const window = aWindow('payments');
  await maintenance.declared.declare(window);
  expect(await incidents.report([fires('inc-held', 'payments')])).toEqual([]);
  expect(await incidents.report([fires('inc-free', 'search')])).toEqual(['inc-free']);
  await expect(incidents.show('inc-held')).rejects.toThrow(UnknownIncident);
  await expect(incidents.command('inc-held', { type: 'acknowledge', by: 'ana' })).rejects.toMatchObject({
    refusal: { reason: expect.stringContaining('held back by maintenance "work on payments"') as unknown },
  });
  expect(await maintenance.declared.end(window.id, 'ana')).toBe(true);
  await until('the incident begins', 10_000, async () => {
    const view = await incidents.show('inc-held').catch(() => null);
    return view?.phase === 'declared' && view.firingCount === 1;
  });
  expect(await incidents.report([fires('inc-after', 'payments')])).toEqual(['inc-after']);
  expect(incidents.counts().suppressed).toBe(1);
  expect(await maintenance.declared.end(window.id, 'ana')).toBe(false);
});

test('[ALERT-16] another server knows of a window, of its new end and of its early one; a repeat of the request is no second window', async () => {
  const here = await edge('two');
  const window = aWindow('storage');
  await here.maintenance.declared.declare(window);
  await here.maintenance.declared.declare(window);
  const there = await edge('three');
  const known = () => there.maintenance.declared.all().find(({ id }) => id === window.id);
  await until('it is known there', 15_000, () => known() !== undefined);
  expect(known()).toEqual(window);
  const later = window.until + 30 * MINUTE;
  expect(await here.maintenance.declared.move(window.id, { by: 'ana', until: later })).toBe(true);
  expect(here.maintenance.declared.all()).toContainEqual({ ...window, until: later });
  await until('its new end is known there', 25_000, () => known()?.until === later);
  expect(there.maintenance.suppress(fires('inc-a', 'storage')).declaration.suppressed).toBe(true);
  await here.maintenance.declared.end(window.id, 'ana');
  // That it has ended may not be known there yet: then the window itself says that it holds nothing back.
  await there.incidents.report([fires('inc-late', 'storage')]);
  await until('the incident begins', 10_000, () => there.incidents.show('inc-late').then(Boolean, () => false));
});
