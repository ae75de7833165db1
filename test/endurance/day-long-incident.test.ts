/**
 * A SEV1 that lasts a whole day, with 200 commands and 1,000 messages from monitoring (`npm run endurance`). Its runs
 * must stay short; how long queries and replays take is printed, never asserted.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { createDataConverter } from '../../runtime/data-converter.ts';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import { INCIDENT_QUERY } from '../../workflows/contract.ts';
import type { TestCommand, ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

const MESSAGES = 1_000;
const COMMANDS = 200;
const MINUTES = 24 * 60;

/** What the Temporal server may hold of one run. */
const EVENTS_LIMIT = 4_000;
const BYTES_LIMIT = 2 * 1024 * 1024;

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world.close());

/** Twenty alerts in turn, two at a time; each fires, is repeated, clears, and fires anew. */
function alertsOf(message: number): readonly Partial<AlertReport>[] {
  return [message, message + 7].map((n) => {
    const round = Math.floor(n / 80);
    const status = n % 80 >= 60 ? 'resolved' : 'firing';
    return {
      fingerprint: `f${n % 20}`,
      severity: 'SEV1',
      title: `Shard ${n % 20} is down`,
      labels: { alertname: `Shard${n % 20}Down`, service: 'payments', shard: String(n % 20) },
      startsAt: 1_000 + round,
      status,
    };
  });
}

const SAID: readonly TestCommand[] = [
  { type: 'addNote', text: 'Looking at the connection pool of shard 3; nothing unusual in the logs so far.' },
  { type: 'postUpdate', text: 'Half of the shards are back. The others follow one by one.', audience: 'internal' },
  { type: 'assessImpact', summary: 'Payments fail for a part of the customers', scope: 'subset', usersAffected: 1_500 },
  { type: 'postUpdate', text: 'Some payments still fail. We are restoring the rest.', audience: 'public' },
  { type: 'assignRole', role: 'scribe', person: 'bo' },
  { type: 'addActionItem', text: 'Alarm on the size of the pool', owner: 'bo', due: '2026-12-24' },
];

const commandOf = (n: number): TestCommand => {
  const said = SAID[n % SAID.length] as TestCommand;
  if (said.type === 'assignRole') return { ...said, person: n % 12 < 6 ? 'bo' : 'eve' };
  return 'text' in said ? { ...said, text: `${said.text} (${n})` } : said;
};

async function live({ advanceMinutes, sendAlerts, sendCommand, view, env, workflowId }: ScenarioDriver): Promise<void> {
  await sendCommand({ type: 'acknowledge' });
  let commands = 0;
  for (let message = 0; message < MESSAGES; message += 1) {
    await advanceMinutes(MINUTES / MESSAGES);
    await sendAlerts(...alertsOf(message));
    // Decided once something has come back, or nothing can be decided.
    if ((await view()).phase === 'investigating' && commands === 3)
      await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
    if (message % (MESSAGES / COMMANDS) === 0) await sendCommand(commandOf((commands += 1)));
  }
  await measure(env, workflowId);
}

async function measure(env: ScenarioDriver['env'], workflowId: string): Promise<void> {
  const handle = env.client.workflow.getHandle(workflowId);
  const queries: number[] = [];
  for (let n = 0; n < 100; n += 1) queries.push(await timed(() => handle.query(INCIDENT_QUERY)));
  const rows = [];
  const first = await firstRun(env, workflowId);
  for (let runId: string | undefined = first; runId !== undefined;) {
    const history: History = await env.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const text = historyToJSON(history);
    const bytes = bytesOf(text);
    const events = history.events?.length ?? 0;
    const options = { workflowBundle: world.bundle, dataConverter: createDataConverter() };
    const replayMs = await timed(() => Worker.runReplayHistory(options, JSON.parse(text), workflowId));
    rows.push({ run: rows.length + 1, events, kB: Math.round(bytes / 1024), replayMs: Math.round(replayMs) });
    expect(events).toBeLessThan(EVENTS_LIMIT);
    expect(bytes).toBeLessThan(BYTES_LIMIT);
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  queries.sort((a, b) => a - b);
  console.table(rows);
  console.log(`query: p50 ${queries[50]?.toFixed(1)} ms, p99 ${queries[98]?.toFixed(1)} ms`);
  expect(rows.length).toBeGreaterThan(1);
}

/** As JSON, with names for its fields, it is still larger than what the server keeps; base64 is a third too long. */
function bytesOf(json: string): number {
  const payloads = [...json.matchAll(/"data": ?"([^"]*)"/g)].reduce((sum, [, data = '']) => sum + data.length, 0);
  return json.length - Math.floor(payloads / 4);
}

/** The history of the present run names the first of the chain. */
async function firstRun({ client }: ScenarioDriver['env'], workflowId: string): Promise<string> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  return started?.firstExecutionRunId ?? '';
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await act();
  return performance.now() - since;
}

test(
  'a SEV1 of a day, 200 commands and 1,000 messages: every run is short enough for Temporal',
  async () => {
    await runScenario(world, { declaration: { severity: 'SEV1' }, firstAlerts: [{ severity: 'SEV1' }] }, live);
  },
  30 * 60_000,
);
