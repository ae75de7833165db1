/** Exports, post-mortems and server presence, on every database. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { aRecordBatch, aRecordedEntry, aMessage, anIncidentId } from './record-builders.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';
import { format } from './documents/record-example.ts';

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  let last = 0;
  const fresh = () => ({ incidentId: anIncidentId((last += 1)), workflowId: `inc-p-${last}` });
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);
  const files = (): string[] => readdirSync(bench.exportDirectory).sort();
  const textOf = (name: string): string => readFileSync(join(bench.exportDirectory, name), 'utf8');

  test('[REC-5] three files for each incident, whole, readable by their owner alone, and the same again', async () => {
    const { records } = bench;
    const ids = fresh();
    const { reference } = await records.project(
      aRecordBatch({ ...ids, entries: [aRecordedEntry(1)], messages: [aMessage(1)] }),
    );
    for (let again = 0; again < 2; again += 1) {
      await records.prepare(ids.incidentId, format);
      expect(files()).toEqual([`${reference}.json`, `${reference}.md`, `${reference}.yaml`]);
      for (const name of files()) expect(statSync(join(bench.exportDirectory, name)).mode & 0o777).toBe(0o600);
    }
    const url = `https://tocsin.example/incidents/${ids.workflowId}`;
    expect(JSON.parse(textOf(`${reference}.json`))).toMatchObject({
      incident: { id: ids.incidentId, reference, url },
      timeline: [{ seq: 1 }],
    });
    expect(parse(textOf(`${reference}.yaml`))).toMatchObject({ incident: { id: reference } });
    expect(textOf(`${reference}.md`)).toContain(`# ${reference} · Payments are down`);
    await expect(records.prepare(anIncidentId(999), format)).rejects.toThrow('no record');
  });

  test('[REC-11] every version that a person writes is kept, the last is shown, and the same text is the same version', async () => {
    const { records } = bench;
    const { incidentId } = fresh();
    expect(await records.postmortem(incidentId)).toBeNull();
    expect(await records.writePostmortem({ incidentId, by: 'ana', at: 1, text: '# One' })).toEqual({
      ...{ version: 1, by: 'ana', at: 1, changed: true },
    });
    expect(await records.writePostmortem({ incidentId, by: 'bo', at: 2, text: '# Two' })).toMatchObject({ version: 2 });
    expect(await records.writePostmortem({ incidentId, by: 'eve', at: 3, text: '# Two' })).toEqual({
      ...{ version: 2, by: 'bo', at: 2, changed: false },
    });
    expect(await records.writePostmortem({ incidentId, by: 'ana', at: 4, text: '# One' })).toMatchObject({
      version: 3,
    });
    expect(await records.postmortem(incidentId)).toEqual({ version: 3, by: 'ana', at: 4, text: '# One' });
    expect(await records.postmortem(anIncidentId(998))).toBeNull();
  });

  test('writers at the same time get a version each', async () => {
    const { records } = bench;
    const { incidentId } = fresh();
    const texts = Array.from({ length: 10 }, (_, n) => `# ${n}`);
    const written = await Promise.all(
      texts.map((text) => records.writePostmortem({ incidentId, by: 'ana', at: 1, text })),
    );
    expect(written.map(({ version }) => version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('[REC-11] a draft is nobody’s version, and comes neither over nor before what a person wrote', async () => {
    const { records } = bench;
    const ids = fresh();
    await records.project(aRecordBatch(ids));
    await records.prepare(ids.incidentId, format);
    await records.prepare(ids.incidentId, format);
    expect(await records.postmortem(ids.incidentId)).toBeNull();
    const text = '# Written by hand, with a NUL: \0';
    expect(await records.writePostmortem({ incidentId: ids.incidentId, by: 'ana', at: 5, text })).toMatchObject({
      version: 2,
    });
    await records.project(aRecordBatch({ ...ids, stateVersion: 2, head: { title: 'Another title' } }));
    await records.prepare(ids.incidentId, format);
    expect(await records.postmortem(ids.incidentId)).toEqual({
      ...{ version: 2, by: 'ana', at: 5, text: '# Written by hand, with a NUL: \u2400' },
    });
    expect(await records.writePostmortem({ incidentId: ids.incidentId, by: 'ana', at: 6, text: 'x' })).toMatchObject({
      version: 3,
    });
  });

  test('[REC-8] a rebuild leaves post-mortems alone, and numbers, recurrences and measures come back as they were', async () => {
    const { records } = bench;
    const [{ workflowId, incidentId: first }, { incidentId: second }] = [fresh(), fresh()];
    const head = { outcome: 'resolved', phase: 'resolved', team: 'rebuilt' } as const;
    const impact = { scope: null, usersAffected: 9, dataLoss: null, revenueLost: '$1', summary: 'x' };
    const batches = [
      aRecordBatch({
        ...{ workflowId, incidentId: first },
        head: { ...head, declaredAt: '2026-01-01T00:00:00Z', resolvedAt: '2026-01-01T01:00:00Z', impact },
      }),
      aRecordBatch({
        ...{ workflowId, incidentId: second },
        head: { ...head, declaredAt: '2026-01-02T00:00:00Z', resolvedAt: '2026-01-02T01:00:00Z' },
      }),
    ];
    for (const batch of batches) await records.project(batch);
    await records.writePostmortem({ incidentId: second, by: 'ana', at: 1, text: '# Kept' });
    const before = [
      await records.record(first),
      await records.record(second),
      await records.metrics({ team: 'rebuilt' }),
    ];
    expect(before[1]).toMatchObject({ incident: { recurrenceOf: expect.stringMatching(/^INC-2026-/) } });
    await records.wipeDerived();
    expect((await records.metrics({})).totals.incidents).toBe(0);
    for (const batch of batches.toReversed()) await records.project(batch);
    expect([
      ...[await records.record(first), await records.record(second), await records.metrics({ team: 'rebuilt' })],
    ]).toEqual(before);
    expect((await records.postmortem(second))?.text).toBe('# Kept');
  });

  test('a server counts itself and every server that reported within the last minute, each once', async () => {
    const { records } = bench;
    expect(await records.registerServer('one /srv')).toBe(1);
    expect(await records.registerServer('two /srv')).toBe(2);
    expect(await records.registerServer('one /srv')).toBe(2);
    await records.wipeDerived();
    expect(await records.registerServer('one \0 /srv')).toBe(3);
  });
});
