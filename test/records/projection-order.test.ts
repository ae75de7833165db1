/** A record is the same however its batches come: split, repeated, out of order. */
import fc from 'fast-check';
import type { ProjectionBatch } from '../../domain/engine/projection.ts';
import {
  aRecordBatch,
  aDelivery,
  aRecordedEntry,
  aMessage,
  aRecordedAlert,
  anIncidentId,
  NOON,
} from './record-builders.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';

const REVISIONS = 8;

/** What each revision brought: a line always, and sometimes more. */
function story(incidentId: string): readonly ProjectionBatch[] {
  const ids = { incidentId, workflowId: `w-${incidentId}` };
  return Array.from({ length: REVISIONS }, (_, i) => {
    const stateVersion = i + 1;
    const phase = stateVersion > 4 ? 'mitigating' : 'declared';
    const status = stateVersion % 3 === 0 ? 'resolved' : 'firing';
    return aRecordBatch({
      ...{ ...ids, stateVersion, head: { phase, seq: stateVersion, title: `as of ${stateVersion}` } },
      entries: [aRecordedEntry(stateVersion)],
      deliveries:
        stateVersion % 2 === 0 ? [aDelivery(`k${stateVersion}`, { at: new Date(NOON + i).toISOString() })] : [],
      messages: stateVersion % 3 === 0 ? [aMessage(stateVersion)] : [],
      alerts: [
        aRecordedAlert(`f${stateVersion % 2}`, { status, labels: { of: String(stateVersion) } }),
        ...(stateVersion === 3 ? [aRecordedAlert('f2')] : []),
      ],
      // Another incident's from then on; the second comes back.
      removedAlerts: stateVersion === 5 ? ['f2'] : stateVersion === 7 ? ['f0'] : [],
    });
  });
}

/** The revisions from one to another as one batch, as an incident would send it. */
function joined(batches: readonly ProjectionBatch[]): ProjectionBatch {
  const last = batches.at(-1) as ProjectionBatch;
  const alerts = new Map<string, ProjectionBatch['alerts'][number] | null>();
  for (const batch of batches) {
    for (const alert of batch.alerts) alerts.set(alert.fingerprint, alert);
    for (const fingerprint of batch.removedAlerts ?? []) alerts.set(fingerprint, null);
  }
  return {
    ...last,
    entries: batches.flatMap(({ entries }) => entries),
    deliveries: batches.flatMap(({ deliveries }) => deliveries),
    messages: batches.flatMap(({ messages }) => messages),
    alerts: [...alerts.values()].filter((alert) => alert !== null),
    removedAlerts: [...alerts.keys()].filter((fingerprint) => alerts.get(fingerprint) === null),
  };
}

/** Ranges of revisions that together hold every one of them, in any order, some more than once. */
const coverings = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: REVISIONS - 1 }), { maxLength: 5 }),
    fc.array(fc.tuple(fc.nat(REVISIONS - 1), fc.nat(REVISIONS - 1)), { maxLength: 4 }),
  )
  .chain(([cuts, more]) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), REVISIONS];
    const parts = edges.slice(1).map((to, i) => [edges[i] ?? 0, to] as const);
    const again = more.map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);
    const ranges = [...parts, ...again];
    return fc.shuffledSubarray(ranges, { minLength: ranges.length });
  });

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  let last = 0;
  const told = async (ranges: readonly (readonly [number, number])[], atOnce: boolean) => {
    const { records } = bench;
    const incidentId = anIncidentId((last += 1));
    const batches = ranges.map(([from, to]) => joined(story(incidentId).slice(from, to)));
    if (atOnce) await Promise.all(batches.map((batch) => records.project(batch)));
    else for (const batch of batches) await records.project(batch);
    const { incident, ...rest } = (await records.record(incidentId)) ?? {};
    return { ...rest, incident: { ...incident, reference: null, id: null, workflowId: null } };
  };

  test('split, repeated, reordered, at once: the same record', async () => {
    const plain = await told([[0, REVISIONS]], false);
    expect(plain.incident).toMatchObject({ title: `as of ${REVISIONS}`, seq: REVISIONS });
    expect(plain.incident.alerts?.map(({ fingerprint }) => fingerprint)).toEqual(['f0', 'f1']);
    await fc.assert(
      fc.asyncProperty(coverings, fc.boolean(), async (ranges, atOnce) => {
        expect(await told(ranges, atOnce)).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  }, 90_000);
});
