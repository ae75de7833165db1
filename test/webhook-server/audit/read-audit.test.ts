/** Asking for the audit: from the records, across servers; without them from this server's files, and it says so. */
import type { RealRecords } from '../support/test-records.ts';
import { realRecords } from '../support/test-records.ts';
import { bearer, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';
import { aRecordBatch } from '../../records/record-builders.ts';
import { askAudit } from './audit-fixtures.ts';

const DONE = { changed: true, text: 'done', phase: 'investigating', seq: 4 } as const;
const edges: TestHttpServer[] = [];
const open = async (records?: RealRecords): Promise<TestHttpServer> => {
  const edge = await startTestHttpServer({
    gateway: { command: () => Promise.resolve(DONE), show: () => Promise.resolve(viewOf()) },
    ...(records ? { records: records.records } : {}),
  });
  edges.push(edge);
  return edge;
};
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

const acknowledge = (edge: TestHttpServer, id: string): Promise<Response> =>
  edge.post(`/api/v1/incidents/${id}/acknowledge`, {}, bearer(edge.tokens.responder));

test('without records: the newest lines of this server, filtered and by pages, and not called complete', async () => {
  const edge = await open();
  for (const id of ['inc-a-1', 'inc-b-1', 'inc-a-1']) await acknowledge(edge, id);
  const whole = await askAudit(edge);
  expect([whole.complete, whole.next, whole.audit.map(({ subject }) => subject)]).toEqual([
    ...[false, null],
    ['inc-a-1', 'inc-b-1', 'inc-a-1'],
  ]);
  const first = await askAudit(edge, '?incident=inc-a-1&limit=1');
  const second = await askAudit(edge, `?incident=inc-a-1&limit=1&cursor=${first.next ?? ''}`);
  expect([first.audit[0]?.id, second.audit[0]?.id, second.next]).toEqual([
    whole.audit[0]?.id,
    whole.audit[2]?.id,
    null,
  ]);
  expect(await askAudit(edge, '?incident=INC-2026-001')).toMatchObject({ audit: [], next: null });
});

test.each(['limit=0', 'limit=201', 'cursor=x', "incident='", 'incident=', 'limit=1&limit=2', 'q=x'])(
  '?%s is a 400',
  async (query) => {
    const edge = await open();
    const answer = await fetch(`${edge.url}/api/v1/audit?${query}`, { headers: bearer(edge.tokens.admin) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  },
);

describe('with records', () => {
  let real: RealRecords;
  beforeAll(async () => (real = await realRecords()), 60_000);
  afterAll(() => real.stop(), 30_000);

  test('two servers have one audit, and what was written a moment ago is in it, under every name of the incident', async () => {
    const ids = { workflowId: 'inc-platform-9', incidentId: '01K00000000000000000000009' };
    const { reference } = await real.records.project(aRecordBatch(ids));
    const [one, two] = [await open(real), await open(real)];
    expect((await acknowledge(one, 'inc-platform-9')).status).toBe(200);
    await askAudit(one);
    expect((await acknowledge(two, reference ?? '')).status).toBe(200);
    for (const name of [reference ?? '', ids.incidentId]) {
      const { audit, complete } = await askAudit(two, `?incident=${name}`);
      expect([complete, audit.map(({ subject }) => subject)]).toEqual([true, [reference]]);
      expect(audit[0]).toMatchObject({ workflowId: ids.workflowId, outcome: 'done', by: 'ana' });
    }
    const { audit } = await askAudit(two, '?incident=inc-platform-9');
    expect(audit.map(({ subject }) => subject)).toEqual([reference, 'inc-platform-9']);
  });
});
