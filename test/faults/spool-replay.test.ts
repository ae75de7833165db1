/** A long outage on two servers: what they held, and whom they paged, is one story once Temporal is back. */
import { join } from 'node:path';
import { connectClient } from '../../runtime/temporal-connection.ts';
import { webhookContact } from '../../providers/webhook/webhook.ts';
import { createFallbackPaging } from '../../webhook-server/delivery/fallback-paging/fallback-paging.ts';
import { openDedupLog } from '../../webhook-server/delivery/fallback-paging/dedup-log.ts';
import {
  type RoutedAlerts,
  createTemporalGateway,
  type TemporalGateway,
} from '../../webhook-server/incidents/gateway.ts';
import { openSpool, type Spool } from '../../webhook-server/delivery/spool/spool.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import type { StandInState } from '../webhook-server/incidents/stand-in.workflow.ts';
import { startFreezableTemporal, type FreezableTemporal } from '../webhook-server/support/freezable-temporal.ts';
import { startStandInWorker, temporaryDirectory, until } from '../webhook-server/support/test-gateway.ts';
import { alert, resolved, routed, silentLog } from '../webhook-server/support/routed-alerts.ts';

const HOUR_MS = 3_600_000;
/** Of 10 alerts each, every one of which is a message. */
const GROUPS = 200;

const home = temporaryDirectory();
const log = silentLog();
let server: FreezableTemporal;
let sink: PageSink;
let stopWorker: () => Promise<void>;
const edges: { incidents: TemporalGateway; spool: Spool; close: () => Promise<void> }[] = [];

beforeAll(async () => {
  server = await startFreezableTemporal();
  sink = await startPageSink(['ana']);
  stopWorker = await startStandInWorker(server);
});
afterAll(async () => {
  await stopWorker();
  for (const { close } of edges) await close();
  await server.stop();
  await sink.close();
  home.remove();
});

/** A server with a home of its own, whose people are at the sink. */
async function openEdge(name: string) {
  const directory = join(home.path, name);
  const spool = await openSpool({ directory, log });
  const { client, close } = connectClient(server.settings);
  const fallbackPaging = createFallbackPaging({
    dedupLog: await openDedupLog({ directory, log }),
    afterMs: () => 300,
    peopleBehindName: () => ['ana'],
    contacts: () => [webhookContact(`${sink.url}/ana`, 'webhook')],
    links: { incident: () => 'http://tocsin.example/', acknowledge: () => 'http://tocsin.example/ack' },
    log,
  });
  const incidents = createTemporalGateway({ client, spool, log, fallbackPaging });
  const edge = {
    ...{ incidents, spool },
    told: (workflowId: string) => client.workflow.getHandle(workflowId).query<StandInState>('standInState'),
    async close() {
      await incidents.close();
      await spool.close();
      await close();
    },
  };
  edges.push(edge);
  return edge;
}

const live = (group: string, alerts: RoutedAlerts['alerts']): RoutedAlerts => ({
  ...routed(group, alerts),
  receivedAt: Date.now(),
});

test('[PAGE-40] two servers hear the same alerts during an outage: one incident, one key, one acknowledgement', async () => {
  const [one, two] = [await openEdge('one'), await openEdge('two')];
  await server.kill();
  const alerts = [alert('x'), alert('y')];
  for (const edge of [one, two]) expect(await edge.incidents.report([live('inc-both', alerts)])).toEqual(['inc-both']);
  await sink.waitFor('a page by each server', () => sink.received.length >= 2, 10_000);
  expect(new Set(sink.received.map(({ page }) => page.key)).size).toBe(1);

  // The link of the first server's page, pressed at the second.
  const incidentId = sink.received[0]?.page.incident.id ?? '';
  const acknowledge = { type: 'acknowledge', by: 'ana', requestId: 'once' } as const;
  expect(await two.incidents.command('inc-both', acknowledge)).toBe('pending');
  expect(await two.incidents.command('inc-nobody', { ...acknowledge, incidentId })).toBe('pending');
  await expect(two.incidents.command('inc-both', { type: 'decline', by: 'ana' })).rejects.toThrow();

  await server.restart();
  await until('the alerts are told', 30_000, () => one.spool.pendingCount() === 0 && two.spool.pendingCount() === 1);
  const told = await two.told('inc-both');
  expect([Object.keys(told.alerts).length, told.acknowledgements]).toEqual([2, 1]);
  expect(new Set(told.serverPages.map(({ key }) => key))).toEqual(new Set([sink.received[0]?.page.key]));
  expect(sink.received).toHaveLength(2);
});

test('10,000 alerts of a two-hour outage: told most severe first, within minutes; nobody hears of what is over', async () => {
  const edge = await openEdge('long');
  await server.kill();
  await until('Temporal is found away', 20_000, async () => (await edge.incidents.state()).temporal === 'down');
  const begunAt = Date.now() - 2 * HOUR_MS;
  const pagedBefore = sink.received.length;
  const names = Array.from({ length: GROUPS }, (_, group) => Array.from({ length: 50 }, (_, n) => `g${group}-${n}`));
  const messages = names.flatMap((alerts, group) => {
    // A quarter is over by the end; of the rest some page, and most do not.
    const severity = group % 4 === 0 ? 'SEV2' : 'SEV3';
    const isOver = group % 4 === 3;
    return alerts.map((name) => ({
      ...routed(`long-${group}`, [alert(name, { severity, startsAt: begunAt })], severity),
      receivedAt: begunAt,
      isOver,
    }));
  });
  const heap = process.memoryUsage().heapUsed;
  const spooledFrom = performance.now();
  // Each has 5 s to be on the disk: no more at once than a busy machine writes in that time.
  const report = async (routedAlerts: readonly RoutedAlerts[]): Promise<void> => {
    for (let at = 0; at < routedAlerts.length; at += 100) {
      await Promise.all(routedAlerts.slice(at, at + 100).map((each) => edge.incidents.report([each])));
    }
  };
  await report(messages);
  const over = messages.filter(({ isOver }) => isOver);
  await report(
    over.map(({ declaration, alerts }) => ({
      ...routed(declaration.workflowId, [resolved(alerts[0]?.fingerprint ?? '', { startsAt: begunAt })]),
      receivedAt: Date.now(),
    })),
  );
  const spooledMs = performance.now() - spooledFrom;
  expect(edge.spool.pendingCount()).toBe(messages.length + over.length);
  const grown = (process.memoryUsage().heapUsed - heap) / 1024 ** 2;

  await server.restart();
  const drainedFrom = performance.now();
  await until('the spool is empty', 300_000, () => edge.spool.pendingCount() === 0);
  const drainedMs = performance.now() - drainedFrom;
  process.stdout.write(
    `spooled ${messages.length + over.length} in ${Math.round(spooledMs)} ms (${Math.round(grown)} MiB); ` +
      `told in ${Math.round(drainedMs / 100) / 10} s\n`,
  );
  expect(Object.keys((await edge.told('long-0')).alerts)).toHaveLength(50);
  expect(Object.keys((await edge.told('long-1')).alerts)).toHaveLength(50);
  await expect(edge.told('long-3')).rejects.toThrow(/not found/i);
  const paged = sink.received.slice(pagedBefore).flatMap(({ page }) => [page.incident, ...(page.incidents ?? [])]);
  expect(paged.every(({ severity }) => severity === 'SEV2')).toBe(true);
  expect(sink.unexpected).toEqual([]);
}, 400_000);
