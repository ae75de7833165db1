/** Lines on their way to the disk: nobody waits for them, and what is lost is said. Real files, also ones that refuse. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appendAuditEntries,
  readNewestAuditEntries,
  readAuditFilePart,
} from '../../../webhook-server/audit/audit-files.ts';
import { openAuditJournal, type AuditJournal } from '../../../webhook-server/audit/audit-journal.ts';
import { createUnauthenticatedAttempts } from '../../../webhook-server/audit/audit.ts';
import { silentLog } from '../support/routed-alerts.ts';
import { anAuditEntry, FILE, NOON, temporary, textOf } from './audit-fixtures.ts';

let home: ReturnType<typeof temporary>;
let directory = '';
let log: ReturnType<typeof silentLog>;
const open = (limit?: number): AuditJournal =>
  openAuditJournal({
    ...{ directory, log, now: () => NOON, onWritten: () => undefined },
    ...(limit === undefined ? {} : { limit }),
  });
beforeEach(() => {
  home = temporary();
  directory = join(home.path, 'audit');
  log = silentLog();
});
afterEach(() => home.remove());

const subjects = async (): Promise<readonly (string | null)[]> =>
  (await readNewestAuditEntries(directory)).map(({ subject }) => subject).reverse();

test('lines are in a private file of the month, one after the other, in the order they came', async () => {
  const journal = open();
  for (let i = 0; i < 500; i += 1) journal.append(anAuditEntry(`s${i}`));
  await journal.close();
  const lines = textOf(directory).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { subject: string }).subject)).toEqual(
    Array.from({ length: 500 }, (_, i) => `s${i}`),
  );
  expect(statSync(join(directory, FILE)).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('two processes at one file lose nothing and mix nothing', async () => {
  const [one, two] = [open(), open()];
  for (let i = 0; i < 200; i += 1) {
    one.append(anAuditEntry(`one-${i}`));
    two.append(anAuditEntry(`two-${i}`));
    if (i % 20 === 0) await new Promise(setImmediate);
  }
  await Promise.all([one.close(), two.close()]);
  expect(await subjects()).toHaveLength(400);
});

test('a line that was torn by a crash costs itself alone', async () => {
  mkdirSync(directory);
  const whole = JSON.stringify(anAuditEntry('whole'));
  for (let cut = 1; cut < whole.length; cut += 40) {
    writeFileSync(join(directory, FILE), `${JSON.stringify(anAuditEntry('before'))}\n${whole.slice(0, cut)}`);
    await appendAuditEntries(directory, [anAuditEntry('after')], NOON);
    expect([...(await subjects())].sort()).toEqual(['after', 'before']);
    const part = await readAuditFilePart(directory, FILE, 0);
    expect([part?.entries.length, part?.broken]).toEqual([2, 1]);
  }
});

test('half a line at the end is waited for, and a file without lines is passed over', async () => {
  mkdirSync(directory);
  const file = join(directory, FILE);
  const text = JSON.stringify(anAuditEntry('late'));
  writeFileSync(file, text.slice(0, 30));
  expect(await readAuditFilePart(directory, FILE, 0)).toBeNull();
  appendFileSync(file, `${text.slice(30)}\n`);
  expect((await readAuditFilePart(directory, FILE, 0))?.entries).toHaveLength(1);
  writeFileSync(file, 'x'.repeat(600_000));
  expect(await readAuditFilePart(directory, FILE, 0)).toMatchObject({ entries: [], broken: 1, next: 256 * 1024 });
});

test('while the disk refuses nobody waits, the newest lines are kept, and what was lost is counted in a line', async () => {
  // A file where the directory should be: refused for root as well.
  writeFileSync(directory, '');
  const journal = open(5);
  for (let i = 0; i < 8; i += 1) journal.append(anAuditEntry(`s${i}`));
  await journal.flushed();
  expect(existsSync(join(directory, FILE))).toBe(false);
  expect(log.lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
  rmSync(directory);
  journal.append(anAuditEntry('s8'));
  await journal.flushed();
  await journal.close();
  const found = [...(await readNewestAuditEntries(directory))];
  expect(found.flatMap(({ subject }) => subject ?? []).sort()).toEqual(['s4', 's5', 's6', 's7', 's8']);
  expect(found.filter(({ command }) => command === 'audit.lost')).toMatchObject([{ omitted: 4, outcome: 'failed' }]);
  expect(log.lines.filter((line) => line.includes('can be written again'))).toHaveLength(1);
});

test('it tries again by itself', async () => {
  writeFileSync(directory, '');
  const journal = open();
  journal.append(anAuditEntry('late'));
  await journal.flushed();
  rmSync(directory);
  await new Promise((passed) => setTimeout(passed, 1300));
  expect(await subjects()).toEqual(['late']);
  await journal.close();
});

test('what could not be written in the end is said', async () => {
  writeFileSync(directory, '');
  const journal = open();
  journal.append(anAuditEntry('never'));
  await journal.close();
  expect(log.lines.at(-1)).toContain('were never written');
  expect(log.lines.at(-1)).toContain('"unwritten":1');
});

test('10,000 lines do not hold up the one who has them to say', async () => {
  const journal = open();
  const lines = Array.from({ length: 10_000 }, (_, i) => anAuditEntry(`s${i}`));
  const begun = performance.now();
  for (const line of lines) journal.append(line);
  expect(performance.now() - begun).toBeLessThan(1000);
  await journal.flushed();
  await journal.close();
  expect(readFileSync(join(directory, FILE), 'utf8').split('\n')).toHaveLength(10_001);
});

test('unauthenticated clients: a number of lines a minute, the rest are in the next line, or in one of their own at the end', () => {
  let now = 0;
  const told: number[] = [];
  const unknownOnes = createUnauthenticatedAttempts(
    (omitted) => told.push(omitted),
    () => now,
  );
  const taken = Array.from({ length: 70 }, () => unknownOnes.take());
  expect(taken.filter((omitted) => omitted === 0)).toHaveLength(60);
  expect(taken.slice(60)).toEqual(Array(10).fill(null));
  now = 60_000;
  expect([unknownOnes.take(), unknownOnes.take()]).toEqual([10, 0]);
  for (let i = 0; i < 60; i += 1) unknownOnes.take();
  unknownOnes.close();
  expect(told).toEqual([2]);
});
