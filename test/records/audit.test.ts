/** The audit in SQL: append-only, each line once, found by every name of an incident, on every database. */
import type { AuditEntry } from '../../records/open-records.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  const idOf = (n: number): string => `01K${String(n).padStart(23, '0')}`;
  const aLine = (n: number, over: Partial<AuditEntry> = {}): AuditEntry => ({
    ...{ id: idOf(n), at: '2026-11-21T12:00:00.000Z', via: 'http', from: '127.0.0.1', agent: null, token: 'ops' },
    ...{ keyId: '0a1b2c3d', person: null, role: 'admin', by: 'ana', onBehalf: true, command: 'resolve', subject: null },
    ...{ workflowId: null, incidentId: null, requestId: null, outcome: 'done', status: 200, omitted: 0 },
    ...over,
  });
  const ids = async (query: Parameters<RecordsFixture['records']['readAudit']>[0]): Promise<readonly string[]> =>
    (await bench.records.readAudit(query)).entries.map(({ id }) => id);

  test('what is written is read, newest first, by pages; the same line again changes nothing', async () => {
    const { records } = bench;
    const lines = [aLine(3), aLine(1, { agent: 'a\0\ud800', by: null }), aLine(2)];
    await records.writeAudit(lines);
    await records.writeAudit([aLine(3, { command: 'changed', outcome: 'failed' }), aLine(2)]);
    await records.writeAudit([]);
    expect(await records.readAudit({})).toEqual({
      entries: [aLine(3), aLine(2), aLine(1, { agent: 'a\u2400\ufffd', by: null })],
      next: null,
    });
    const first = await records.readAudit({ limit: 2 });
    expect(first.next).toBe(idOf(2));
    expect(await ids({ limit: 2, cursor: idOf(2) })).toEqual([idOf(1)]);
    for (const cursor of ['', 'x', "'; drop table audit", idOf(1).toLowerCase()]) {
      await expect(records.readAudit({ cursor })).rejects.toMatchObject({ name: 'BadCursor' });
    }
  });

  test('an incident is found by whatever it was called; lines that mean another incident_id are left out', async () => {
    const { records } = bench;
    await records.writeAudit([
      aLine(11, { subject: 'INC-2026-003', workflowId: 'inc-a', incidentId: 'E1' }),
      aLine(12, { subject: 'INC-2026-003' }),
      aLine(13, { subject: 'inc-a', workflowId: 'inc-a', incidentId: 'E2' }),
      aLine(14, { subject: 'inc-a', workflowId: 'inc-a' }),
      aLine(15, { subject: 'inc-b', workflowId: 'inc-b', incidentId: 'E3' }),
    ]);
    expect(await ids({ names: ['inc-a'] })).toEqual([14, 13, 11].map(idOf));
    expect(await ids({ names: ['INC-2026-003', 'inc-a', 'E1'], incidentId: 'E1' })).toEqual([14, 12, 11].map(idOf));
    expect(await ids({ names: ['nothing'] })).toEqual([]);
  });

  test('a rebuild leaves it alone', async () => {
    const { records } = bench;
    await records.writeAudit([aLine(21)]);
    await records.wipeDerived();
    expect(await ids({ limit: 1 })).toEqual([idOf(21)]);
  });
});
