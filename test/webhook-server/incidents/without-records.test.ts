/** Records that are away or hang: nobody waits long, and what needs none of them goes on. */
import { aRecordBatch, anIncidentId } from '../../records/record-builders.ts';
import type { Records } from '../../../records/open-records.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { IncidentsUnavailable } from '../../../webhook-server/incidents/incident-queries.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import {
  bearer,
  look,
  startTestHttpServer,
  viewOf,
  HTTP_TEST_YAML,
  type TestHttpServer,
} from '../support/test-http-server.ts';
import { unavailableRecords, hangingRecords, realRecords } from '../support/test-records.ts';

const ID = 'inc-platform-1';
const edges: TestHttpServer[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

async function open(
  gateway: Partial<IncidentsGateway>,
  records: Records,
  yaml = HTTP_TEST_YAML,
): Promise<TestHttpServer> {
  const edge = await startTestHttpServer({ gateway, records, yaml });
  edges.push(edge);
  return edge;
}

const said = async (answer: Response): Promise<[number, Record<string, unknown>]> => [
  answer.status,
  (await answer.json()) as Record<string, unknown>,
];

async function timed(work: () => Promise<Response>): Promise<readonly [Response, number]> {
  const startedAt = performance.now();
  return [await work(), performance.now() - startedAt];
}

describe('records that hang', () => {
  test.each<[string, number]>([
    [`/api/v1/incidents/${ID}`, 200],
    [`/api/v1/incidents/${ID}?minSeq=9`, 200],
    [`/api/v1/incidents/${ID}/timeline`, 200],
    ['/api/v1/incidents/INC-1', 503],
    [`/api/v1/incidents/${ID}/export`, 503],
    [`/api/v1/incidents/${ID}/postmortem`, 503],
    ['/api/v1/incidents', 503],
    ['/status.json', 503],
    ['/readyz', 200],
    ['/metrics', 200],
  ])('hold %s for 2.5 s at most → %i', async (path, status) => {
    const edge = await open(
      {
        show: () => Promise.resolve(viewOf()),
        timeline: () => Promise.resolve({ timeline: [], cut: 0 }),
        running: () => Promise.reject(new IncidentsUnavailable('Temporal does not answer')),
      },
      hangingRecords(),
    );
    const [answer, ms] = await timed(() => look(edge, path));
    expect([answer.status, ms < 2500]).toEqual([status, true]);
  });

  test('commands by workflowId and declarations do not notice, or hardly', async () => {
    const edge = await open(
      {
        command: () => Promise.resolve({ changed: true, text: 'x', phase: 'declared', seq: 1 }),
        show: () => Promise.resolve(viewOf()),
        declare: (opening) => Promise.resolve(provisionalView(opening, 0)),
      },
      hangingRecords(),
    );
    const who = bearer(edge.tokens.responder);
    const [answer, ms] = await timed(() => edge.post(`/api/v1/incidents/${ID}/acknowledge`, {}, who));
    expect([answer.status, ms < 500]).toEqual([200, true]);
    const [declared, waited] = await timed(() => edge.post('/api/v1/incidents', { title: 'x', severity: 'SEV3' }, who));
    expect([declared.status, waited < 2000]).toEqual([201, true]);
  });
});

test('/readyz and /metrics tell of the records, which do not make it unready', async () => {
  const up = { ...unavailableRecords(), state: () => 'up' as const };
  for (const [records, state, metric] of [
    [up, 'up', 1],
    [unavailableRecords(), 'down', 0],
  ] as const) {
    const counts = {
      batches: 5,
      spooled: 4,
      replayed: 3,
      rejectedByTemporal: 2,
      notDurable: 1,
      joinedStorm: 7,
      suppressed: 8,
      endsDropped: 9,
      corruptSpoolLines: 6,
    };
    const edge = await open({ counts: () => counts }, records);
    expect(await said(await fetch(`${edge.url}/readyz`))).toMatchObject([200, { ready: true, records: state }]);
    await fetch(`${edge.url}/metrics`);
    const metrics = await (await fetch(`${edge.url}/metrics`)).text();
    const told = ['tocsin_ingest_batches_total 5', 'tocsin_spool_written_total 4', 'tocsin_spool_replayed_total 3'];
    const more = [
      'tocsin_ingest_dead_letters_total 2',
      'tocsin_ingest_not_durable_total 1',
      'tocsin_spool_corrupt_total 6',
    ];
    const storms = ['tocsin_storm_folded_total 7', 'tocsin_storms_open 0', 'tocsin_maintenance_suppressed_total 8'];
    for (const line of [...told, ...more, ...storms, `tocsin_records_up ${metric}`, 'tocsin_spool_writable 1']) {
      expect(metrics).toContain(`\n${line}\n`);
    }
  }
});

test('the public page is served from the records, unless it is switched off', async () => {
  const real = await realRecords();
  const { records } = real;
  await records.project(aRecordBatch({ incidentId: anIncidentId(1) }));
  const edge = await open({}, records);
  expect(await said(await fetch(`${edge.url}/status.json`))).toMatchObject([
    200,
    { page: 'Example', state: 'operational', incidents: [] },
  ]);
  const off = await open({}, records, `${HTTP_TEST_YAML}\nstatusPage: { builtin: false }\n`);
  for (const path of ['/status', '/status.json', '/status/feed.atom']) {
    expect((await fetch(off.url + path)).status).toBe(404);
  }
  await real.stop();
}, 60_000);
