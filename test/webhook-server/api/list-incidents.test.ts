/** The list of incidents: filters, pages, and what is said to a query that cannot be read. */
import { aRecordBatch, aRecordedEntry, anIncidentId, NOON } from '../../records/record-builders.ts';
import { look, startTestHttpServer, type TestHttpServer } from '../support/test-http-server.ts';
import { realRecords, type RealRecords } from '../support/test-records.ts';

let real: RealRecords;
let edge: TestHttpServer;
const [OLD, NEW, OTHER] = [anIncidentId(1), anIncidentId(2), anIncidentId(3)];
const ID = 'inc-platform-1';

beforeAll(async () => {
  real = await realRecords();
  const { records } = real;
  const old = { phase: 'resolved', title: 'The old one', seq: 2 } as const;
  await records.project(aRecordBatch({ incidentId: OLD, head: old, entries: [aRecordedEntry(1), aRecordedEntry(2)] }));
  const now = { title: 'The new one', declaredAt: new Date(NOON + 120_000).toISOString() };
  await records.project(aRecordBatch({ incidentId: NEW, head: now }));
  const other = { title: '50% of <b>checkout</b>', team: 'data', severity: 'SEV1' } as const;
  await records.project(aRecordBatch({ incidentId: OTHER, workflowId: 'inc-data-1', head: other }));
  edge = await startTestHttpServer({ records });
}, 60_000);
afterAll(async () => {
  await edge.close();
  await real.stop();
});

const said = async (answer: Response): Promise<[number, Record<string, unknown>]> => [
  answer.status,
  (await answer.json()) as Record<string, unknown>,
];
const list = async (edge: TestHttpServer, query: string) => {
  const [status, body] = await said(await look(edge, `/api/v1/incidents${query}`));
  return { status, ...body } as {
    status: number;
    incidents: { id: string; url: string }[];
    next: string | null;
  };
};
const known = (incidents: readonly { id: string }[]): string[] =>
  incidents.map(({ id }) => id).filter((id) => [OLD, NEW, OTHER].includes(id));

test('is filtered, and paged by a cursor', async () => {
  expect(known((await list(edge, '?open=false')).incidents)).toEqual([OLD]);
  expect(known((await list(edge, '?open=true&team=data&severity=SEV1')).incidents)).toEqual([OTHER]);
  expect(known((await list(edge, '?q=50%25%20of')).incidents)).toEqual([OTHER]);
  expect(known((await list(edge, '?q=inc-2026-001')).incidents)).toEqual([OLD]);
  const { incidents, next } = await list(edge, '?limit=1&team=platform&open=false');
  expect([incidents[0]?.url, next]).toEqual([`http://tocsin.example/incidents/${ID}`, null]);
  const first = await list(edge, '?limit=1&q=one');
  const second = await list(edge, `?limit=1&q=one&cursor=${first.next ?? ''}`);
  expect([known(first.incidents), known(second.incidents), second.next]).toEqual([[NEW], [OLD], null]);
});

test('a filter left blank filters nothing', async () => {
  expect(known((await list(edge, '?open=&severity=&team=data&q=&cursor=&limit=')).incidents)).toEqual([OTHER]);
});

test.each([
  ['open=yes', ['open']],
  ['severity=sev1', ['severity']],
  ['team=nobody', ['team']],
  ['limit=0', ['limit']],
  ['limit=201', ['limit']],
  ['limit=1e2', ['limit']],
  ['cursor=x', ['cursor']],
  [`cursor=${'x'.repeat(401)}`, ['cursor']],
  ['open=true&open=true', ['open']],
  ['status=open&__proto__=1', ['status', '__proto__']],
  ['open[]=true', ['open[]']],
])('?%s is a 400 that names %j', async (query, at) => {
  const [status, { problems }] = await said(await look(edge, `/api/v1/incidents?${query}`));
  expect([status, (problems as { at: string }[]).map((problem) => problem.at)]).toEqual([400, at]);
});

test.each(["q=' or 1=1 --", 'q=%25%5F%5C', 'q=%00', 'q=%F0%9F', `q=${'🚨'.repeat(50)}`])(
  '?%s finds nothing, and breaks nothing',
  async (query) => {
    expect((await list(edge, `?${query}`)).status).toBe(200);
  },
);

test('while the records are away: 503', async () => {
  const without = await startTestHttpServer();
  const answer = await look(without, '/api/v1/incidents');
  await without.close();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});
