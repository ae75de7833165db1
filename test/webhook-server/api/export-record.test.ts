/** The record as a download: each form by its name, from real records. */
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { aRecordBatch, aRecordedEntry, aMessage, anIncidentId } from '../../records/record-builders.ts';
import { look, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';
import { realRecords, type RealRecords } from '../support/test-records.ts';

let real: RealRecords;
let edge: TestHttpServer;
const INCIDENT_ID = anIncidentId(1);
const line = (seq: number) => ({ seq, at: new Date(seq).toISOString(), kind: 'noted', by: 'ana', text: `line ${seq}` });

beforeAll(async () => {
  real = await realRecords();
  const batch = {
    incidentId: INCIDENT_ID,
    head: { seq: 2 },
    entries: [aRecordedEntry(1), aRecordedEntry(2)],
    messages: [aMessage(1)],
  };
  await real.records.project(aRecordBatch(batch));
  edge = await startTestHttpServer({
    records: real.records,
    gateway: {
      show: (id) =>
        id === 'inc-platform-1'
          ? Promise.resolve(viewOf({ id: INCIDENT_ID, seq: 3, title: 'As it is now' }))
          : Promise.reject(id === 'inc-fresh' ? new IncidentsUnavailable('no worker') : new UnknownIncident(id)),
      timeline: () => Promise.resolve({ timeline: [line(2), line(3)], cut: 1 }),
    },
  });
}, 60_000);
afterAll(async () => {
  await edge.close();
  await real.stop();
});

test.each([
  ['export', 'application/json', 'INC-2026-001.json', '"text": "message 1"'],
  ['export?format=json', 'application/json', 'INC-2026-001.json', '"url": "http://tocsin.example/incidents/'],
  ['export?format=yaml', 'application/yaml', 'INC-2026-001.yaml', 'incident:\n  id: INC-2026-001\n'],
  ['export?format=markdown', 'text/markdown', 'INC-2026-001.md', '# INC-2026-001 · Payments are down'],
  ['postmortem', 'text/markdown', 'INC-2026-001.postmortem.md', '# Incident Post-Mortem: INC-2026-001'],
])('%s is %s', async (path, type, name, text) => {
  const answer = await look(edge, `/api/v1/incidents/INC-1/${path}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
  expect(await answer.text()).toContain(text);
});

test('records that are behind are completed by the incident itself', async () => {
  const answer = await look(edge, '/api/v1/incidents/inc-platform-1/export?minSeq=3');
  expect(await answer.json()).toMatchObject({
    incident: { title: 'As it is now' },
    timeline: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
    cut: 0,
    messages: [{ text: 'message 1' }],
  });
});

test.each([
  ['inc-platform-1/export?format=pdf', 400],
  ['inc-platform-1/export?format=json&format=yaml', 400],
  ['inc-platform-1/postmortem?format=json', 400],
  ['inc-nobody/export', 404],
  ['inc-fresh/export', 503],
])('%s → %i', async (path, status) => {
  expect((await look(edge, `/api/v1/incidents/${path}`)).status).toBe(status);
});
