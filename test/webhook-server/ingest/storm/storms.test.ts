/** Where routed alerts go, over workflows that exist only as a set of ids. */
import type { Client } from '@temporalio/client';
import type { Severity } from '../../../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import type { Circuit } from '../../../../webhook-server/delivery/circuit-breaker.ts';
import { zeroIngestCounts } from '../../../../webhook-server/delivery/durable-delivery.ts';
import { FoldingStorms } from '../../../../webhook-server/ingest/storm/storms.ts';
import { configFromYaml } from '../../support/test-http-server.ts';
import { alert, resolved, routed, silentLog } from '../../support/routed-alerts.ts';

const STORM = 'storm-platform';
const configured = configFromYaml();
const config = { ...configured, storm: { ...configured.storm, newIncidentsPerMinute: 2 } };
const never = new Promise<never>(() => undefined);
/** Nothing is polled. */
const circuitBreaker: Circuit = {
  allowsCalls: () => false,
  firstProbe: never,
  callDurable: () => never,
  callWithin: () => never,
  onRecovered: () => undefined,
};

/** A server that has just started, beside the `running` workflows. */
function server(running = new Set<string>()) {
  const clock = { now: 0 };
  const log = silentLog();
  const counts = zeroIngestCounts();
  const servers = { count: 1, isAlone: () => true, close: () => undefined };
  const storms = new FoldingStorms({
    config: () => config,
    servers,
    client: {} as Client,
    circuitBreaker,
    log,
    counts,
    now: () => clock.now,
  });
  const { membership, knownRuns } = storms;
  /** `start a` (started or signalled), `signal a` (signalled), `miss a` (no run was there). */
  const calls: string[] = [];
  let groups: RoutedAlerts['groups'];
  const send = async (
    { declaration: { workflowId }, groups: sent }: RoutedAlerts,
    mode: 'start' | 'signal',
  ): Promise<boolean> => {
    groups = sent;
    const isRunning = running.has(workflowId);
    calls.push(`${mode === 'signal' && !isRunning ? 'miss' : mode} ${workflowId}`);
    if (mode === 'start') running.add(workflowId);
    return mode === 'start' || isRunning;
  };
  return {
    ...{ running, clock, log, counts, membership, knownRuns, servers, storms },
    /** The groups in the last call. */
    groups: () => groups?.map(({ workflowId, hasOwnIncident }) => (hasOwnIncident ? `${workflowId} own` : workflowId)),
    /** What was called, and the ids in the answer. */
    async gets(alerts: RoutedAlerts): Promise<{ calls: string[]; ids: readonly string[] }> {
      calls.length = 0;
      const ids = await storms.route(alerts, send);
      return { calls: [...calls], ids };
    },
    async fires(id: string, severity: Severity = 'SEV2') {
      return this.gets(routed(id, [alert(`${id}-x`, { severity })], severity));
    },
    clears(id: string) {
      return this.gets(routed(id, [resolved(`${id}-x`)]));
    },
  };
}

const own = (id: string) => ({ calls: [`start ${id}`], ids: [id] });
const joined = (id: string) => ({ calls: [`miss ${id}`, `start ${STORM}`], ids: [STORM] });

async function stormy() {
  const edge = server();
  for (const id of ['a', 'b', 'c']) await edge.fires(id);
  return edge;
}

test('[ALERT-15] up to the limit of a minute every group opens its own incident, beyond it the storm; a minute later its own again', async () => {
  const edge = server();
  expect(await edge.fires('a')).toEqual(own('a'));
  expect(await edge.fires('b', 'SEV4')).toEqual(own('b'));
  expect(await edge.fires('c')).toEqual(joined('c'));
  edge.clock.now = 59_999;
  expect(await edge.fires('d', 'SEV3')).toEqual(joined('d'));
  expect(edge.counts.joinedStorm).toBe(2);
  edge.clock.now = 60_000;
  expect(await edge.fires('e')).toEqual(own('e'));
});

test('[ALERT-15] a SEV1 never joins, alone or beside milder ones, and takes its place among the new', async () => {
  const edge = server();
  expect(await edge.fires('a', 'SEV1')).toEqual(own('a'));
  await edge.fires('b');
  expect(await edge.fires('c', 'SEV1')).toEqual(own('c'));
  const mixed = routed('d', [alert('x', { severity: 'SEV3' }), alert('y', { severity: 'SEV1' })], 'SEV1');
  expect(await edge.gets(mixed)).toEqual(own('d'));
  const over = routed('e', [alert('x'), resolved('y', { severity: 'SEV1' })]);
  expect((await edge.gets(over)).ids).toEqual([STORM]);
});

test('a group that is open is told, in any weather, and is not counted as new', async () => {
  const edge = await stormy();
  expect(await edge.fires('a')).toEqual({ calls: ['signal a'], ids: ['a'] });
  edge.clock.now = 60_000;
  for (let i = 0; i < 10; i += 1) await edge.fires('a');
  expect(await edge.fires('d')).toEqual(own('d'));
});

test('after a restart a group that is open is found, and told; one that has ended since is new', async () => {
  const edge = server(new Set(['old']));
  for (const id of ['a', 'b']) await edge.fires(id);
  expect(await edge.fires('old')).toEqual({ calls: ['signal old'], ids: ['old'] });
  edge.running.delete('old');
  expect(await edge.fires('old')).toEqual({ calls: ['miss old', `start ${STORM}`], ids: [STORM] });
  edge.running.delete('a');
  edge.clock.now = 60_000;
  expect(await edge.fires('a')).toEqual({ calls: ['miss a', 'start a'], ids: ['a'] });
});

test('who knows all runs asks none of them before a group joins; with another server beside, or with an old list, it does', async () => {
  const edge = await stormy();
  edge.knownRuns.replaceAll(['a', 'b', STORM], 0);
  expect(await edge.fires('d')).toEqual({ calls: [`start ${STORM}`], ids: [STORM] });
  edge.servers.count = 2;
  expect(await edge.fires('e')).toEqual(joined('e'));
  edge.servers.count = 1;
  edge.clock.now = 30_000;
  expect(await edge.fires('f')).toEqual(joined('f'));
});

test('the alerts of one message for one incident that comes again within the minute has its place already', async () => {
  const edge = server();
  await edge.fires('a');
  await edge.fires('b');
  edge.running.clear(); // as if Temporal had taken neither
  expect((await edge.fires('b')).ids).toEqual(['b']);
});

test('repeats of members go to the storm, hours later too; new groups below the limit do not', async () => {
  const edge = await stormy();
  edge.clock.now = 4 * 3_600_000;
  expect(await edge.fires('c')).toEqual({ calls: [`signal ${STORM}`], ids: [STORM] });
  expect(await edge.fires('d')).toEqual(own('d'));
});

test('a member that gets worse opens its own incident, and stays with that', async () => {
  const edge = await stormy();
  expect(await edge.fires('c', 'SEV1')).toEqual(own('c'));
  expect(await edge.fires('c')).toEqual({ calls: ['signal c'], ids: ['c'] });
});

test('when the storm is over its members are forgotten: a repeat opens its own incident', async () => {
  const edge = await stormy();
  edge.running.delete(STORM);
  edge.clock.now = 3_600_000;
  expect(await edge.fires('c')).toEqual({ calls: [`miss ${STORM}`, 'start c'], ids: ['c'] });
  expect(edge.membership.openCount()).toBe(0);
  expect(edge.log.lines.map((line) => line.split(' ')[0])).toEqual(['warn', 'info']);
});

test('an all-clear opens nothing: it goes to its incident, and to the storm when the group is or may be a member', async () => {
  const edge = await stormy();
  expect(await edge.clears('a')).toEqual({ calls: ['signal a'], ids: ['a'] });
  const { calls, ids } = await edge.clears('c');
  expect([calls.sort(), ids]).toEqual([['miss c', `signal ${STORM}`], [STORM]]);
  // Another server may have brought it.
  expect(await edge.clears('never-seen')).toEqual({ calls: ['miss never-seen', `signal ${STORM}`], ids: [STORM] });
  await edge.fires('c', 'SEV1');
  expect((await edge.clears('c')).ids).toEqual(['c', STORM]);
  const calm = server();
  expect(await calm.clears('a')).toEqual({ calls: ['miss a'], ids: [] });
});

test('what has ended of a member’s message is told to its own workflow, too', async () => {
  const edge = await stormy();
  const { calls } = await edge.gets(routed('c', [alert('x'), resolved('y')]));
  expect(calls.sort()).toEqual(['miss c', `signal ${STORM}`]);
});

test('[ALERT-17] a storm is told, once, of incidents of its first minute that page nobody by themselves', async () => {
  const edge = server();
  await edge.fires('a', 'SEV3');
  await edge.fires('b', 'SEV2');
  const first = await edge.gets(routed('c', [alert('c-x')], 'SEV2'));
  expect(first.ids).toEqual([STORM]);
  expect(edge.groups()).toEqual(['a own', 'c']);
  await edge.fires('d');
  expect(edge.groups()).toEqual(['d']);
});

test('[ALERT-16] what maintenance holds back takes nobody’s place, joins no storm, and is named by none', async () => {
  const edge = server();
  const held = (id: string, severity: Severity = 'SEV2') => {
    const seen = routed(id, [alert(`${id}-x`, { severity })], severity);
    return edge.gets({ ...seen, declaration: { ...seen.declaration, suppressed: true } });
  };
  for (const id of ['h1', 'h2', 'h3']) expect(await held(id, 'SEV3')).toEqual(own(id));
  expect(await held('h4', 'SEV1')).toEqual(own('h4'));
  for (const id of ['a', 'b']) expect(await edge.fires(id)).toEqual(own(id));
  expect(await edge.fires('c')).toEqual(joined('c'));
  expect(edge.groups()).toEqual(['c']);
  expect(await held('h5')).toEqual(own('h5'));
});
