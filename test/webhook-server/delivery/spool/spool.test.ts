/** The spool keeps what it took: real files, real locks, real damage. */
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../../../domain/kernel/policy.ts';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { toChecksummedLine, scanSegment } from '../../../../webhook-server/delivery/spool/segment.ts';
import { DirectoryLocked, openSpool, type Spool } from '../../../../webhook-server/delivery/spool/spool.ts';
import { alert, resolved, routed, silentLog, T0 } from '../../support/routed-alerts.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const open = (at = directory): Promise<Spool> => openSpool({ directory: at, log: silentLog() });
/** Small: what it holds does not matter here, only where it is cut. */
function one(name: string): RoutedAlerts {
  const whole = routed(`inc-${name}`, [alert(name)]);
  return { ...whole, declaration: { ...whole.declaration, policy: { digest: name } as Policy } };
}
const segments = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.log'));

async function waitingIds(spool: Spool): Promise<string[]> {
  const entries = (await spool.backlog()).alerts;
  const read = await Promise.all(entries.map((entry) => entry.read()));
  return read.map(({ declaration }) => declaration.workflowId);
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
    expect(spool.pendingCount()).toBe(2);
  });
  await session(async (spool) => {
    expect(spool.pendingCount()).toBe(2);
    expect(await waitingIds(spool)).toEqual(['inc-a', 'inc-b']);
    const [first] = (await spool.backlog()).alerts;
    expect(await first?.read()).toEqual(original);
  });
});

test('what is done with never comes again, and an empty spool leaves no segments', async () => {
  await session(async (spool) => {
    await spool.append(one('a'));
    await spool.append(one('b'));
    const [a] = (await spool.backlog()).alerts;
    await a?.done();
    expect(spool.pendingCount()).toBe(1);
  });
  await session(async (spool) => {
    expect(await waitingIds(spool)).toEqual(['inc-b']);
    for (const entry of (await spool.backlog()).alerts) await entry.done();
    expect(spool.pendingCount()).toBe(0);
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

/** A new directory with these files; the old one is gone. */
function startOver(files: Readonly<Record<string, Uint8Array>>): void {
  rmSync(directory, { recursive: true });
  directory = mkdtempSync(join(tmpdir(), 'spool-'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes);
}

async function written(names: readonly string[]): Promise<Buffer> {
  await session(async (spool) => {
    for (const name of names) await spool.append(one(name));
  });
  return readFileSync(join(directory, segments()[0] ?? ''));
}

test('[ALERT-8] cut at every byte: every whole record is kept, none is made up, and the torn one is set aside', async () => {
  const names = ['a', 'b', 'last'];
  const whole = await written(names);
  const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    startOver({ '0000000001.log': whole.subarray(0, cut) });
    const kept = names.slice(0, ends.filter((end) => end <= cut).length); // without its line break a record is whole
    const isTorn = cut > 0 && !ends.includes(cut) && !ends.includes(cut - 1);
    const { pending, broken } = await scanSegment(directory, 1);
    expect(pending.map(({ text }) => (JSON.parse(text) as RoutedAlerts).declaration.title)).toEqual(
      kept.map((name) => `inc-${name} is down`),
    );
    expect(broken).toHaveLength(isTorn ? 1 : 0);
    if (cut % 100 > 0) continue;
    await session(async (spool) => {
      expect([await waitingIds(spool), spool.corruptCount()]).toEqual([
        kept.map((name) => `inc-${name}`),
        broken.length,
      ]);
      await spool.append(one('next')); // what comes after the damage is not harmed by it
      expect(await waitingIds(spool)).toContain('inc-next');
    });
  }
}, 60_000);

test('notes cut at every byte: a record comes again or it does not, and no other is taken for done', async () => {
  const whole = await written(Array.from({ length: 12 }, (_, n) => `n${n}`));
  await session(async (spool) => {
    const { alerts } = await spool.backlog();
    for (const n of [1, 11, 4]) await alerts[n]?.done();
  });
  const notes = readFileSync(join(directory, '0000000001.done'));
  const left = new Set<number>();
  for (let cut = 0; cut <= notes.length; cut += 1) {
    startOver({ '0000000001.log': whole, '0000000001.done': notes.subarray(0, cut) });
    await session(async (spool) => {
      const waiting = await waitingIds(spool);
      left.add(waiting.length);
      for (const n of [0, 2, 3, 5, 6, 7, 8, 9, 10]) expect(waiting).toContain(`inc-n${n}`);
    });
  }
  expect([...left].sort()).toEqual([10, 11, 12, 9]);
}, 60_000);

test('a flipped byte anywhere costs one record, which is set aside whole; the others are kept', async () => {
  const names = ['a', 'b', 'c'];
  const whole = await written(names);
  for (let at = 0; at < whole.length; at += 31) {
    if (whole[at] === 10) continue; // two records become one line: both are lost to it, and both are set aside
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x20;
    startOver({ '0000000001.log': bytes });
    await session(async (spool) => {
      expect([(await waitingIds(spool)).length, spool.corruptCount()]).toEqual([2, 1]);
    });
    const [line = '{}'] = readFileSync(join(directory, 'rejected.jsonl'), 'utf8').split('\n');
    const { content } = JSON.parse(line) as { content: { base64: string } };
    expect(bytes.includes(Buffer.from(content.base64, 'base64'))).toBe(true);
  }
}, 60_000);

test('what a person said is kept beside the alerts, whole, until it is done with', async () => {
  const command = { type: 'acknowledge', by: 'ana', incidentId: 'E1', requestId: 'link:E1:1:ana' } as const;
  await session(async (spool) => {
    await spool.append(one('a'));
    await spool.appendCommand({ workflowId: 'inc-a', command });
    expect(spool.pendingCount()).toBe(2);
  });
  await session(async (spool) => {
    const { alerts, commands } = await spool.backlog();
    expect([alerts.length, commands]).toEqual([1, [{ workflowId: 'inc-a', command, done: expect.any(Function) }]]);
    await commands[0]?.done();
    expect(spool.pendingCount()).toBe(1);
  });
  await session(async (spool) => expect((await spool.backlog()).commands).toEqual([]));
});

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
    expect(spool.corruptCount()).toBe(1);
  });
  await session(async (spool) => {
    expect(await waitingIds(spool)).toEqual(['inc-a', 'inc-c']);
    expect(spool.corruptCount()).toBe(0);
  });
  const kept = readFileSync(join(directory, 'rejected.jsonl'), 'utf8').trim().split('\n');
  expect(kept).toHaveLength(1);
  expect(kept[0]).toContain('torn or corrupt line');
});

test('a record of another version goes to the dead letters and holds up nothing', async () => {
  await session(async (spool) => spool.append(one('a')));
  appendFileSync(
    join(directory, segments()[0] ?? ''),
    toChecksummedLine(JSON.stringify({ opening: { workflowId: 'old' } })),
  );
  await session(async (spool) => {
    expect(spool.pendingCount()).toBe(1);
    expect(await waitingIds(spool)).toEqual(['inc-a']);
  });
  expect(readFileSync(join(directory, 'rejected.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1);
});

test('two owners: the second is refused, and may have it when the first has closed', async () => {
  const first = await open();
  await expect(open()).rejects.toThrow(DirectoryLocked);
  await first.close();
  const second = await open();
  await second.close();
});

test('a lock whose process is gone, or whose process id belongs to another by now, is taken over at once', async () => {
  const spool = await open();
  const { host } = JSON.parse(readFileSync(join(directory, 'lock'), 'utf8')) as { host: string };
  await spool.close();
  for (const holder of [
    { pid: 2 ** 22 + 1, startedAt: '1', host },
    { pid: process.pid, startedAt: 'another life', host },
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
  expect(spool.pendingCount()).toBeGreaterThan(0);
  await spool.close();
});

test('many appends share an fsync (speed printed, not promised)', async () => {
  await session(async (spool) => {
    const count = 5000;
    const begunAt = performance.now();
    await Promise.all(Array.from({ length: count }, (_, n) => spool.append(one(`n${n}`))));
    const seconds = (performance.now() - begunAt) / 1000;
    process.stdout.write(`spool: ${Math.round(count / seconds)} appends/s in one burst\n`);
    expect(spool.pendingCount()).toBe(count);
    expect(new Set(await waitingIds(spool)).size).toBe(count);
  });
}, 60_000);

test('appends during a replay wait for the next one', async () => {
  await session(async (spool) => {
    await spool.append(one('a'));
    const round = (await spool.backlog()).alerts;
    await spool.append(one('b'));
    for (const entry of round) await entry.done();
    expect(round).toHaveLength(1);
    expect(spool.pendingCount()).toBe(1);
    expect(await waitingIds(spool)).toEqual(['inc-b']);
  });
});

test('entries say how urgent they are', async () => {
  await session(async (spool) => {
    await spool.append(routed('inc-x', [alert('mild', { severity: 'SEV3' }), alert('bad', { severity: 'SEV1' })]));
    await spool.append(routed('inc-y', [resolved('z')]));
    const entries = (await spool.backlog()).alerts;
    expect(entries.map(({ rank, receivedAt }) => ({ rank, receivedAt }))).toEqual([
      { rank: 0, receivedAt: T0 },
      { rank: 4, receivedAt: T0 },
    ]);
  });
});
