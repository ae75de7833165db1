/**
 * How fast the records take a backlog, and how fast Tocsin lists what is in them: the database is filled as a projector
 * fills it, then `tocsin up` starts on it and is asked over HTTP. Embedded always; on Postgres too when `DATABASE_URL`
 * names an empty database, which is filled.
 */
import { join } from 'node:path';
import type { ProjectionBatch } from '../domain/engine/projection.ts';
import { openRecords, type Records } from '../records/open-records.ts';
import { accepted, createClient } from './client.ts';
import type { Options } from './options.ts';
import type { Peer, PeerPaths } from './peer.ts';
import { TOCSIN_READS, tocsinHome } from './peers/tocsin.ts';
import { startPeer, untilSettled } from './start-peer.ts';
import { batchOf } from './record-batches.ts';
import { withPeerPaths } from './rounds.ts';
import { round, summarize, type Summary } from './stats.ts';

/** Times in ms. */
export interface RecordsResult {
  readonly database: 'PGlite' | 'Postgres';
  readonly readyMs: number;
  readonly eventsPerSecond: number;
  /** Incidents of three lines each. */
  readonly incidentsPerSecond: number;
  /** What was asked for → the time of the whole request. */
  readonly lists: Readonly<Record<string, Summary>>;
}

const LINES_OF_A_BATCH = 100;
const LISTS = 200;
const WRITERS = 5;

/** Names in `RecordsResult.lists`: as nobody asks for anything, and the longest page there is. The rest are filters. */
export const PLAIN_LIST = 'newest 50';
export const LONG_LIST = 'newest 200';

const LISTED: Readonly<Record<string, string>> = {
  [PLAIN_LIST]: '',
  [LONG_LIST]: '?limit=200',
  open: '?open=true',
  over: '?open=false',
  'open SEV1': '?open=true&severity=SEV1',
  'a team': '?team=bench',
  'search, common': '?q=trouble',
  'search, rare': '?q=number+4711',
  'search, nothing': '?q=no+such+thing',
};

export async function benchRecords(
  peer: Peer,
  options: Options,
  report: (result: RecordsResult) => void,
): Promise<RecordsResult[]> {
  const url = process.env['DATABASE_URL'];
  const results: RecordsResult[] = [];
  for (const databaseUrl of url === undefined ? [undefined] : [undefined, url]) {
    const result = await withPeerPaths(peer, (place) =>
      measure(peer, databaseUrl === undefined ? place : { ...place, databaseUrl }, options),
    );
    results.push(result);
    report(result);
  }
  return results;
}

async function measure(peer: Peer, place: PeerPaths, options: Options): Promise<RecordsResult> {
  const started = performance.now();
  const records = openIn(place);
  let filled: Filled;
  try {
    await records.ready();
    filled = { readyMs: Math.round(performance.now() - started), ...(await fill(records, options)) };
  } finally {
    await records.close();
  }
  const running = await startPeer(peer, place);
  try {
    await untilSettled(peer, place);
    const database = place.databaseUrl === undefined ? 'PGlite' : 'Postgres';
    return { database, ...filled, lists: await measureLists(place.port) };
  } finally {
    await running.stop();
  }
}

/** Where the peer will look for them. */
function openIn(place: PeerPaths): Records {
  const home = tocsinHome(place);
  const complain = (fields: object, message: string): void => console.error(message, fields);
  const log = { info: () => {}, warn: complain, error: complain };
  const common = {
    archiveDirectory: join(home, 'records'),
    exportDirectory: join(home, 'exports'),
    timeZone: 'Europe/Berlin',
    log,
  };
  const { databaseUrl } = place;
  return databaseUrl === undefined
    ? openRecords({ ...common, directory: join(home, 'database') })
    : openRecords({ ...common, databaseUrl });
}

type Filled = Pick<RecordsResult, 'readyMs' | 'eventsPerSecond' | 'incidentsPerSecond'>;

async function fill(records: Records, { events, incidents }: Options): Promise<Omit<Filled, 'readyMs'>> {
  const batches = Math.ceil(events / LINES_OF_A_BATCH);
  const backlog = Array.from({ length: batches }, (_, i) => batchOf(incidents + i, LINES_OF_A_BATCH));
  const eventsPerSecond = round((batches * LINES_OF_A_BATCH) / (await drained(records, backlog)));
  const single = Array.from({ length: incidents }, (_, i) => batchOf(i, 3));
  return { eventsPerSecond, incidentsPerSecond: round(incidents / (await drained(records, single))) };
}

/** Seconds, with a few writers at once. */
async function drained(records: Records, batches: readonly ProjectionBatch[]): Promise<number> {
  const waiting = [...batches];
  const started = performance.now();
  const write = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) await records.project(batch);
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return (performance.now() - started) / 1000;
}

/** One request after the other on one connection. Throws when a list is refused: its time would be of nothing. */
async function measureLists(port: number): Promise<RecordsResult['lists']> {
  const client = createClient(port, 1);
  const get = async (query: string): Promise<number> => {
    const answer = await client.send({ path: `/api/v1/incidents${query}`, headers: TOCSIN_READS });
    if (!accepted(answer)) throw new Error(`GET /api/v1/incidents${query}: ${answer.error ?? answer.status}`);
    return answer.answeredAt - answer.sentAt;
  };
  const lists: Record<string, Summary> = {};
  try {
    for (let i = 0; i < LISTS; i += 1) await get('');
    for (const [what, query] of Object.entries(LISTED)) {
      const times: number[] = [];
      for (let i = 0; i < LISTS; i += 1) times.push(await get(query));
      lists[what] = summarize(times);
    }
  } finally {
    client.close();
  }
  return lists;
}

export function describeRecords({ database, lists, ...filled }: RecordsResult): string {
  return [
    `records  ${database.padEnd(12)} ready ${filled.readyMs} ms`,
    `${filled.eventsPerSecond} events/s`,
    `${filled.incidentsPerSecond} incidents/s`,
    ...Object.entries(lists).map(([what, { p50, p99 }]) => `${what} p50 ${p50} p99 ${p99}`),
  ].join('  |  ');
}
