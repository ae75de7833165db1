/** What many incidents come to, on every database, against the same reckoned plainly. */
import type { IncidentProjection } from '../../../domain/engine/projection.ts';
import type { Metrics, MetricValues } from '../../../records/open-records.ts';
import { aRecordBatch, anIncidentId } from '../record-builders.ts';
import { DATABASES, type RecordsFixture } from '../test-databases.ts';

const DAY = Date.parse('2026-03-10T10:00:00.000Z');
const after = (seconds: number, from = DAY): string => new Date(from + seconds * 1000).toISOString();

/** Acknowledged, mitigated and resolved so many seconds after its declaration, which is `detect` after its alert. */
function lasting(detect: number, acknowledge: number, mitigate: number, resolve: number, from = DAY) {
  return {
    declaredAt: after(0, from),
    detectedAt: after(-detect, from),
    acknowledgedAt: after(acknowledge, from),
    mitigatedAt: after(mitigate, from),
    resolvedAt: after(resolve, from),
    phase: 'resolved',
    outcome: 'resolved',
  } as const;
}

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  let last = 0;
  const write = (head: Partial<IncidentProjection>) => {
    last += 1;
    return bench.records.project(aRecordBatch({ incidentId: anIncidentId(last), workflowId: `inc-m-${last}`, head }));
  };
  beforeAll(async () => {
    bench = await open();
    expect(await bench.records.metrics({})).toMatchObject({ totals: { incidents: 0, mttr: { count: 0, mean: null } } });
    for (let n = 1; n <= 10; n += 1) {
      await write({ ...lasting(n, 10 * n, 100 * n, 1000 * n), highestSeverity: 'SEV1', severity: 'SEV3' });
    }
  }, 60_000);
  afterAll(() => bench.stop(), 30_000);
  const of = async (query: Parameters<RecordsFixture['records']['metrics']>[0]): Promise<MetricValues> =>
    (await bench.records.metrics(query)).totals;

  test('[REC-10] times to detect, acknowledge, mitigate and resolve: count, mean, median and nine of ten, in seconds', async () => {
    const { mttd, mtta, mttm, mttr, incidents, outcomes } = await of({});
    expect({ incidents, outcomes }).toEqual({
      incidents: 10,
      outcomes: { open: 0, resolved: 10, autoRecovered: 0, falseAlarm: 0 },
    });
    expect([mttd, mtta, mttm, mttr]).toEqual([
      { count: 10, mean: 5.5, median: 5.5, p90: 9.1 },
      { count: 10, mean: 55, median: 55, p90: 91 },
      { count: 10, mean: 550, median: 550, p90: 910 },
      { count: 10, mean: 5500, median: 5500, p90: 9100 },
    ]);
  });

  test('what has not happened is not counted, and clocks that disagree make no length below nothing', async () => {
    const at = { team: 'clocks', declaredAt: after(0) };
    await write({ ...at, detectedAt: after(30) });
    await write({ ...at, acknowledgedAt: after(60) });
    const { mttd, mtta, mttr, outcomes } = await of({ team: 'clocks' });
    expect([mttd, mtta, mttr]).toEqual([
      { count: 1, mean: 0, median: 0, p90: 0 },
      { count: 1, mean: 60, median: 60, p90: 60 },
      { count: 0, mean: null, median: null, p90: null },
    ]);
    expect(outcomes.open).toBe(2);
  });

  test('an alert that had fired for months is not detected late: it moves neither mean nor median', async () => {
    const at = { team: 'old', declaredAt: after(0) };
    for (const before of [60, 120, 62 * 86_400]) await write({ ...at, detectedAt: after(-before) });
    expect((await of({ team: 'old' })).mttd).toMatchObject({ count: 2, mean: 90, median: 90 });
  });

  test('[REC-10] tests and merged ones do not count, a false alarm counts apart, and nobody answered what recovered by itself', async () => {
    const known = { ...lasting(1, 2, 3, 4), team: 'odd' };
    await write({ ...known, test: true });
    await write({ ...known, outcome: 'merged' });
    await write({ ...known, outcome: 'false-alarm', phase: 'closed', resolvedAt: null });
    await write({ ...known, outcome: 'auto-recovered', acknowledgeDueAt: after(1) });
    await write({ ...known, restricted: true });
    const { incidents, outcomes, mtta, mttr, acknowledgedInTime } = await of({ team: 'odd' });
    expect({ incidents, outcomes }).toEqual({
      incidents: 2,
      outcomes: { open: 0, resolved: 1, autoRecovered: 1, falseAlarm: 1 },
    });
    expect([mtta.count, mttr.count, acknowledgedInTime.of]).toEqual([1, 2, 0]);
  });

  test('[REC-10] how many had their acknowledgement in time, of those promised one: in time, late, overdue; not those still due', async () => {
    const at = { team: 'promises', declaredAt: after(0), acknowledgeDueAt: after(300) };
    await write({ ...at, acknowledgedAt: after(300) });
    await write({ ...at, acknowledgedAt: after(300.001) });
    await write(at);
    await write({ ...at, acknowledgeDueAt: new Date(Date.now() + 3_600_000).toISOString() });
    await write({ ...at, acknowledgeDueAt: null, acknowledgedAt: after(1) });
    expect((await of({ team: 'promises' })).acknowledgedInTime).toEqual({ count: 1, of: 3 });
  });

  test('[REC-10] users, money and people are summed where they are known, money by its currency', async () => {
    const impact = (usersAffected: number | null, revenueLost: string | null) => ({
      impact: { scope: null, usersAffected, dataLoss: null, revenueLost, summary: '' },
    });
    const team = 'costly';
    await write({ team, ...impact(15_000, '$45000'), peopleInvolved: ['ana', 'bo', 'eve'] });
    await write({ team, ...impact(0, '$ 1,000.50'), peopleInvolved: ['ana'] });
    await write({ team, ...impact(3_000_000_000, '2k EUR') });
    await write({ team, ...impact(null, 'a lot') });
    await write({ team });
    await write({ team, ...impact(7, '$7'), outcome: 'false-alarm' });
    const { usersAffected, revenueLost, people } = await of({ team });
    expect(usersAffected).toEqual({ incidents: 3, sum: 3_000_015_000 });
    expect(revenueLost).toEqual({
      incidents: 4,
      sums: [
        { currency: '$', amount: 46_000.5 },
        { currency: 'EUR', amount: 2000 },
      ],
      unread: 1,
    });
    expect(people).toMatchObject({ most: 3 });
  });

  test('[REC-10] post-mortems: owed, done, and late whether done or not', async () => {
    const team = 'duties';
    const due = after(0);
    const owed = (doneAt: string | null, dueAt: string | null = due) =>
      write({ team, postmortem: { dueAt, doneAt, doneBy: null, url: null } });
    await owed(after(-1));
    await owed(after(1));
    await owed(null);
    await owed(null, new Date(Date.now() + 3_600_000).toISOString());
    await owed(after(1), null);
    await write({ team });
    expect((await of({ team })).postmortems).toEqual({ pending: 4, done: 2, late: 2 });
  });

  test('groups are severities by the worst, teams by name, and months of the organization; each is the totals of its own', async () => {
    // The last second of March in UTC is April in Berlin, and New Year's Eve is next year.
    const edges = ['2026-03-31T21:59:59.999Z', '2026-03-31T22:00:00.000Z', '2025-12-31T23:00:00.000Z'];
    for (const at of edges) await write({ ...lasting(1, 5, 6, 7, Date.parse(at)), team: 'edges' });
    const { byMonth, byTeam, bySeverity, totals } = await bench.records.metrics({});
    expect(byMonth?.map(({ key }) => key)).toEqual(['2026-01', '2026-03', '2026-04', '2026-11']);
    expect(byTeam?.map(({ key }) => key)).toEqual(
      ['clocks', 'costly', 'duties', 'edges', 'odd', 'old', 'platform', 'promises'].sort(),
    );
    expect(bySeverity?.map(({ key }) => key)).toEqual(['SEV1', 'SEV2']);
    for (const list of [byMonth, byTeam, bySeverity]) {
      expect(list?.reduce((sum, { incidents }) => sum + incidents, 0)).toBe(totals.incidents);
      expect(list?.reduce((sum, { mttr }) => sum + mttr.count, 0)).toBe(totals.mttr.count);
      expect(list?.reduce((sum, { revenueLost }) => sum + revenueLost.incidents, 0)).toBe(4);
    }
    for (const { key, ...values } of byTeam ?? []) expect(values).toEqual(await of({ team: key }));
    for (const { key, ...values } of bySeverity ?? []) {
      expect(values).toEqual(await of({ severity: key as 'SEV1' }));
    }
    const april = byMonth?.find(({ key }) => key === '2026-04');
    expect(april).toMatchObject({ incidents: 1, mttr: { count: 1, mean: 7 } });
  });

  test('one group is one list, and a range is from its beginning to before its end', async () => {
    const only = await bench.records.metrics({ groupBy: 'team', team: 'edges' });
    expect(Object.keys(only).sort()).toEqual(['byTeam', 'totals'] satisfies (keyof Metrics)[]);
    const from = Date.parse('2026-03-31T21:59:59.999Z');
    expect((await of({ team: 'edges', from })).incidents).toBe(2);
    expect((await of({ team: 'edges', from, to: from + 1 })).incidents).toBe(1);
    expect((await of({ team: "edges' or true --" })).incidents).toBe(0);
    const none = await bench.records.metrics({ team: 'nobody' });
    expect(none).toMatchObject({ totals: { incidents: 0 }, byMonth: [], byTeam: [], bySeverity: [] });
  });
});
