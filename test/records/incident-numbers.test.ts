/** Numbers, what follows what, and what people may call an incident. */
import type { AssignedReference } from '../../domain/kernel/projection.ts';
import { yearIn } from '../../records/incident-numbers.ts';
import { aRecordBatch, aRecordedEntry, anIncidentId } from './record-builders.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';

const at = (time: string) => ({ declaredAt: time });

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);
  const write = (batch: Parameters<typeof aRecordBatch>[0]): Promise<AssignedReference> =>
    bench.records.project(aRecordBatch(batch));
  let last = 0;
  const fresh = (): { incidentId: string; workflowId: string } => {
    last += 1;
    return { incidentId: anIncidentId(last), workflowId: `inc-platform-${last}` };
  };

  test('the year is the organization’s: New Year’s Eve in UTC may be next year at home', async () => {
    expect((await write({ ...fresh(), head: at('2019-12-31T22:59:59.999Z') })).reference).toBe('INC-2019-001');
    expect((await write({ ...fresh(), head: at('2019-12-31T23:00:00.000Z') })).reference).toBe('INC-2020-001');
    expect((await write({ ...fresh(), head: at('2020-06-01T00:00:00.000Z') })).reference).toBe('INC-2020-002');
  });

  test('fifty writers at once get fifty numbers, and the same one again its own', async () => {
    const batches = Array.from({ length: 50 }, () => ({ ...fresh(), head: at('2018-05-01T00:00:00.000Z') }));
    const numbers = await Promise.all([...batches, ...batches].map(async (batch) => (await write(batch)).reference));
    expect(new Set(numbers.slice(0, 50)).size).toBe(50);
    expect(numbers.slice(50)).toEqual(numbers.slice(0, 50));
  }, 30_000);

  test('tests have no number, and lines without a head bring none', async () => {
    const ids = fresh();
    expect(await write({ ...ids, head: { test: true } })).toEqual({ reference: null, recurrenceOf: null });
    expect(await bench.records.findIncident(ids.workflowId)).toMatchObject({
      reference: null,
      incidentId: ids.incidentId,
    });
    const headless = { ...aRecordBatch({ ...fresh(), entries: [aRecordedEntry(1)] }), projection: null };
    expect(await bench.records.project(headless)).toEqual({ reference: null, recurrenceOf: null });
  });

  const over = (declaredAt: string, resolvedAt: string) =>
    ({ ...at(declaredAt), resolvedAt, phase: 'resolved', outcome: 'resolved' }) as const;

  test('[REC-12] an incident follows the last one in the same place that was resolved before it, whichever was written first', async () => {
    const { workflowId } = fresh();
    const [first, second, third] = [fresh().incidentId, fresh().incidentId, fresh().incidentId];
    const one = await write({
      workflowId,
      incidentId: first,
      head: over('2017-01-01T00:00:00Z', '2017-01-01T01:00:00Z'),
    });
    const three = await write({ workflowId, incidentId: third, head: at('2017-01-03T00:00:00.000Z') });
    expect([one.recurrenceOf, three.recurrenceOf]).toEqual([null, one.reference]);
    const two = await write({
      workflowId,
      incidentId: second,
      head: over('2017-01-02T00:00:00Z', '2017-01-03T00:00:00Z'),
    });
    expect(two.recurrenceOf).toBe(one.reference);
    expect((await bench.records.incident(third))?.recurrenceOf).toBe(two.reference);
    expect((await bench.records.findIncident(workflowId))?.incidentId).toBe(third);
    const { earlier } = (await bench.records.record(third)) ?? {};
    expect(earlier?.map(({ reference }) => reference)).toEqual([two.reference, one.reference]);
    expect(earlier?.[1]).toEqual({
      ...{ reference: one.reference, title: 'Payments are down', severity: 'SEV2', resolution: null },
      ...{ declaredAt: '2017-01-01T00:00:00Z', resolvedAt: '2017-01-01T01:00:00Z' },
    });
    const { incidents } = await bench.records.list({ limit: 200 });
    expect(incidents.find(({ id: incidentId }) => incidentId === third)?.recurrenceOf).toBe(two.reference);
  });

  test('[REC-12] nobody follows a test, a false alarm, a merged one, one of another place, or one that was not over yet', async () => {
    const { workflowId } = fresh();
    const ids = () => ({ workflowId, incidentId: fresh().incidentId });
    const ended = over('2017-02-01T00:00:00Z', '2017-02-01T01:00:00Z');
    await write({ ...ids(), head: { ...ended, test: true } });
    await write({ ...ids(), head: { ...ended, outcome: 'false-alarm' } });
    await write({ ...ids(), head: { ...ended, outcome: 'merged' } });
    await write({ ...fresh(), head: ended });
    await write({ ...ids(), head: { ...ended, resolvedAt: '2017-02-02T00:00:00.001Z' } });
    await write({ ...ids(), head: at('2017-02-01T00:00:00Z') });
    const last = ids();
    expect((await write({ ...last, head: at('2017-02-02T00:00:00.000Z') })).recurrenceOf).toBeNull();
    expect((await bench.records.record(last.incidentId))?.earlier).toEqual([]);
    const drill = ids();
    expect((await write({ ...drill, head: { ...at('2017-03-01T00:00:00Z'), test: true } })).recurrenceOf).toBeNull();
    expect((await bench.records.record(drill.incidentId))?.earlier).toEqual([]);
  });

  test('an incident that names the incident_id it follows shows its number, as soon as that has one', async () => {
    const [old, next] = [fresh(), fresh()];
    const batch = { ...next, head: { recurrenceOf: old.incidentId } };
    expect((await write(batch)).recurrenceOf).toBeNull();
    expect((await bench.records.incident(next.incidentId))?.recurrenceOf).toBe(old.incidentId);
    const { reference } = await write({ ...old });
    expect((await write(batch)).recurrenceOf).toBe(reference);
    expect((await bench.records.incident(next.incidentId))?.recurrenceOf).toBe(reference);
    const named = fresh();
    expect((await write({ ...named, head: { recurrenceOf: reference } })).recurrenceOf).toBe(reference);
  });

  test('a rebuild empties what it writes anew; numbers stay, and find their incident all the while', async () => {
    const { records } = bench;
    const ids = fresh();
    const batch = { ...ids, head: at('2016-03-01T00:00:00.000Z'), lines: [aRecordedEntry(1)] };
    const { reference } = await write(batch);
    await records.projectEarly({ incidentId: ids.incidentId, deliveries: [], channel: '#c', ticket: null });
    await records.wipeDerived();
    expect(await records.incident(ids.incidentId)).toBeNull();
    expect(await records.timeline(ids.incidentId)).toBeNull();
    expect(await records.list({})).toEqual({ incidents: [], next: null });
    const bare = { ...ids, reference, stateVersion: 0, seq: 0 };
    for (const id of [reference ?? '', ids.workflowId, ids.incidentId])
      expect(await records.findIncident(id)).toEqual(bare);
    expect(await write(batch)).toEqual({ reference, recurrenceOf: null });
    expect((await write({ ...fresh(), head: at('2016-03-01T00:00:00.000Z') })).reference).toBe('INC-2016-002');
  });

  test('INC-NNN is the newest open one with that number, else this year’s, else the last', async () => {
    const { records } = bench;
    const thisYear = yearIn('Europe/Berlin', Date.now());
    const found = async () => (await records.findIncident('inc-7'))?.reference;
    const seventh = async (year: number, phase: 'declared' | 'closed') => {
      for (let n = 1; n < 7; n += 1) await write({ ...fresh(), head: at(`${year}-06-01T00:00:00.000Z`) });
      const ids = fresh();
      const head = { ...at(`${year}-06-01T00:00:00.000Z`), phase };
      expect((await write({ ...ids, head })).reference).toBe(`INC-${year}-007`);
      return (later: 'declared' | 'closed') => write({ ...ids, stateVersion: 2, head: { ...head, phase: later } });
    };
    expect(await found()).toBe('INC-2018-007');
    const past = await seventh(2001, 'closed');
    const future = await seventh(thisYear + 1, 'closed');
    expect(await found()).toBe(`INC-${thisYear + 1}-007`);
    const now = { ...at(`${thisYear}-06-01T00:00:00.000Z`), phase: 'closed' } as const;
    while (!(await write({ ...fresh(), head: now })).reference?.endsWith('-007'));
    expect(await found()).toBe(`INC-${thisYear}-007`);
    await past('declared');
    expect(await found()).toBe('INC-2001-007');
    await future('declared');
    expect(await found()).toBe(`INC-${thisYear + 1}-007`);
    expect((await records.findIncident('INC-2001-7'))?.reference).toBe('INC-2001-007');
    for (const id of ['INC-0', 'INC-99999999999999999999', 'INC-2001-99999999999', 'INC-', '', '%', 'inc-nobody-1']) {
      expect(await records.findIncident(id)).toBeNull();
    }
  }, 30_000);
});
