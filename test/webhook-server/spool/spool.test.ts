/** The spool keeps what it took: real files, real locks, real damage. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Locked, openSpool, type Spool } from '../../../webhook-server/spool/spool.ts';
import { alert, resolved, sighting, silentLog, T0 } from '../support/sightings.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const open = (at = directory): Promise<Spool> => openSpool({ directory: at, log: silentLog() });
const one = (name: string) => sighting(`inc-${name}`, [alert(name)]);
const segments = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.log'));

async function waitingIds(spool: Spool): Promise<string[]> {
  const entries = await spool.entries();
  const read = await Promise.all(entries.map((entry) => entry.read()));
  return read.map(({ opening }) => opening.workflowId);
}

/** Opens, does, closes. */
async function session<T>(act: (spool: Spool) => Promise<T>): Promise<T> {
  const spool = await open();
  try {
    return await act(spool);
  } finally {
    await spool.close();
  }
}

test('what was appended is there after a restart, whole and in order', async () => {
  const original = one('a');
  await session(async (spool) => {
    await spool.append(original);
    await spool.append(one('b'));
    expect(spool.waiting()).toBe(2);
  });
  await session(async (spool) => {
    expect(spool.waiting()).toBe(2);
    expect(await waitingIds(spool)).toEqual(['inc-a', 'inc-b']);
    const [first] = await spool.entries();
    expect(await first?.read()).toEqual(original);
  });
});

test('what is done with never comes again, and an empty spool leaves no segments', async () => {
  await session(async (spool) => {
    await spool.append(one('a'));
    await spool.append(one('b'));
    const [a] = await spool.entries();
    await a?.done();
    expect(spool.waiting()).toBe(1);
  });
  await session(async (spool) => {
    expect(await waitingIds(spool)).toEqual(['inc-b']);
    for (const entry of await spool.entries()) await entry.done();
    expect(spool.waiting()).toBe(0);
    expect(segments()).toEqual([]);
  });
});

test('notes of an old segment never swallow the records of a new one with its number', async () => {
  writeFileSync(join(directory, '0000000001.done'), '\n00000000\n\n00000001\n');
  await session(async (spool) => spool.append(one('a')));
  await session(async (spool) => expect(await waitingIds(spool)).toEqual(['inc-a']));
});

test('a torn note is not read as another line', async () => {
  await session(async (spool) => {
    for (let n = 0; n < 12; n += 1) await spool.append(one(`n${n}`));
  });
  writeFileSync(join(directory, '0000000001.done'), '\n0000001'); // of 00000011
  await session(async (spool) => expect(await waitingIds(spool)).toHaveLength(12));
});

test('the last record cut at any byte: the others are kept, the torn one is skipped, counted and set aside', async () => {
  await session(async (spool) => {
    for (const name of ['a', 'b', 'last']) await spool.append(one(name));
  });
  const file = join(directory, segments()[0] ?? '');
  const whole = readFileSync(file);
  const start = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (let cut = start; cut < whole.length; cut += 1) {
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(join(tmpdir(), 'spool-'));
    writeFileSync(join(directory, '0000000001.log'), whole.subarray(0, cut));
    await session(async (spool) => {
      const complete = cut === whole.length - 1; // only the line break is missing
      expect(await waitingIds(spool)).toEqual(complete ? ['inc-a', 'inc-b', 'inc-last'] : ['inc-a', 'inc-b']);
      expect(spool.corrupt()).toBe(complete || cut === start ? 0 : 1);
      if (cut % 50 > 0) return;
      await spool.append(one('next')); // what comes after the damage is not harmed by it
      expect(await waitingIds(spool)).toContain('inc-next');
    });
  }
}, 60_000);

test('a corrupt line in the middle is set aside once; its neighbours are kept', async () => {
  await session(async (spool) => {
    for (const name of ['a', 'b', 'c']) await spool.append(one(name));
  });
  const file = join(directory, segments()[0] ?? '');
  const bytes = readFileSync(file);
  const middle = bytes.indexOf('inc-b');
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x01;
  writeFileSync(file, bytes);
  await session(async (spool) => {
    expect(await waitingIds(spool)).toEqual(['inc-a', 'inc-c']);
    expect(spool.corrupt()).toBe(1);
  });
  await session(async (spool) => {
    expect(await waitingIds(spool)).toEqual(['inc-a', 'inc-c']);
    expect(spool.corrupt()).toBe(0);
  });
  const kept = readFileSync(join(directory, 'rejected.jsonl'), 'utf8').trim().split('\n');
  expect(kept).toHaveLength(1);
  expect(kept[0]).toContain('torn or corrupt line');
});

test('two owners: the second is refused, and may have it when the first has closed', async () => {
  const first = await open();
  await expect(open()).rejects.toThrow(Locked);
  await first.close();
  const second = await open();
  await second.close();
});

test('a lock whose process is gone, or whose process id belongs to another by now, is taken over at once', async () => {
  const { hostname } = await import('node:os');
  for (const holder of [
    { pid: 2 ** 22 + 1, begun: '1', host: hostname() },
    { pid: process.pid, begun: 'another life', host: hostname() },
    'garbage',
  ]) {
    writeFileSync(join(directory, 'lock'), JSON.stringify(holder));
    await session(async (spool) => spool.append(one('a')));
  }
});

test('a full spool refuses instead of eating the disk', async () => {
  const spool = await openSpool({ directory, log: silentLog(), maxBytes: 2000 });
  await spool.append(one('a'));
  await expect(
    (async () => {
      for (let n = 0; n < 10; n += 1) await spool.append(one(`n${n}`));
    })(),
  ).rejects.toThrow('full');
  expect(spool.waiting()).toBeGreaterThan(0);
  await spool.close();
});

test('many appends share an fsync (speed printed, not promised)', async () => {
  await session(async (spool) => {
    const count = 5000;
    const begunAt = performance.now();
    await Promise.all(Array.from({ length: count }, (_, n) => spool.append(one(`n${n}`))));
    const seconds = (performance.now() - begunAt) / 1000;
    process.stdout.write(`spool: ${Math.round(count / seconds)} appends/s in one burst\n`);
    expect(spool.waiting()).toBe(count);
    expect(new Set(await waitingIds(spool)).size).toBe(count);
  });
}, 60_000);

test('appends during a replay wait for the next one', async () => {
  await session(async (spool) => {
    await spool.append(one('a'));
    const round = await spool.entries();
    await spool.append(one('b'));
    for (const entry of round) await entry.done();
    expect(round).toHaveLength(1);
    expect(spool.waiting()).toBe(1);
    expect(await waitingIds(spool)).toEqual(['inc-b']);
  });
});

test('entries say how urgent they are', async () => {
  await session(async (spool) => {
    await spool.append(sighting('inc-x', [alert('mild', { severity: 'SEV3' }), alert('bad', { severity: 'SEV1' })]));
    await spool.append(sighting('inc-y', [resolved('z')]));
    const entries = await spool.entries();
    expect(entries.map(({ rank, receivedAt }) => ({ rank, receivedAt }))).toEqual([
      { rank: 0, receivedAt: T0 },
      { rank: 4, receivedAt: T0 },
    ]);
  });
});
