import type { AlertReport } from '../../../domain/kernel/alert.ts';
import {
  splitIntoSignals,
  SIGNAL_BYTES,
  incidentStartOptions,
} from '../../../webhook-server/delivery/deliver-to-temporal.ts';
import { mergeRoutedAlerts, splitByGroup } from '../../../webhook-server/delivery/merge-alerts.ts';
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { alert, resolved, routed, T0 } from '../support/routed-alerts.ts';

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const states = (batch: { alerts: readonly { fingerprint: string; status: string; startsAt: number }[] }): string[] =>
  batch.alerts.map(({ fingerprint, status, startsAt }) => `${fingerprint} ${status} +${startsAt - T0}`);

test('alerts of several messages: the newest report of each, in the order in which they came', () => {
  const { batch } = mergeRoutedAlerts([
    routed('a', [alert('x', { title: 'old' }), alert('y')]),
    { ...routed('a', [alert('x', { title: 'new' })]), receivedAt: T0 + 5, truncated: 3 },
  ]);
  expect(states(batch)).toEqual(['y firing +0', 'x firing +0']);
  expect(batch.alerts[1]?.title).toBe('new');
  expect(batch).toMatchObject({ receivedAt: T0 + 5, truncated: 3 });
});

test('a flip is kept: an alert that fires, resolves and fires again fires in the end', () => {
  const at = (receivedAt: number, ...alerts: readonly AlertReport[]) => ({ ...routed('a', alerts), receivedAt });
  const { batch } = mergeRoutedAlerts([at(T0, alert('x')), at(T0 + 1, resolved('x')), at(T0 + 2, alert('x'))]);
  expect(batch.alerts.map(({ status, receivedAt = batch.receivedAt }) => [status, receivedAt - T0])).toEqual([
    ['firing', 0],
    ['resolved', 1],
    ['firing', 2],
  ]);
});

test('what says the same as the report before it replaces that, and a worse severity is never lost', () => {
  const { batch } = mergeRoutedAlerts([
    routed('a', [alert('x'), resolved('y')]),
    { ...routed('a', [alert('x', { title: 'newer' }), resolved('y')]), receivedAt: T0 + 1 },
    { ...routed('a', [alert('x', { severity: 'SEV4' })]), receivedAt: T0 + 2 },
  ]);
  expect(batch.alerts.map(({ fingerprint, severity, receivedAt }) => [fingerprint, severity, receivedAt])).toEqual([
    ['x', 'SEV2', T0 + 1],
    ['y', 'SEV2', T0 + 1],
    ['x', 'SEV4', undefined],
  ]);
});

test('messages of two groups or sources do not share a signal, and each says what it lists', () => {
  const of = (receivedAt: number, changes: Partial<RoutedAlerts>) => ({ ...routed('a', []), receivedAt, ...changes });
  const parts = splitByGroup([
    of(T0 + 2, { messageGroup: 'g2', listed: ['z'] }),
    of(T0, { messageGroup: 'g1', listed: ['x', 'y'] }),
    of(T0 + 1, { messageGroup: 'g1', listed: ['x'] }),
    of(T0 + 3, { source: 'grafana' }),
  ]);
  expect(parts.map((part) => mergeRoutedAlerts(part).batch)).toMatchObject([
    { messageGroup: 'g1', listed: ['x'], receivedAt: T0 + 1 },
    { messageGroup: 'g2', listed: ['z'] },
    { source: 'grafana' },
  ]);
});

test('messages of very many groups share a signal all the same, without the groups', () => {
  const messages = Array.from({ length: 50 }, (_, n) => ({
    ...routed('a', [alert(`f${n}`)]),
    messageGroup: `g${n}`,
    listed: [`f${n}`],
  }));
  const [part = [], ...rest] = splitByGroup(messages);
  expect(rest).toEqual([]);
  const { batch } = mergeRoutedAlerts(part);
  expect(batch.alerts).toHaveLength(50);
  expect(batch).not.toHaveProperty('messageGroup');
  expect(batch).not.toHaveProperty('listed');
});

test('a long list goes with the last signal of its message, and no signal is too large for it', () => {
  const alerts = Array.from({ length: 2000 }, (_, n) =>
    alert(`fingerprint-${n}`, { annotations: { text: 'x'.repeat(200) } }),
  );
  const listed = alerts.map(({ fingerprint }) => fingerprint);
  const chunks = splitIntoSignals(mergeRoutedAlerts([{ ...routed('a', alerts), messageGroup: 'g', listed }]).batch);
  expect(chunks.length).toBeGreaterThan(2);
  expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(SIGNAL_BYTES);
  expect(chunks.map((chunk) => chunk.listed?.length)).toEqual([...chunks.slice(1).map(() => undefined), 2000]);
  expect(new Set(chunks.map(({ messageGroup }) => messageGroup))).toEqual(new Set(['g']));
});

test('in several signals the reports of one alert stay together, in their order', () => {
  const text = 'x'.repeat(1000);
  const flip = [alert('flip'), resolved('flip'), alert('flip')];
  const firing = Array.from({ length: 300 }, (_, n) => alert(`f${n}`, { annotations: { text } }));
  const chunks = splitIntoSignals(mergeRoutedAlerts([routed('a', [resolved('r'), ...flip, ...firing])]).batch);
  expect(chunks.flatMap(({ alerts }) => alerts).map(({ fingerprint, status }) => `${fingerprint} ${status}`)).toEqual([
    'flip firing',
    'flip resolved',
    'flip firing',
    ...firing.map(({ fingerprint }) => `${fingerprint} firing`),
    'r resolved',
  ]);
});

test('the worst message gives the declaration, so that an incident is not declared mild and raised at once', () => {
  const { declaration } = mergeRoutedAlerts([routed('a', [alert('x')], 'SEV3'), routed('a', [alert('y')], 'SEV1')]);
  expect(declaration.severity).toBe('SEV1');
});

test('a batch of megabytes becomes signals of at most 256 KiB, nothing lost, order kept', () => {
  const alerts = Array.from({ length: 3000 }, (_, n) => alert(`f${n}`, { annotations: { text: '🚨'.repeat(250) } }));
  const { batch } = mergeRoutedAlerts([{ ...routed('a', alerts), truncated: 7 }]);
  const chunks = splitIntoSignals(batch);
  expect(chunks.length).toBeGreaterThan(10);
  expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(SIGNAL_BYTES);
  expect(chunks.flatMap((chunk) => chunk.alerts)).toEqual(alerts);
  // One that said 0 would be taken for the sender's word that this is all.
  expect(new Set(chunks.map(({ truncated }) => truncated))).toEqual(new Set([7]));
});

test('of a message in several signals, what fires comes first: its end must not be judged before it is known', () => {
  const text = 'x'.repeat(1000);
  const cleared = Array.from({ length: 300 }, (_, n) => resolved(`r${n}`, { annotations: { text } }));
  const firing = Array.from({ length: 300 }, (_, n) => alert(`f${n}`, { annotations: { text } }));
  const chunks = splitIntoSignals(mergeRoutedAlerts([routed('a', [...cleared, ...firing])]).batch);
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.flatMap(({ alerts }) => alerts)).toEqual([...firing, ...cleared]);
});

test('one monstrous alert is cut down to what identifies it, never dropped', () => {
  const monster = alert('m', {
    labels: { alertname: 'Monster', dump: 'x'.repeat(5_000_000) },
    annotations: { text: 'y'.repeat(5_000_000) },
    title: 'z'.repeat(5_000_000),
  });
  const [chunk, ...rest] = splitIntoSignals(mergeRoutedAlerts([routed('a', [monster])]).batch);
  expect(rest).toEqual([]);
  expect(bytes(chunk)).toBeLessThan(SIGNAL_BYTES);
  expect(chunk?.alerts[0]).toMatchObject({ fingerprint: 'm', status: 'firing', labels: { alertname: 'Monster' } });
});

test('a declaration stays under 32 KiB', () => {
  const whole = routed('a', [alert('x')]);
  const huge = { ...whole, declaration: { ...whole.declaration, title: 't'.repeat(1e6), summary: '🚨'.repeat(1e6) } };
  expect(bytes(mergeRoutedAlerts([huge]).declaration)).toBeLessThan(32 * 1024);
});

test('Temporal’s lists show severity and title, and never more than Temporal takes', () => {
  const { declaration } = mergeRoutedAlerts([routed('a', [alert('x')])]);
  const summaryOf = (title: string) => incidentStartOptions({ ...declaration, severity: 'SEV1', title }).staticSummary;
  expect(summaryOf('Checkout is down')).toBe('SEV1 Checkout is down');
  expect(Buffer.byteLength(summaryOf('漢'.repeat(500)))).toBeLessThan(400);
  expect(summaryOf('🚨'.repeat(500)).isWellFormed()).toBe(true);
});

test('[PAGE-40] pages that the edge has sent go with the first piece, each once', () => {
  const page = { to: 'ana', method: 'webhook', key: 'bg/1', at: 1, incidentId: 'E1' };
  const alerts = Array.from({ length: 40 }, (_, n) => alert(`f${n}`, { annotations: { text: 'x'.repeat(2000) } }));
  const one = { ...routed('inc-a', alerts), alreadyPaged: [page] };
  const two = { ...routed('inc-a', [alert('other')]), alreadyPaged: [page, { ...page, method: 'call' }] };
  const pieces = splitIntoSignals(mergeRoutedAlerts([one, two, routed('inc-a', [alert('third')])]).batch, 32 * 1024);
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.map(({ alreadyPaged }) => alreadyPaged?.length)).toEqual([2, ...pieces.slice(1).map(() => undefined)]);
  expect(mergeRoutedAlerts([routed('inc-a', alerts)]).batch).not.toHaveProperty('alreadyPaged');
});
