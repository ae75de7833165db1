/** The stages in their order: what each passes on, and the reason it gives for the rest. */
import { zeroIngestCounts } from '../../../webhook-server/delivery/durable-delivery.ts';
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { AlertOwners, type AlertOwnersParts } from '../../../webhook-server/ingest/alert-owners.ts';
import { AlertDeduplication } from '../../../webhook-server/ingest/deduplicate.ts';
import { Pipeline, readMessage, type PipelineParts } from '../../../webhook-server/ingest/pipeline.ts';
import { dropText } from '../../../webhook-server/ingest/sources/message.ts';
import { alert, resolved, routed, T0 } from '../support/routed-alerts.ts';
import { configFromYaml } from '../support/test-http-server.ts';

const config = configFromYaml();
const read = (alerts: readonly unknown[]) =>
  readMessage({ groupKey: 'g', alerts }, { config, source: 'alertmanager', receivedAt: T0 });
const labelled = (labels: object) => ({ status: 'firing', labels, startsAt: '2026-01-05T08:00:00Z' });

test('parse, route and group drop alerts with a reason, counted by reason', () => {
  const { routedAlerts, dropped, beats } = read([
    labelled({ alertname: 'Down' }),
    labelled({ alertname: 'Up', severity: 'none' }),
    'no alert',
    labelled({ alertname: 'Fine', severity: 'none' }),
    labelled({ alertname: 'Watchdog' }),
    7,
  ]);
  expect(routedAlerts.map(({ alerts }) => alerts.map(({ title }) => title))).toEqual([['Down']]);
  expect(dropped.map(dropText)).toEqual([
    'skipped 2 malformed alerts',
    '2 alerts ignored (severity "none")',
    "1 alert ignored (a dead man's switch always fires, and no heartbeat has its name)",
  ]);
  expect(beats).toEqual([]);
});

test('what one incident gets is never dropped by another alert of the same message', () => {
  const { routedAlerts, dropped } = read([
    labelled({ alertname: 'Down' }),
    labelled({ alertname: 'Slow', team: 'data' }),
  ]);
  expect(routedAlerts.map(({ declaration }) => declaration.team)).toEqual(['platform', 'data']);
  expect(dropped).toEqual([]);
});

/** The later stages over a delivery that only remembers. */
function pipeline(changes: Partial<PipelineParts> = {}) {
  const delivered: { routed: RoutedAlerts; to: string | undefined }[] = [];
  const deduplication = new AlertDeduplication({ isAlone: () => true, now: () => T0 });
  const owners = new AlertOwners({
    find: () => Promise.resolve([]),
    findAll: () => Promise.resolve([]),
    isAlone: () => true,
    now: () => T0,
  });
  const kept: RoutedAlerts[] = [];
  const counts = zeroIngestCounts();
  const stages = new Pipeline({
    deduplication,
    counts,
    fallbackPaging: { pagesOf: () => [] },
    storms: {
      destinationOf: ({ declaration: { workflowId } }) => ({ to: 'own', workflowId, reason: null }),
    },
    durableDelivery: {
      makeDurable: async (one, destination) => {
        delivered.push({ routed: one, to: destination?.to });
        deduplication.delivered([one]);
        owners.delivered([one]);
        return { workflowIds: [one.declaration.workflowId], isKept: false };
      },
      deliverOrDeadLetter: () => Promise.reject(new Error('nothing is in the spool')),
    },
    owners,
    keepEnds: async (ends) => void kept.push(ends),
    ...changes,
  });
  return { stages, delivered, counts, kept };
}

const suppressing: PipelineParts['maintenance'] = {
  suppress: (one) => ({
    ...one,
    declaration: { ...one.declaration, suppressed: true },
    alerts: one.alerts.map((each) => ({
      ...each,
      suppressedBy: [{ window: 'disk swap', windowWorkflowId: null, until: T0 + 3_600_000 }],
    })),
  }),
};

test('a repeat is not delivered again; the sender hears which incident has it', async () => {
  const { stages, delivered } = pipeline();
  const seen = routed('inc-a', [alert('x')]);
  expect([await stages.deliverMessage([seen]), await stages.deliverMessage([seen])]).toEqual([['inc-a'], ['inc-a']]);
  expect(delivered.map(({ to }) => to)).toEqual(['own']);
  expect(stages.preview(seen).reasons).toEqual(['1 alert ignored (delivered a moment ago)']);
});

test('[ALERT-16] suppressed alerts are delivered with their marks, and the sender is shown no incident', async () => {
  const { stages, delivered, counts } = pipeline({ maintenance: suppressing });
  expect(await stages.deliverMessage([routed('inc-a', [alert('x'), alert('y')])])).toEqual([]);
  expect(delivered[0]?.routed.alerts.every(({ suppressedBy }) => suppressedBy !== undefined)).toBe(true);
  expect(counts.suppressed).toBe(1);
  expect(stages.preview(routed('inc-b', [alert('p'), alert('q')])).reasons).toEqual([
    '2 alerts suppressed (maintenance "disk swap" until 2026-01-05T10:00:00.000Z)',
  ]);
});

test('[ALERT-15] the storm stage decides before delivery, knowing what fallback paging has paged', async () => {
  const page = { to: 'ana', method: 'webhook', key: 'bg/1', at: T0, incidentId: 'E1' };
  const { stages, delivered } = pipeline({
    fallbackPaging: { pagesOf: () => [page] },
    storms: {
      destinationOf: ({ alreadyPaged = [] }) => ({
        to: 'storm',
        workflowId: 'storm-platform',
        reason: `over the limit, ${alreadyPaged.length} paged`,
      }),
    },
  });
  await stages.deliverMessage([routed('inc-a', [alert('x')])]);
  expect(delivered).toMatchObject([{ to: 'storm', routed: { alreadyPaged: [page] } }]);
  expect(stages.preview(routed('inc-b', [alert('p')])).reasons).toEqual([
    '1 alert moved to a storm (over the limit, 1 paged)',
  ]);
});

test('alerts go to the run that holds them; what is left is declared by what is left', async () => {
  const { stages, delivered } = pipeline();
  await stages.deliverMessage([routed('inc-a', [alert('bad', { severity: 'SEV1' })], 'SEV1')]);
  const message = routed('inc-b', [alert('bad', { severity: 'SEV1' }), alert('mild', { severity: 'SEV3' })], 'SEV1');
  expect(stages.preview(message).reasons).toEqual(['1 alert sent to the incident that has it (inc-a)']);
  await stages.deliverMessage([{ ...message, truncated: 1 }]);
  const parts = delivered.slice(1).map(({ routed: { declaration, alerts, heldBy } }) => ({
    heldBy,
    names: alerts.map(({ fingerprint }) => fingerprint),
    severity: declaration.severity,
  }));
  expect(parts).toEqual([
    { heldBy: undefined, names: ['mild'], severity: 'SEV3' },
    { heldBy: ['inc-a'], names: ['bad'], severity: 'SEV1' },
  ]);
});

test('an end that reaches nobody is kept once, with every incident that it may belong to', async () => {
  const { stages, kept } = pipeline({
    durableDelivery: {
      makeDurable: () => Promise.resolve({ workflowIds: [], isKept: false }),
      deliverOrDeadLetter: () => Promise.reject(new Error('nothing is in the spool')),
    },
  });
  await stages.deliverMessage([routed('inc-a', [resolved('x')]), routed('inc-b', [resolved('x')])]);
  expect(kept.map(({ declaration, heldBy }) => [declaration.workflowId, heldBy])).toEqual([['inc-a', ['inc-b']]]);
});

test('the run of its group takes an end, but nothing says that it has the alert: it is kept for the run that does', async () => {
  const holders = new Map<string, string>();
  const find: AlertOwnersParts['find'] = ({ fingerprints }) =>
    Promise.resolve(
      fingerprints.flatMap((fingerprint) => {
        const workflowId = holders.get(fingerprint);
        return workflowId === undefined ? [] : [{ fingerprint, workflowId }];
      }),
    );
  const retried: RoutedAlerts[] = [];
  const { stages, kept } = pipeline({
    owners: new AlertOwners({ find, findAll: () => Promise.resolve([]), isAlone: () => true, now: () => T0 }),
    durableDelivery: {
      makeDurable: ({ declaration }) => Promise.resolve({ workflowIds: [declaration.workflowId], isKept: false }),
      deliverOrDeadLetter: (one) => {
        retried.push(one);
        return Promise.resolve({ workflowIds: one.heldBy ?? [], isKept: false });
      },
    },
  });
  await stages.deliverMessage([routed('inc-of-the-group', [resolved('x')])]);
  const [end] = kept;
  if (end === undefined) throw new Error('the end was not kept');
  expect([await stages.retryEnds(end), retried]).toEqual([false, []]);
  holders.set('x', 'inc-that-has-it');
  expect(await stages.retryEnds(end)).toBe(true);
  expect(retried.map(({ heldBy }) => heldBy)).toEqual([['inc-that-has-it']]);
});

test('a preview delivers nothing', () => {
  const { stages, delivered, counts } = pipeline({ maintenance: suppressing });
  stages.preview(routed('inc-a', [alert('x')]));
  expect([delivered, counts.suppressed]).toEqual([[], 0]);
});
