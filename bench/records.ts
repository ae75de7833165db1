/**
 * How fast the records take a backlog, and how fast Tocsin lists what is in them: the database is filled as a projector
 * fills it, then `tocsin up` starts on it and is asked over HTTP. Embedded always; on Postgres too when `DATABASE_URL`
 * names an empty database, which is filled.
 */
import { join } from 'node:path';
import type { IncidentProjection, ProjectionBatch } from '../domain/engine/projection.ts';
import { openRecords, type Records } from '../records/open-records.ts';
import { accepted, createClient } from './client.ts';
import type { Options } from './options.ts';
import { type Peer, type PeerPaths, startPeer, untilSettled } from './peer.ts';
import { TOCSIN_READS, tocsinHome } from './peers.ts';
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

const START = Date.parse('2026-01-01T00:00:00Z');
const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const;

/** Incident `i` with as many timeline lines; one in a hundred is open, one in two hundred is of the team `bench`. */
function batchOf(i: number, lines: number): ProjectionBatch {
  const incidentId = `01K${String(i).padStart(23, '0')}`;
  const workflowId = `inc-bench-${i % 5000}`;
  const declaredAt = new Date(START + i * 60_000).toISOString();
  const at = declaredAt;
  return {
    workflowId,
    incidentId,
    stateVersion: lines,
    projection: headOf(i, { workflowId, id: incidentId, declaredAt }),
    entries: Array.from({ length: lines }, (_, n) => ({
      seq: n + 1,
      at: START + n,
      kind: 'noted',
      by: 'ana',
      text: `something happened, and it took a line of usual length to say what (${n})`,
    })),
    deliveries: [{ at, to: 'ana', method: 'webhook', key: `${incidentId}/page/1`, state: 'accepted', reason: null }],
    messages: [{ n: 1, at: START, kind: 'chat', about: 'declared', to: [], text: 'INCIDENT DECLARED'.repeat(10) }],
    alerts: [
      {
        fingerprint: `f${i}`,
        status: 'firing',
        startsAt: at,
        endsAt: null,
        links: {},
        labels: { alertname: 'Down', instance: `host-${i}:9100`, job: 'node', severity: 'critical' },
        annotations: { summary: 'the host does not answer', description: 'x'.repeat(300) },
      },
    ],
  };
}

function headOf(i: number, ids: Pick<IncidentProjection, 'workflowId' | 'id' | 'declaredAt'>): IncidentProjection {
  const isOver = i % 100 !== 0;
  const severity = SEVERITIES[i % 4] ?? 'SEV4';
  return {
    ...ids,
    severity,
    highestSeverity: severity,
    severityGuessed: false,
    phase: isOver ? 'closed' : 'declared',
    title: `Trouble number ${i} somewhere`,
    summary: 'the host does not answer',
    outcome: isOver ? 'resolved' : null,
    test: false,
    restricted: false,
    team: i % 200 === 0 ? 'bench' : `team-${i % 200}`,
    service: `service-${i % 50}`,
    component: null,
    source: 'alertmanager',
    declaredBy: null,
    impact: null,
    decision: null,
    alertCount: 1,
    firingCount: 1,
    truncatedAlerts: 0,
    roles: { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null },
    actionItems: [],
    postmortem: null,
    peopleInvolved: ['ana'],
    acknowledgeDueAt: null,
    publicDueAt: null,
    deadlines: [],
    detectedAt: ids.declaredAt,
    acknowledgedAt: null,
    acknowledgedBy: null,
    mitigationStartedAt: null,
    mitigatedAt: null,
    resolvedAt: isOver ? ids.declaredAt : null,
    closedAt: null,
    resolution: null,
    recurrenceOf: null,
    mergedInto: null,
    channel: null,
    ticket: null,
    flapping: false,
    seq: 3,
  };
}
