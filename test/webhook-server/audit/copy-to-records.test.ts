/** From the files into the records: everything, once, from where it stopped, whatever was away in between. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordsDown, type AuditEntry } from '../../../records/open-records.ts';
import { openAudit } from '../../../webhook-server/audit/audit.ts';
import { startAuditCopier, type AuditCopier } from '../../../webhook-server/audit/copy-to-records.ts';
import { appendAuditEntries, auditLocalAction } from '../../../webhook-server/audit/audit-files.ts';
import { realRecords, type RealRecords } from '../support/test-records.ts';
import { silentLog } from '../support/routed-alerts.ts';
import { anAuditEntry, NOON, temporary, until } from './audit-fixtures.ts';

let home: ReturnType<typeof temporary>;
let directory = '';
beforeEach(() => {
  home = temporary();
  directory = join(home.path, 'audit');
});
afterEach(() => home.remove());

/** Records that remember what they were given, and can be away. */
function records() {
  const state = { away: false, given: [] as AuditEntry[], calls: 0 };
  const writeAudit = (entries: readonly AuditEntry[]): Promise<void> => {
    state.calls += 1;
    if (state.away) return Promise.reject(new RecordsDown('away'));
    state.given.push(...entries);
    return Promise.resolve();
  };
  return { state, writeAudit, subjects: () => state.given.map(({ subject }) => subject) };
}

const start = (given: Parameters<typeof startAuditCopier>[0]['records'], log = silentLog()): AuditCopier =>
  startAuditCopier({ directory, records: given, log, pollIntervalMs: 50 });

test('lines of every month and of other processes arrive, and none twice after a restart', async () => {
  await appendAuditEntries(directory, [anAuditEntry('october')], NOON - 31 * 86_400_000);
  await appendAuditEntries(directory, [anAuditEntry('november')], NOON);
  const to = records();
  const copying = start(to);
  expect(await copying.caughtUp(5000)).toBe(true);
  await auditLocalAction({ home: home.path, command: 'token.create', subject: 'ci', outcome: 'done' });
  await until('the line beside', 3000, () => to.subjects().includes('ci'));
  await copying.close();
  await appendAuditEntries(directory, [anAuditEntry('while it was away')], NOON);
  const again = start(to);
  expect(await again.caughtUp(5000)).toBe(true);
  await again.close();
  expect(to.subjects()).toEqual(['october', 'november', 'ci', 'while it was away']);
});

test('the records are away: nothing is lost, nothing is said a second time, and the place is kept', async () => {
  const to = records();
  to.state.away = true;
  const log = silentLog();
  const copying = start(to, log);
  await appendAuditEntries(directory, [anAuditEntry('a'), anAuditEntry('b')], NOON);
  await until('it tries', 3000, () => to.state.calls > 2);
  expect(await copying.caughtUp(1000)).toBe(false);
  to.state.away = false;
  await until('it catches up', 3000, () => to.subjects().length === 2);
  await copying.close();
  expect(log.lines).toEqual([]);
  const places = JSON.parse(readFileSync(join(directory, 'copied.json'), 'utf8')) as Record<string, number>;
  expect(Object.values(places)[0]).toBeGreaterThan(400);
});

test('a lost place, and a file that was emptied: it begins anew, and the same lines come again', async () => {
  await appendAuditEntries(directory, [anAuditEntry('a')], NOON);
  const to = records();
  const first = start(to);
  await first.caughtUp(5000);
  await first.close();
  rmSync(join(directory, 'copied.json'));
  const second = start(to);
  await second.caughtUp(5000);
  await second.close();
  writeFileSync(join(directory, 'audit-2026-11.jsonl'), '');
  await appendAuditEntries(
    directory,
    [anAuditEntry('b')].map((line) => ({ ...line, agent: null, token: null })),
    NOON,
  );
  const third = start(to);
  await third.caughtUp(5000);
  await third.close();
  expect(to.subjects()).toEqual(['a', 'a', 'b']);
});

test('a line that nobody can read holds up none behind it, and is said', async () => {
  await appendAuditEntries(directory, [anAuditEntry('a')], NOON);
  writeFileSync(join(directory, 'audit-2026-11.jsonl'), '{"id":"made up"}\n\u0000\n', { flag: 'a' });
  await appendAuditEntries(directory, [anAuditEntry('b')], NOON);
  const to = records();
  const log = silentLog();
  const copying = start(to, log);
  await copying.caughtUp(5000);
  await copying.close();
  expect(to.subjects()).toEqual(['a', 'b']);
  expect(log.lines.filter((line) => line.includes('"lines":2'))).toHaveLength(1);
});

test('records that hang hold up neither the writer nor the end', async () => {
  const hanging = () => new Promise<never>(() => undefined);
  const audit = openAudit({ home: home.path, records: { writeAudit: hanging, readAudit: hanging }, log: silentLog() });
  const begun = performance.now();
  for (let i = 0; i < 1000; i += 1) audit.write({ via: 'http', command: 'resolve', outcome: 'done', token: 'ops' });
  expect(performance.now() - begun).toBeLessThan(1000);
  await audit.close();
  expect(performance.now() - begun).toBeLessThan(3000);
  expect(
    readFileSync(join(directory, `audit-${new Date().toISOString().slice(0, 7)}.jsonl`), 'utf8').split('\n'),
  ).toHaveLength(1001);
});

describe('with real records', () => {
  let real: RealRecords;
  beforeAll(async () => (real = await realRecords()), 60_000);
  afterAll(() => real.stop(), 30_000);

  test('10,000 lines of an outage are there once, newest first, page by page', async () => {
    const audit = openAudit({ home: home.path, records: real.records, log: silentLog() });
    for (let i = 0; i < 10_000; i += 1) {
      audit.write({ via: 'http', command: 'addNote', outcome: 'done', token: 'ops', subject: `s${i}` });
    }
    await until('all are copied', 30_000, async () => {
      const { entries } = await audit.read({ names: ['s9999'] });
      return entries.length === 1;
    });
    const first = await audit.read({ limit: 200 });
    const second = await audit.read({ limit: 200, cursor: first.next ?? '' });
    expect([first.complete, first.entries.length, second.entries.length]).toEqual([true, 200, 200]);
    expect(new Set([...first.entries, ...second.entries].map(({ id }) => id)).size).toBe(400);
    await expect(audit.read({ cursor: 'x' })).rejects.toMatchObject({ name: 'BadCursor' });
    await audit.close();
  }, 60_000);
});
