/** What a server remembers of storms and runs, and how it counts the others. */
import { jest } from '@jest/globals';
import { KnownRuns } from '../../../../webhook-server/ingest/storm/storm-memory.ts';
import { NewIncidentRateLimiter } from '../../../../webhook-server/ingest/storm/storm-memory.ts';
import { StormMembership } from '../../../../webhook-server/ingest/storm/storm-memory.ts';
import { ServerCount } from '../../../../webhook-server/ingest/storm/storm-poller.ts';
import { until } from '../../../support/until.ts';
import { silentLog } from '../../support/routed-alerts.ts';

test('each team has its own minute', () => {
  const pace = new NewIncidentRateLimiter(() => 0);
  expect([pace.take('a', '1', 1), pace.take('a', '2', 1), pace.take('b', '2', 1)]).toEqual([true, false, true]);
  expect([pace.hasRoom('a', '1', 1), pace.hasRoom('a', '3', 1), pace.hasRoom('c', '3', 1)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('the minute slides: each place is free again a minute after it was taken', () => {
  const clock = { now: 0 };
  const pace = new NewIncidentRateLimiter(() => clock.now);
  const taken: number[] = [];
  for (clock.now = 0; clock.now < 180_000; clock.now += 1000) {
    if (pace.take('a', String(clock.now), 30)) taken.push(clock.now / 1000);
  }
  const from = (start: number): number[] => Array.from({ length: 30 }, (_, n) => start + n);
  expect(taken).toEqual([...from(0), ...from(60), ...from(120)]);
});

test('known ids are bounded; the longest not heard of goes first, and then not all runs are known', () => {
  const known = new KnownRuns(() => 0, 2);
  known.replaceAll(['a', 'b'], 0);
  known.add('a');
  expect(known.isComplete()).toBe(true);
  known.add('c');
  expect(['a', 'b', 'c'].map((id) => known.has(id))).toEqual([true, false, true]);
  expect(known.isComplete()).toBe(false);
});

test('a list of all runs forgets those that have ended, and none that was heard of meanwhile; it is good for half a minute', () => {
  const clock = { now: 0 };
  const known = new KnownRuns(() => clock.now);
  known.add('ended');
  expect(known.isComplete()).toBe(false);
  clock.now = 10;
  known.add('meanwhile');
  known.replaceAll(['running'], 10);
  expect(['ended', 'meanwhile', 'running'].map((id) => known.has(id))).toEqual([false, true, true]);
  clock.now = 30_009;
  expect(known.isComplete()).toBe(true);
  clock.now = 30_010;
  expect(known.isComplete()).toBe(false);
  known.addListed(['new']);
  expect([known.isComplete(), known.has('new'), known.has('running')]).toEqual([true, true, true]);
});

test('what a look finds replaces what was believed, but for groups whose signal may still be on its way', () => {
  const clock = { now: 0 };
  const picture = new StormMembership(() => clock.now, silentLog());
  picture.addMember('a', 'old');
  clock.now = 60_000;
  picture.addMember('a', 'new');
  picture.setMembers('a', ['theirs'], 61_000);
  expect(['old', 'new', 'theirs'].map((id) => picture.isMember('a', id))).toEqual([false, true, true]);
  // It began to look before the newest joined: that storm is another one.
  picture.setMembers('a', null, 59_000);
  expect(picture.isOpen('a')).toBe(true);
  picture.setMembers('a', null, 61_000);
  expect([picture.isOpen('a'), picture.isMember('a', 'new'), picture.openCount()]).toEqual([false, false, 0]);
});

test('servers are counted as soon as the records are there; while they are away the last count holds', async () => {
  let state: 'starting' | 'up' = 'starting';
  const asked: string[] = [];
  const registerServer = (server: string): Promise<number> => {
    asked.push(server);
    return Promise.resolve(2);
  };
  const servers = new ServerCount({ state: () => state, registerServer }, 'me');
  expect(servers.count).toBe(1);
  state = 'up';
  await until(async () => servers.count === 2, 10_000);
  expect([servers.count, asked]).toEqual([2, ['me']]);
  servers.close();
});

describe('a server is alone', () => {
  const serversCounting = (count: { value: number | Error }, clock: { at: number }) =>
    new ServerCount(
      {
        state: () => 'up',
        registerServer: () =>
          count.value instanceof Error ? Promise.reject(count.value) : Promise.resolve(count.value),
      },
      'me',
      () => clock.at,
    );
  /** Lets it announce itself at these times. */
  async function announceAt(clock: { at: number }, ...seconds: readonly number[]): Promise<void> {
    for (const second of seconds) {
      clock.at = second * 1000;
      await jest.advanceTimersByTimeAsync(5000);
    }
  }
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('when every count of a minute was 1, and the last is fresh; not in the first minute', async () => {
    const clock = { at: 0 };
    const servers = serversCounting({ value: 1 }, clock);
    await announceAt(clock, 0, 14, 28, 42, 56);
    expect(servers.isAlone()).toBe(false);
    await announceAt(clock, 61);
    expect(servers.isAlone()).toBe(true);
    clock.at += 15_001;
    expect(servers.isAlone()).toBe(false);
    servers.close();
  });

  test('not while there is another, nor for a minute after it has gone or after the records were away', async () => {
    const clock = { at: 0 };
    const count: { value: number | Error } = { value: 1 };
    const servers = serversCounting(count, clock);
    await announceAt(clock, 0, 14, 28, 42, 56, 62);
    expect(servers.isAlone()).toBe(true);
    count.value = 2;
    await announceAt(clock, 70);
    expect(servers.isAlone()).toBe(false);
    count.value = 1;
    await announceAt(clock, 80, 94, 108, 122, 136);
    expect(servers.isAlone()).toBe(false);
    await announceAt(clock, 142);
    expect(servers.isAlone()).toBe(true);
    count.value = new Error('the records are away');
    await announceAt(clock, 150, 160);
    expect(servers.isAlone()).toBe(false);
    count.value = 1;
    await announceAt(clock, 170);
    expect(servers.isAlone()).toBe(false);
    servers.close();
  });
});
