/** Lists, the public page and the archive, on every database. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadCursor, type ListQuery } from '../../records/open-records.ts';
import {
  aRecordBatch,
  aDelivery,
  aRecordedEntry,
  aMessage,
  aRecordedAlert,
  anIncidentId,
  aPublicUpdate,
  NOON,
} from './record-builders.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';

const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const;

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  beforeAll(async () => {
    bench = await open();
    for (let n = 0; n < 24; n += 1) {
      const ids = { incidentId: anIncidentId(n), workflowId: `inc-x-${n}` };
      // Three are declared in the same millisecond.
      const declaredAt = new Date(NOON + Math.floor(n / 3) * 1000).toISOString();
      const severity = SEVERITIES[n % 4] ?? 'SEV1';
      const phase = n % 2 === 0 ? 'investigating' : 'closed';
      const names = {
        team: n % 8 === 0 ? 'data' : 'platform',
        title: `Trouble ${n} of 100%`,
        service: n === 5 ? 'A_b' : null,
      };
      const head = { ...names, declaredAt, severity, phase, test: n === 7, restricted: n === 9 } as const;
      const alerts = [aRecordedAlert('b'), aRecordedAlert('a')];
      await bench.records.project(
        aRecordBatch({ ...ids, head, alerts, deliveries: [aDelivery(`k${n}`)], entries: [aRecordedEntry(1)] }),
      );
    }
  }, 60_000);
  afterAll(() => bench.stop(), 30_000);

  const listed = async (query: ListQuery): Promise<number[]> => {
    const { incidents } = await bench.records.list({ limit: 100, ...query });
    return incidents.map(({ id: incidentId }) => Number(incidentId.slice(3)));
  };
  const all = Array.from({ length: 24 }, (_, n) => 23 - n);

  test('newest declaration first, each as it is shown alone', async () => {
    const { incidents, next } = await bench.records.list({});
    expect(incidents.map(({ id: incidentId }) => Number(incidentId.slice(3)))).toEqual(all);
    expect(next).toBeNull();
    for (const incident of incidents.slice(0, 3)) {
      expect(incident).toEqual(await bench.records.incident(incident.id));
      expect(incident.alerts).toHaveLength(2);
      expect(incident.deliveries).toHaveLength(1);
    }
  });

  test('each filter leaves out the rest', async () => {
    expect(await listed({ open: true })).toEqual(all.filter((n) => n % 2 === 0));
    expect(await listed({ open: false })).toEqual(all.filter((n) => n % 2 === 1));
    expect(await listed({ severity: 'SEV3' })).toEqual(all.filter((n) => n % 4 === 2));
    expect(await listed({ team: 'data' })).toEqual([16, 8, 0]);
    expect(await listed({ open: true, severity: 'SEV1', team: 'data' })).toEqual([16, 8, 0]);
    expect(await listed({ team: "data' or true --" })).toEqual([]);
    expect(await listed({ restricted: false })).toEqual(all.filter((n) => n !== 9));
    expect(await listed({ test: false })).toEqual(all.filter((n) => n !== 7));
  });

  test('a search finds parts of title, number and service in any case, and takes every sign as itself', async () => {
    expect(await listed({ q: 'TROUBLE 1' })).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1]);
    expect(await listed({ q: 'inc-2026-003' })).toHaveLength(1);
    expect(await listed({ q: 'a_B' })).toEqual([5]);
    expect(await listed({ q: '100%' })).toEqual(all);
    for (const q of ['_', '%%', '1_0', '\\', "'", '%\0']) expect((await listed({ q })).length).toBe(q === '_' ? 1 : 0);
    expect(await listed({ q: '' })).toEqual(all);
  });

  test('pages of any size together are the list, each incident once', async () => {
    for (const limit of [1, 5, 7, 24]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await bench.records.list({ limit, open: true, ...(cursor === null ? {} : { cursor }) });
        expect(page.incidents.length).toBeLessThanOrEqual(limit);
        seen.push(...page.incidents.map(({ id: incidentId }) => incidentId));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual(all.filter((n) => n % 2 === 0).map(anIncidentId));
    }
  });

  test('a cursor that no list gave is refused', async () => {
    const made = (text: string): string => Buffer.from(text).toString('base64url');
    for (const cursor of ['', 'x', '%', made('1'), made('a.b'), made(`${'9'.repeat(30)}.x`), made('1.\0')]) {
      await expect(bench.records.list({ cursor })).rejects.toBeInstanceOf(BadCursor);
    }
  });

  test('the public page shows what is going on and what has just ended, and only what was written for it', async () => {
    const { records } = bench;
    const [old, recent, current] = [anIncidentId(101), anIncidentId(102), anIncidentId(103)];
    await records.publish(aPublicUpdate(1, { incidentId: old, at: NOON - 1000 }));
    await records.publish(aPublicUpdate(2, { incidentId: old, at: NOON - 10, state: 'Resolved' }));
    await records.publish(aPublicUpdate(5, { incidentId: recent, at: NOON + 60, state: 'Resolved' }));
    await records.publish(aPublicUpdate(3, { incidentId: recent, at: NOON + 30 }));
    await records.publish(aPublicUpdate(1, { incidentId: current, at: NOON - 90_000, nextUpdateAt: NOON + 900 }));
    await records.publish(aPublicUpdate(1, { incidentId: current, at: NOON - 90_000, text: 'another' }));
    const page = await records.publicPage({ since: NOON });
    expect(page).toEqual([
      {
        ...{ incidentId: recent, state: 'Resolved', impact: 'major', component: 'Checkout', nextUpdateAt: null },
        ...{ startedAt: NOON + 30, updatedAt: NOON + 60 },
        updates: [
          { n: 5, at: NOON + 60, state: 'Resolved', text: 'public 5' },
          { n: 3, at: NOON + 30, state: 'Investigating', text: 'public 3' },
        ],
      },
      {
        ...{ incidentId: current, state: 'Investigating', impact: 'major', component: 'Checkout' },
        ...{ nextUpdateAt: NOON + 900, startedAt: NOON - 90_000, updatedAt: NOON - 90_000 },
        updates: [{ n: 1, at: NOON - 90_000, state: 'Investigating', text: 'public 1' }],
      },
    ]);
    await records.wipeDerived();
    expect(await records.publicPage({ since: NOON })).toEqual(page);
    expect((await records.publicEntries(old)).map(({ n }) => n)).toEqual([1, 2]);
    await records.publish(aPublicUpdate(3, { incidentId: old, at: NOON - 5, state: 'Investigating' }));
    expect(await records.publicPage({ since: NOON })).toHaveLength(3);
  });

  test('[COMM-8] a renewed entry keeps its place and gets its new time and promise; late copies of it change nothing', async () => {
    const { records } = bench;
    const id = anIncidentId(104);
    await records.publish(aPublicUpdate(1, { incidentId: id, at: NOON }));
    await records.publish(aPublicUpdate(4, { incidentId: id, at: NOON + 10, nextUpdateAt: NOON + 20 }));
    const renewal = aPublicUpdate(4, { incidentId: id, at: NOON + 20, nextUpdateAt: NOON + 30, text: 'still' });
    const before = aPublicUpdate(4, { incidentId: id, at: NOON + 15, nextUpdateAt: NOON + 25 });
    for (const update of [renewal, before, renewal]) await records.publish(update);
    const shown = (await records.publicPage({ since: NOON })).find(({ incidentId }) => incidentId === id);
    expect(shown).toMatchObject({ startedAt: NOON, updatedAt: NOON + 20, nextUpdateAt: NOON + 30 });
    expect(shown?.updates.map(({ n, at, text }) => [n, at, text])).toEqual([
      [4, NOON + 20, 'still'],
      [1, NOON, 'public 1'],
    ]);
  });

  test('a closed incident becomes one file, whole, and the same file when it is archived again', async () => {
    const { records, archiveDirectory } = bench;
    rmSync(archiveDirectory, { recursive: true, force: true });
    mkdirSync(archiveDirectory);
    const ids = { incidentId: anIncidentId(200), workflowId: 'inc-y-1' };
    const { reference } = await records.project(
      aRecordBatch({ ...ids, entries: [aRecordedEntry(1)], messages: [aMessage(1)] }),
    );
    writeFileSync(join(archiveDirectory, `${reference}.json`), 'torn');
    for (let again = 0; again < 2; again += 1) {
      await records.archive(ids.incidentId);
      expect(readdirSync(archiveDirectory)).toEqual([`${reference}.json`]);
      const text = readFileSync(join(archiveDirectory, `${reference}.json`), 'utf8');
      expect(JSON.parse(text)).toEqual(await records.record(ids.incidentId));
    }
    expect(statSync(join(archiveDirectory, `${reference}.json`)).mode & 0o777).toBe(0o600);
    await records.project(aRecordBatch({ incidentId: '../../x', workflowId: 'w', head: { test: true } }));
    await records.archive('../../x');
    expect(readdirSync(archiveDirectory).sort()).toEqual([`${reference}.json`, '______x.json'].sort());
    await expect(records.archive(anIncidentId(201))).rejects.toThrow('no record');
  });
});
