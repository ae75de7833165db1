/** Post-mortems over HTTP: the draft, what people write, who did, and what is none. */
import { UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { aRecordBatch, aRecordedEntry, anIncidentId } from '../../records/record-builders.ts';
import { bearer, look, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';
import { realRecords, type RealRecords } from '../support/test-records.ts';

let real: RealRecords;
let edge: TestHttpServer;
const INCIDENT_ID = anIncidentId(1);
const PATH = '/api/v1/incidents/INC-1/postmortem';

beforeAll(async () => {
  real = await realRecords();
  await real.records.project(aRecordBatch({ incidentId: INCIDENT_ID, head: { seq: 1 }, entries: [aRecordedEntry(1)] }));
  edge = await startTestHttpServer({
    records: real.records,
    gateway: {
      show: (id) => {
        if (id !== 'inc-fresh') return Promise.reject(new UnknownIncident(id));
        return Promise.resolve(viewOf({ workflowId: id, id: anIncidentId(2) }));
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await edge.close();
  await real.stop();
});

const put = (
  body: string | Uint8Array<ArrayBuffer>,
  { path = PATH, token = edge.tokens.responder, type = 'text/markdown; charset=utf-8' } = {},
): Promise<Response> =>
  fetch(edge.url + path, { method: 'PUT', headers: { ...bearer(token), 'content-type': type }, body });

test('[REC-11] until somebody writes it is the draft; then it is what was written, and says by whom', async () => {
  const draft = await (await look(edge, PATH)).text();
  expect(draft).toContain('# Incident Post-Mortem: INC-2026-001 · Payments are down');
  const written = await put('# Ours\n\n![a](b) stays as it is\n');
  expect([written.status, await written.json()]).toEqual([
    200,
    {
      ...{
        reference: 'INC-2026-001',
        workflowId: 'inc-platform-1',
        id: INCIDENT_ID,
        version: 1,
        by: 'ana',
        changed: true,
      },
      at: expect.any(String),
    },
  ]);
  const kept = await look(edge, PATH);
  expect(await kept.text()).toBe('# Ours\n\n![a](b) stays as it is\n');
  expect(kept.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  expect(kept.headers.get('content-disposition')).toBe('attachment; filename="INC-2026-001.postmortem.md"');
  const said = ['tocsin-version', 'tocsin-edited-by', 'tocsin-edited-at'].map((name) => kept.headers.get(name));
  expect(said).toEqual(['1', 'ana', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)]);
  const drafted = await look(edge, `${PATH}?draft=true`);
  expect([await drafted.text(), drafted.headers.get('tocsin-version')]).toEqual([draft, null]);
});

test('the same text again is no new version, another is', async () => {
  await put('# A');
  const [same, other] = [await put('# A'), await put('# B', { token: edge.tokens.admin })];
  const [one, two] = [(await same.json()) as { version: number; changed: boolean }, (await other.json()) as object];
  expect(one.changed).toBe(false);
  expect(two).toMatchObject({ version: one.version + 1, by: 'ops', changed: true });
});

test('[REC-11] every attempt has a line in the audit', async () => {
  await put('# C');
  await put('# C');
  await put('# C', { token: edge.tokens.viewer });
  await put('');
  const answer = await fetch(`${edge.url}/api/v1/audit?limit=4`, { headers: bearer(edge.tokens.admin) });
  const { audit } = (await answer.json()) as { audit: Record<string, unknown>[] };
  expect(audit.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'unchanged', 'done']);
  expect(audit[3]).toMatchObject({
    ...{
      command: 'writePostmortem',
      by: 'ana',
      subject: 'INC-1',
      workflowId: 'inc-platform-1',
      incidentId: INCIDENT_ID,
    },
  });
  expect(JSON.stringify(audit)).not.toContain('# C');
});

test('an incident that the records do not have yet can be written about, by its workflow id', async () => {
  expect((await put('# Early', { path: '/api/v1/incidents/inc-fresh/postmortem' })).status).toBe(200);
  expect(await (await look(edge, '/api/v1/incidents/inc-fresh/postmortem')).text()).toBe('# Early');
});

test.each([
  ['nothing', '', {}, 400],
  ['only blanks', ' \n\t', {}, 400],
  ['no UTF-8', new Uint8Array([0x23, 0xff]), {}, 400],
  ['JSON', '{}', { type: 'application/json' }, 415],
  ['other letters', '# x', { type: 'text/markdown; charset=iso-8859-1' }, 415],
  ['no type', new Uint8Array([0x23]), { type: '' }, 415],
  ['more than 256 KiB', 'x'.repeat(256 * 1024 + 1), {}, 413],
  ['an unknown incident', '# x', { path: '/api/v1/incidents/inc-nobody/postmortem' }, 404],
  ['as much as may be', 'y'.repeat(256 * 1024), {}, 200],
  ['a flavour of Markdown', '# z', { type: 'text/markdown; variant=GFM' }, 200],
])('%s is answered', async (_, body, how, status) => {
  expect((await put(body, how)).status).toBe(status);
});

test('while the records are away it is not kept, and says so', async () => {
  const away = await startTestHttpServer({ gateway: { show: () => Promise.resolve(viewOf()) } });
  const answer = await fetch(`${away.url}/api/v1/incidents/inc-platform-1/postmortem`, {
    ...{ method: 'PUT', headers: { ...bearer(away.tokens.responder), 'content-type': 'text/markdown' }, body: '# x' },
  });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.text()).toContain('the post-mortem was not kept');
  await away.close();
});
