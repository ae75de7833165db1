/** The public page under a crowd, a slow database, none at all, and after a restart. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createPublicPageReader,
  type PublicPageReader,
  lastGoodPageFile,
} from '../../../webhook-server/status-page/public-page-reader.ts';
import type { PublicIncident } from '../../../webhook-server/status-page/public-page.ts';

let folder: string;
let file: string;
let warned: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-status-'));
  file = join(folder, 'status.json');
  warned = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const WHEN = Date.parse('2026-11-21T12:00:00Z');
const BROKEN: PublicIncident = {
  component: 'Checkout',
  state: 'Investigating',
  impact: 'critical',
  nextUpdateAt: null,
  updates: [{ at: WHEN, state: 'Investigating', text: 'We are investigating.' }],
};

interface World {
  read: (since: number) => Promise<readonly PublicIncident[]>;
  now: number;
  reads: number;
}

const aWorld = (over: Partial<World> = {}): World => ({ read: async () => [BROKEN], now: WHEN, reads: 0, ...over });

function boardOf(world: World): PublicPageReader {
  const lines = warned; // This test's, also for what ends after it.
  return createPublicPageReader({
    entries: {
      read: (since) => {
        world.reads += 1;
        return world.read(since);
      },
    },
    contents: () => ({ name: 'Example', components: ['Checkout', 'Search', 'Checkout'] }),
    lastGood: lastGoodPageFile(file),
    log: { warn: ((_: object, text: string) => void lines.push(text)) as never },
    now: () => world.now,
  });
}

const down = () => Promise.reject(new Error('down'));
const hangs = () => new Promise<never>(() => undefined);
const aMoment = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

test('a crowd costs one query, and two seconds later one more', async () => {
  const world = aWorld({ read: () => aMoment(30).then(() => [BROKEN]) });
  const board = boardOf(world);
  const shown = await Promise.all(Array.from({ length: 200 }, board));
  expect(world.reads).toBe(1);
  expect(new Set(shown.map((one) => one?.page.state))).toEqual(new Set(['major_outage']));
  world.now += 1999;
  await board();
  expect(world.reads).toBe(1);
  world.now += 1;
  await Promise.all(Array.from({ length: 200 }, board));
  expect(world.reads).toBe(2);
});

test('whoever comes while it is read again after a quiet hour gets the new page, not the old one', async () => {
  const world = aWorld();
  const board = boardOf(world);
  await board();
  world.now += 3_600_000;
  world.read = () => aMoment(30).then(() => []);
  const shown = await Promise.all([board(), board()]);
  expect(shown.map((one) => [one?.page.state, one?.isStale])).toEqual(Array(2).fill(['operational', false]));
});

test('each component once, the worst of its incidents; the page is as bad as the worst', async () => {
  const world = aWorld({
    read: async () => [
      { ...BROKEN, impact: 'minor' },
      { ...BROKEN, impact: 'major' },
      { ...BROKEN, component: null, state: 'Monitoring' },
    ],
  });
  const shown = await boardOf(world)();
  expect(shown?.page).toMatchObject({
    state: 'partial_outage',
    components: [
      { name: 'Checkout', state: 'partial_outage' },
      { name: 'Search', state: 'operational' },
    ],
  });
});

test('the records hang: nobody waits longer than a second, and sees how it was', async () => {
  const world = aWorld();
  const board = boardOf(world);
  await board();
  Object.assign(world, { now: WHEN + 60_000, read: hangs });
  const begun = Date.now();
  const shown = await Promise.all([board(), board()]);
  expect(Date.now() - begun).toBeLessThan(1500);
  expect(shown.map((one) => [one?.isStale, one?.asOf])).toEqual(Array(2).fill([true, WHEN]));
  world.now += 1000;
  const later = Date.now();
  await board();
  expect(Date.now() - later).toBeLessThan(200);
  expect(world.reads).toBe(2);
});

test('a read that never ends does not end reading', async () => {
  const world = aWorld({ read: hangs });
  const board = boardOf(world);
  expect(await board()).toBeNull();
  Object.assign(world, { now: WHEN + 20_000, read: async () => [BROKEN] });
  expect((await board())?.page.state).toBe('major_outage');
});

test('the records are down after a restart: the last good copy, with the time it was true', async () => {
  await boardOf(aWorld())();
  await aMoment();
  const world = aWorld({ read: down, now: WHEN + 3_600_000 });
  const shown = await boardOf(world)();
  expect(shown).toMatchObject({ isStale: true, asOf: WHEN, page: { state: 'major_outage' } });
  expect(warned).toEqual(['the public page cannot be read from the records']);
});

test('the copy is /status.json itself; it is written when the page changes, and its age says how old it is', async () => {
  const world = aWorld();
  const board = boardOf(world);
  const first = await board();
  await aMoment();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(first?.page);
  world.now += 31_000;
  await board();
  await aMoment();
  expect((await lastGoodPageFile(file).load())?.asOf).toBe(WHEN + 31_000);
  world.now += 3000;
  world.read = async () => [];
  await board();
  await aMoment();
  expect(JSON.parse(readFileSync(file, 'utf8')).state).toBe('operational');
});

test('a copy that holds more than this version shows loses it', async () => {
  const page = { page: 'Example', state: 'operational', components: [], incidents: [], secret: 'internal' };
  writeFileSync(file, JSON.stringify(page));
  utimesSync(file, WHEN / 1000, WHEN / 1000);
  expect(JSON.stringify(await boardOf(aWorld({ read: down }))())).not.toContain('internal');
});

test.each(['', '{"page":"Exam', '{"page":1}', '[]'])(
  'a copy that is not whole (%j) is none: nothing is known',
  async (text) => {
    writeFileSync(file, text);
    expect(await boardOf(aWorld({ read: down }))()).toBeNull();
  },
);

test('a disk that takes no copy holds up nobody', async () => {
  writeFileSync(join(folder, 'no-directory'), '');
  file = join(folder, 'no-directory', 'status.json');
  const shown = await boardOf(aWorld())();
  await aMoment();
  expect(shown?.page.state).toBe('major_outage');
  expect(warned).toEqual(['the copy of the public page was not kept']);
});
