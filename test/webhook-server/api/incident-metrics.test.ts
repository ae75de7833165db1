/** `GET /api/v1/metrics/incidents`, from real records. */
import { metricsSchema } from '../../../webhook-server/api/incident-metrics.ts';
import type { Metrics } from '../../../records/open-records.ts';
import { aRecordBatch, anIncidentId } from '../../records/record-builders.ts';
import { bearer, look, startTestHttpServer, HTTP_TEST_YAML, type TestHttpServer } from '../support/test-http-server.ts';
import { realRecords, type RealRecords } from '../support/test-records.ts';

const PATH = '/api/v1/metrics/incidents';
let real: RealRecords;
let edge: TestHttpServer;

beforeAll(async () => {
  real = await realRecords();
  const days = ['2026-11-20T22:59:59Z', '2026-11-20T23:00:00Z', '2026-11-21T22:59:59Z', '2026-11-21T23:00:00Z'];
  for (const [n, declaredAt] of days.entries()) {
    const head = {
      ...{
        declaredAt,
        title: 'A secret',
        restricted: n === 0,
        highestSeverity: n === 1 ? ('SEV1' as const) : ('SEV2' as const),
      },
      team: n === 2 ? 'data' : 'platform',
    } as const;
    await real.records.project(aRecordBatch({ incidentId: anIncidentId(n), workflowId: `inc-m-${n}`, head }));
  }
  edge = await startTestHttpServer({ records: real.records, yaml: `${HTTP_TEST_YAML}timeZone: Europe/Berlin\n` });
}, 60_000);
afterAll(async () => {
  await edge.close();
  await real.stop();
});

const ask = async (query: string): Promise<Metrics & Record<string, unknown>> =>
  (await (await look(edge, PATH + query)).json()) as never;

test('[REC-10] numbers in all and by each group, as they are described, and nothing in words', async () => {
  const answer = await ask('');
  expect(metricsSchema.safeParse(answer).error?.issues).toBeUndefined();
  expect(answer).toMatchObject({
    ...{ from: null, to: null, timeZone: 'Europe/Berlin', team: null, severity: null },
    totals: { incidents: 4, outcomes: { open: 4 } },
    bySeverity: [
      { key: 'SEV1', incidents: 1 },
      { key: 'SEV2', incidents: 3 },
    ],
    byTeam: [
      { key: 'data', incidents: 1 },
      { key: 'platform', incidents: 3 },
    ],
    byMonth: [{ key: '2026-11', incidents: 4 }],
  });
  expect(JSON.stringify(answer)).not.toMatch(/secret/i);
});

test.each([
  ['?team=data', 1],
  ['?severity=SEV1', 1],
  ['?from=2026-11-21', 3],
  ['?to=2026-11-20', 1],
  ['?from=2026-11-21&to=2026-11-21', 2],
  ['?from=2026-11-20T23:00:00Z', 3],
  ['?from=2026-11-21T00:00:00%2B01:00&to=2026-11-21T23:59:59.999%2B01:00', 2],
])('%s: %i of them', async (query, incidents) => {
  expect((await ask(query)).totals.incidents).toBe(incidents);
});

test('one group when one is asked for', async () => {
  const { byMonth, byTeam, bySeverity } = await ask('?groupBy=month');
  expect([byMonth?.length, byTeam, bySeverity]).toEqual([1, undefined, undefined]);
});

test.each([
  '?from=yesterday',
  '?from=2026-11-21&to=2026-11-20',
  '?to=2026-02-30',
  '?groupBy=phase',
  '?severity=SEV9',
  '?limit=1',
])('%s is refused, and says where it is wrong', async (query) => {
  const answer = await look(edge, PATH + query);
  expect(answer.status).toBe(400);
  const { problems } = (await answer.json()) as { problems: { at: string }[] };
  expect(problems[0]?.at).toBe(/\?(\w+)/.exec(query)?.[1]);
});

test('while the records are away nothing is counted, and it says so', async () => {
  const away = await startTestHttpServer();
  const answer = await fetch(away.url + PATH, { headers: bearer(away.tokens.viewer) });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  await away.close();
});
