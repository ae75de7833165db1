/** A disk that refuses: appends reject, and work again by themselves when it no longer does. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSpool, type Spool } from '../../../../webhook-server/delivery/spool/spool.ts';
import { alert, routed, silentLog } from '../../support/routed-alerts.ts';

const home = mkdtempSync(join(tmpdir(), 'spool-unwritable-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const one = (name: string, annotations = {}) => routed(`inc-${name}`, [alert(name, { annotations })]);

async function isWritableWithin(spool: Spool, ms: number): Promise<boolean> {
  for (const until = Date.now() + ms; Date.now() < until; await sleep(100)) {
    if (await spool.writable()) return true;
  }
  return false;
}

test('a directory that cannot be made: refused now, taken once it can', async () => {
  const parent = join(home, 'parent');
  writeFileSync(parent, 'a file where a directory should be');
  const spool = await openSpool({ directory: join(parent, 'spool'), log: silentLog() });
  await expect(spool.append(one('a'))).rejects.toThrow();
  expect(await spool.writable()).toBe(false);
  rmSync(parent);
  mkdirSync(parent);
  await spool.append(one('b'));
  expect(spool.pendingCount()).toBe(1);
  expect(await isWritableWithin(spool, 5000)).toBe(true);
  await spool.close();
});

/** A real, tiny file system needs the right to mount one. */
function mountTiny(at: string): boolean {
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a full disk: what was taken stays, the rest is refused, and space brings it back', async () => {
  const disk = join(home, 'disk');
  if (!mountTiny(disk)) {
    process.stdout.write('skipped: no right to mount a small file system for the full-disk test\n');
    return;
  }
  try {
    const spool = await openSpool({ directory: join(disk, 'spool'), log: silentLog() });
    await spool.append(one('first'));
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(120 * 1024));
    const big = { text: 'x'.repeat(20_000) };
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => spool.append(one(`n${n}`, big))));
    for (let n = 0; n < 10; n += 1) await spool.append(one(`alone${n}`, big)).catch(() => undefined);
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
    const taken = spool.pendingCount();
    expect(await isWritableWithin(spool, 1)).toBe(false);

    rmSync(join(disk, 'ballast'));
    await spool.append(one('last'));
    expect(await isWritableWithin(spool, 5000)).toBe(true);
    await spool.close();

    const again = await openSpool({ directory: join(disk, 'spool'), log: silentLog() });
    const ids = await Promise.all(
      (await again.backlog()).alerts.map(async (entry) => (await entry.read()).declaration.workflowId),
    );
    await again.close();
    expect(ids).toEqual(expect.arrayContaining(['inc-first', 'inc-last']));
    expect(ids.length).toBeGreaterThanOrEqual(taken + 1);
  } finally {
    execFileSync('umount', [disk]);
  }
}, 30_000);
