/** Reading all incidents from Temporal: bounded in number, time and load, and never one for another. */
import type { Client } from '@temporalio/client';
import type { IncidentView } from '../../../domain/engine/view.ts';
import { IncidentsUnavailable, type IncidentQueries } from '../../../webhook-server/incidents/incident-queries.ts';
import { RecentRuns } from '../../../webhook-server/incidents/gateway.ts';
import type { Circuit } from '../../../webhook-server/delivery/circuit-breaker.ts';
import { RunningIncidentsReader } from '../../../webhook-server/incidents/running-incidents.ts';
import { viewOf } from '../support/test-http-server.ts';

interface Listed {
  readonly workflowId: string;
  readonly severity?: string;
  readonly phase?: string;
}

interface House {
  readonly running: RunningIncidentsReader;
  readonly recentRuns: RecentRuns;
  /** Workflow ids in the order in which they were asked. */
  readonly asked: string[];
  readonly listings: () => number;
  readonly mostAtOnce: () => number;
}

const isClosed: Circuit = {
  allowsCalls: () => true,
  firstProbe: Promise.resolve(),
  callDurable: (act) => act(),
  callWithin: (_ms, act) => act(),
  onRecovered: () => undefined,
};

function house({
  runs,
  answer = (workflowId) => Promise.resolve(viewOf({ workflowId })),
  circuitBreaker = isClosed,
}: {
  runs: readonly Listed[];
  answer?: (workflowId: string, withinMs: number) => Promise<IncidentView | null>;
  circuitBreaker?: Circuit;
}): House {
  const asked: string[] = [];
  let listings = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  async function* list() {
    listings += 1;
    await Promise.resolve();
    for (const { workflowId, severity, phase } of runs) {
      const values: Record<string, string | undefined> = { TocsinPhase: phase };
      const typedSearchAttributes = { get: ({ name }: { name: string }) => values[name] };
      yield { workflowId, memo: { severity }, typedSearchAttributes };
    }
  }
  const ask = async (workflowId: string, _query: string, withinMs: number): Promise<unknown> => {
    asked.push(workflowId);
    mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
    try {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return await answer(workflowId, withinMs);
    } finally {
      atOnce -= 1;
    }
  };
  const recentRuns = new RecentRuns(Date.now);
  const client = { workflow: { list } } as unknown as Client;
  const running = new RunningIncidentsReader({
    client,
    circuitBreaker,
    queries: { queryRun: ask as IncidentQueries['queryRun'] },
    recentRuns,
  });
  return { running, recentRuns, asked, listings: () => listings, mostAtOnce: () => mostAtOnce };
}

const many = (n: number, more: Omit<Listed, 'workflowId'> = {}, name = 'run'): readonly Listed[] =>
  Array.from({ length: n }, (_, i) => ({ workflowId: `${name}-${i}`, ...more }));

test('each run says what it is; one that holds no incident yet is left out', async () => {
  const { running } = house({
    runs: many(3),
    answer: (workflowId) => Promise.resolve(workflowId === 'run-1' ? null : viewOf({ workflowId })),
  });
  const { incidents, isComplete } = await running.read();
  expect([incidents.map(({ workflowId }) => workflowId), isComplete]).toEqual([['run-0', 'run-2'], true]);
});

test('of 300 the worst 200 are asked, a few at a time, and the list is not called complete', async () => {
  const runs = [...many(250, { severity: 'SEV4' }, 'mild'), ...many(50, { severity: 'SEV1' }, 'bad')];
  const { running, asked, mostAtOnce } = house({ runs });
  const { incidents, isComplete } = await running.read();
  expect([incidents.length, isComplete]).toEqual([200, false]);
  expect(asked.filter((id) => id.startsWith('bad'))).toHaveLength(50);
  expect(mostAtOnce()).toBeLessThanOrEqual(8);
});

test('runs that linger after their end are asked last, and are not missed', async () => {
  const runs = [...many(250, { phase: 'resolved' }, 'over'), ...many(150, { phase: 'declared' }, 'open')];
  const { running, asked } = house({ runs });
  const { incidents, isComplete } = await running.read();
  expect([incidents.length, isComplete]).toEqual([200, true]);
  expect(asked.slice(0, 150).every((id) => id.startsWith('open'))).toBe(true);
});

test('runs that do not answer: the list is not complete; when none answers it is no list', async () => {
  const silent = (workflowId: string): Promise<IncidentView> => Promise.reject(new IncidentsUnavailable(workflowId));
  const some = house({
    runs: many(3),
    answer: (id) => (id === 'run-0' ? silent(id) : Promise.resolve(viewOf({ workflowId: id }))),
  });
  const { incidents, isComplete } = await some.running.read();
  expect([incidents.length, isComplete]).toEqual([2, false]);
  await expect(house({ runs: many(3), answer: silent }).running.read()).rejects.toThrow('no worker answers');
});

test('a reading ends after 2 s, whatever the runs do', async () => {
  const slow = (_: string, withinMs: number): Promise<IncidentView> =>
    new Promise((_resolve, reject) => setTimeout(() => reject(new IncidentsUnavailable('late')), withinMs));
  const { running } = house({ runs: many(40), answer: slow });
  const begunAt = performance.now();
  await expect(running.read()).rejects.toThrow(IncidentsUnavailable);
  expect(performance.now() - begunAt).toBeLessThan(3000);
});

test('Temporal away: said at once, and nobody is asked', async () => {
  const { running, listings } = house({ runs: many(1), circuitBreaker: { ...isClosed, allowsCalls: () => false } });
  await expect(running.read()).rejects.toThrow('Temporal does not answer');
  expect(listings()).toBe(0);
});

test('what this server has just started is asked for before visibility lists it', async () => {
  const { running, recentRuns } = house({ runs: many(1) });
  recentRuns.add('just-declared');
  recentRuns.add('run-0');
  const { incidents } = await running.read();
  expect(incidents.map(({ workflowId }) => workflowId).sort()).toEqual(['just-declared', 'run-0']);
});

test('twenty at once take two readings: who comes during one shares the next', async () => {
  const { running, listings } = house({ runs: many(2) });
  const first = running.read();
  const others = Array.from({ length: 20 }, () => running.read());
  expect(await first).not.toBe(await others[0]);
  await Promise.all(others);
  expect(listings()).toBe(2);
  await running.read();
  expect(listings()).toBe(3);
});
