/** The dedup log keeps what was paged: real files, cut at every byte, flipped, on a disk that refuses. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firingId } from '../../../../webhook-server/delivery/fallback-paging/firings.ts';
import {
  type DedupLog,
  type DedupLogLine,
  acceptedPages,
  openDedupLog,
} from '../../../../webhook-server/delivery/fallback-paging/dedup-log.ts';
import { silentLog } from '../../support/routed-alerts.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dedup-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (): string => join(directory, 'paged.log');
const open = (over: object = {}): Promise<DedupLog> => openDedupLog({ directory, log: silentLog(), ...over });
const id = (n: number): string => firingId('inc-a', { fingerprint: `x${n}`, startsAt: n });
const intended = (n: number, at = Date.now()): DedupLogLine => ({
  intended: { key: `bg/${n}`, to: 'ana', level: 1, at, firings: [[id(n), `E${n}`]] },
});
const accepted = (n: number, at = 7): DedupLogLine => ({ accepted: { key: `bg/${n}`, method: 'webhook', at } });
const page = (n: number) => ({ to: 'ana', method: 'webhook', key: `bg/${n}`, at: 7, incidentId: `E${n}` });
const pagesOf = (log: DedupLog, n: number) => acceptedPages(log.pagesAbout(id(n)));

async function written(count: number): Promise<Buffer> {
  const log = await open();
  for (let n = 0; n < count; n += 1) for (const line of [intended(n), accepted(n)]) await log.append(line);
  await log.close();
  return readFileSync(file());
}

test('what was noted is there after a restart; a page that was only intended has its key and reached nobody', async () => {
  await written(2);
  const log = await open();
  await log.append(intended(2));
  await log.append({ delivered: [id(0)] });
  await log.close();
  const again = await open();
  expect([0, 1, 2].map((n) => pagesOf(again, n))).toEqual([[page(0)], [page(1)], []]);
  expect(again.pagesAbout(id(2))).toMatchObject([{ key: 'bg/2', to: 'ana', accepted: [] }]);
  expect([again.isDelivered(id(0)), again.isDelivered(id(1))]).toEqual([true, false]);
  await again.close();
});

test('cut at every byte: whatever is whole is remembered, nothing is made up, and the next note is not harmed', async () => {
  const whole = await written(3);
  const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    writeFileSync(file(), whole.subarray(0, cut));
    const log = await open();
    const lines = ends.filter((end) => end <= cut).length; // without its line break a line is whole
    expect([0, 1, 2].map((n) => pagesOf(log, n).length)).toEqual([0, 1, 2].map((n) => (lines >= 2 * n + 2 ? 1 : 0)));
    expect([0, 1, 2].map((n) => log.pagesAbout(id(n)).length)).toEqual(
      [0, 1, 2].map((n) => (lines >= 2 * n + 1 ? 1 : 0)),
    );
    if (cut % 17 === 0) {
      for (const line of [intended(9), accepted(9)]) await log.append(line);
      await log.close();
      const again = await open();
      expect(pagesOf(again, 9)).toEqual([page(9)]);
      await again.close();
    } else await log.close();
  }
}, 60_000);

test('a flipped byte costs its own line and no other', async () => {
  const whole = await written(3);
  for (let at = 0; at < whole.length; at += 5) {
    if (whole[at] === 10) continue;
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x20;
    writeFileSync(file(), bytes);
    const log = await open();
    expect([log.corrupt, [0, 1, 2].flatMap((n) => pagesOf(log, n)).length]).toEqual([1, 2]);
    await log.close();
  }
}, 60_000);

test('a disk that refuses stops nothing: it is remembered, and written when the disk takes it again', async () => {
  const parent = join(directory, 'later');
  const log = await open({ directory: parent });
  await log.append(intended(1));
  await log.append(accepted(1));
  expect(pagesOf(log, 1)).toEqual([page(1)]);
  mkdirSync(parent);
  await log.append(intended(2));
  await log.close();
  const again = await open({ directory: parent });
  expect([pagesOf(again, 1), again.pagesAbout(id(2)).length]).toEqual([[page(1)], 1]);
  await again.close();
});

test('a file that cannot be read is no reason not to start', async () => {
  mkdirSync(file());
  const log = await open();
  await log.append(intended(1));
  expect(log.pagesAbout(id(1))).toHaveLength(1);
  await log.close();
  chmodSync(file(), 0o700);
});

test('it stays bounded: what is a week old is forgotten, and what is left is written anew', async () => {
  const now = Date.now();
  const log = await open({ compactAfter: 50 });
  for (let n = 0; n < 200; n += 1) await log.append(intended(n, n < 190 ? now - 8 * 86_400_000 : now));
  await log.close();
  expect(statSync(file()).size).toBeLessThan(60 * 200);
  const again = await open();
  expect([again.pagesAbout(id(0)).length, again.pagesAbout(id(199)).length]).toEqual([0, 1]);
  await again.close();
});
