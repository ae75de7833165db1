/** Reading incidents by every id there is, from real records; and what happens while these are behind or away. */
import type { Command } from '../../../domain/kernel/commands.ts';
import type { Records } from '../../../records/open-records.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { CommandRefused } from '../../../webhook-server/incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import { aRecordBatch, aRecordedEntry, anIncidentId, NOON } from '../../records/record-builders.ts';
import { bearer, look, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';
import { realRecords, type RealRecords } from '../support/test-records.ts';

let real: RealRecords;
let records: Records;
const [OLD, NEW, OTHER] = [anIncidentId(1), anIncidentId(2), anIncidentId(3)];
const ID = 'inc-platform-1';

beforeAll(async () => {
  real = await realRecords();
  records = real.records;
  const resolvedAt = new Date(NOON + 60_000).toISOString();
  const old = { phase: 'resolved', title: 'The old one', seq: 2, resolvedAt } as const;
  await records.project(aRecordBatch({ incidentId: OLD, head: old, entries: [aRecordedEntry(1), aRecordedEntry(2)] }));
  const now = { title: 'The new one', seq: 3, declaredAt: new Date(NOON + 120_000).toISOString() };
  await records.project(
    aRecordBatch({ incidentId: NEW, head: now, entries: [aRecordedEntry(1), aRecordedEntry(2), aRecordedEntry(3)] }),
  );
  const other = { title: '50% of <b>checkout</b>', team: 'data', severity: 'SEV1', seq: 1 } as const;
  await records.project(
    aRecordBatch({ incidentId: OTHER, workflowId: 'inc-data-1', head: other, entries: [aRecordedEntry(1)] }),
  );
}, 60_000);
afterAll(() => real.stop());

const edges: TestHttpServer[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

async function open(gateway: Partial<IncidentsGateway> = {}, from: Records = records): Promise<TestHttpServer> {
  const edge = await startTestHttpServer({ gateway, records: from });
  edges.push(edge);
  return edge;
}

const said = async (answer: Response): Promise<[number, Record<string, unknown>]> => [
  answer.status,
  (await answer.json()) as Record<string, unknown>,
];

/** How long it took, in ms, beside what was said. */
async function timed(work: () => Promise<Response>): Promise<readonly [Response, number]> {
  const startedAt = performance.now();
  return [await work(), performance.now() - startedAt];
}

describe('ids', () => {
  test.each([
    ['INC-2026-001', OLD, 'INC-2026-001'],
    ['inc-2026-2', NEW, 'INC-2026-002'],
    ['INC-001', OLD, 'INC-2026-001'],
    ['inc-3', OTHER, 'INC-2026-003'],
    [ID, NEW, 'INC-2026-002'],
    [OLD, OLD, 'INC-2026-001'],
    [OTHER.toLowerCase(), OTHER, 'INC-2026-003'],
  ])('%s is incident %s', async (id, incidentId, number) => {
    const edge = await open();
    expect(await said(await look(edge, `/api/v1/incidents/${id}`))).toMatchObject([
      200,
      { id: incidentId, reference: number },
    ]);
    const [status, { timeline }] = await said(await look(edge, `/api/v1/incidents/${id}/timeline`));
    expect([status, (timeline as object[]).length]).toEqual([200, { [OLD]: 2, [NEW]: 3, [OTHER]: 1 }[incidentId]]);
  });

  test.each(['INC-9999', 'INC-2026-9999999999', 'INC-', "INC-1'--", '%F0%9F%9A%A8', '__proto__', 'x'.repeat(80)])(
    '%j is a 404, and nobody else is asked',
    async (id) => {
      const edge = await open();
      expect((await look(edge, `/api/v1/incidents/${id}`)).status).toBe(404);
      const answer = await edge.post(`/api/v1/incidents/${id}/acknowledge`, {}, bearer(edge.tokens.responder));
      expect(answer.status).toBe(404);
    },
  );

  test('while records and Temporal are away: 503 that names the way round, and the workflowId works', async () => {
    const running = () => Promise.reject(new IncidentsUnavailable('Temporal does not answer'));
    const edge = await startTestHttpServer({ gateway: { running, show: () => Promise.resolve(viewOf()) } });
    edges.push(edge);
    for (const path of ['INC-2026-001', OLD, 'INC-1/timeline', 'INC-1/export']) {
      const answer = await look(edge, `/api/v1/incidents/${path}`);
      expect([answer.headers.get('retry-after'), ...(await said(answer))]).toMatchObject([
        '5',
        503,
        { detail: expect.stringContaining('workflowId') },
      ]);
    }
    expect((await look(edge, `/api/v1/incidents/${ID}`)).status).toBe(200);
  });
});

describe('commands by number', () => {
  const done = { changed: true, text: 'Noted.', phase: 'resolved', seq: 3 } as const;

  test('say which incident they mean', async () => {
    const commands: [string, Command][] = [];
    const edge = await open({
      command: (id, command) => (commands.push([id, command]), Promise.resolve(done)),
      show: (id, incidentId) => Promise.resolve(viewOf({ workflowId: id, ...(incidentId ? { id: incidentId } : {}) })),
    });
    const note = (body: object, id = 'INC-2026-001'): Promise<Response> =>
      edge.post(`/api/v1/incidents/${id}/add-note`, body, bearer(edge.tokens.responder));
    expect(await said(await note({ text: 'x' }))).toMatchObject([200, { id: OLD, workflowId: ID, ...done }]);
    expect(commands).toMatchObject([[ID, { type: 'addNote', incidentId: OLD }]]);
    expect(await said(await note({ text: 'x', incidentId: NEW }))).toMatchObject([
      400,
      { problems: [{ at: 'incidentId' }] },
    ]);
    expect((await note({ text: 'x' }, ID)).status).toBe(200);
    expect(commands[1]?.[1]).not.toHaveProperty('incidentId');
  });

  test('one whose run Temporal has forgotten is refused with a reason, not unknown', async () => {
    const edge = await open({ command: (id) => Promise.reject(new UnknownIncident(id)) });
    const answer = await edge.post('/api/v1/incidents/INC-1/acknowledge', {}, bearer(edge.tokens.responder));
    expect(await said(answer)).toMatchObject([409, { phase: 'closed', allowed: [] }]);
  });

  test('a refusal by a newer incident goes through', async () => {
    const refusal = { reason: 'over', phase: 'resolved', allowed: ['reopen'] } as const;
    const edge = await open({ command: () => Promise.reject(new CommandRefused(refusal)) });
    const answer = await edge.post('/api/v1/incidents/INC-1/acknowledge', {}, bearer(edge.tokens.responder));
    expect(await said(answer)).toMatchObject([409, { reason: 'over', allowed: ['reopen'] }]);
  });
});

describe('reading what was said', () => {
  const lines = [4, 5].map((seq) => ({
    seq,
    at: new Date(NOON).toISOString(),
    kind: 'noted',
    by: null,
    text: `${seq}`,
  }));

  test('minSeq that the records have is no wait; one that they have not is the incident itself, within 2.5 s', async () => {
    const shown: unknown[] = [];
    const edge = await open({
      show: (...asked) => (shown.push(asked), Promise.resolve(viewOf({ id: NEW, seq: 5 }))),
      timeline: () => Promise.resolve({ timeline: lines, cut: 3 }),
    });
    expect((await look(edge, `/api/v1/incidents/${ID}?minSeq=3`)).status).toBe(200);
    expect(shown).toEqual([]);
    const [answer, ms] = await timed(() => look(edge, `/api/v1/incidents/INC-2?minSeq=5`));
    expect(await said(answer)).toMatchObject([200, { seq: 5 }]);
    expect(shown).toEqual([[ID, NEW]]);
    expect([ms > 950, ms < 2500]).toEqual([true, true]);
    // The run has forgotten the first three lines; the records have them.
    const [, timeline] = await said(await look(edge, `/api/v1/incidents/${ID}/timeline?minSeq=5`));
    expect(timeline).toMatchObject({ cut: 0, timeline: [1, 2, 3, 4, 5].map((seq) => ({ seq })) });
  });

  test('lines of another incident are not mixed in', async () => {
    const edge = await open({
      show: () => Promise.resolve(viewOf({ id: anIncidentId(9) })),
      timeline: () => Promise.resolve({ timeline: lines, cut: 3 }),
    });
    const [, timeline] = await said(await look(edge, `/api/v1/incidents/${ID}/timeline?minSeq=5`));
    expect(timeline).toMatchObject({ cut: 3, timeline: [{ seq: 4 }, { seq: 5 }] });
  });

  test('it comes while we wait: the records answer', async () => {
    const edge = await open();
    const answer = look(edge, `/api/v1/incidents/inc-data-1/timeline?minSeq=2`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const head = { title: '50% of <b>checkout</b>', team: 'data', severity: 'SEV1', seq: 2 } as const;
    await records.project(
      aRecordBatch({
        incidentId: OTHER,
        workflowId: 'inc-data-1',
        stateVersion: 2,
        head,
        entries: [aRecordedEntry(2)],
      }),
    );
    expect(await said(await answer)).toMatchObject([200, { timeline: [{ seq: 1 }, { seq: 2 }] }]);
  });

  test('when neither has it, what there is is better than nothing', async () => {
    const edge = await open({ show: () => Promise.reject(new IncidentsUnavailable('no worker')) });
    const answer = await look(edge, `/api/v1/incidents/${ID}?minSeq=99`);
    expect(await said(answer)).toMatchObject([200, { id: NEW, seq: 3 }]);
  });

  test('whoever gave a command reads no less than its answer, without asking for it', async () => {
    const edge = await open({
      command: () => Promise.resolve({ changed: true, text: 'Noted.', phase: 'declared', seq: 7 }),
      show: () => Promise.resolve(viewOf({ id: NEW, seq: 7 })),
    });
    expect(await said(await look(edge, `/api/v1/incidents/${ID}`))).toMatchObject([200, { seq: 3 }]);
    await edge.post(`/api/v1/incidents/${ID}/acknowledge`, {}, bearer(edge.tokens.responder));
    expect(await said(await look(edge, `/api/v1/incidents/${ID}`))).toMatchObject([200, { seq: 7 }]);
    // The older incident has its own lines.
    expect(await said(await look(edge, `/api/v1/incidents/INC-1`))).toMatchObject([200, { seq: 2 }]);
  });

  test('one that the records do not have yet is asked at once', async () => {
    const edge = await open({ show: (id) => Promise.resolve(viewOf({ workflowId: id })) });
    const [answer, ms] = await timed(() => look(edge, '/api/v1/incidents/inc-fresh-1'));
    expect([answer.status, ms < 700]).toEqual([200, true]);
  });

  test.each(['minSeq=', 'minSeq=-1', 'minSeq=1.5', 'minSeq=9999999999', 'minSeq=1&minSeq=1', 'x=1', 'minSeq[]=1'])(
    '?%s is a 400 by name',
    async (query) => {
      const edge = await open();
      const [status, { problems }] = await said(await look(edge, `/api/v1/incidents/${ID}?${query}`));
      expect([status, problems]).toMatchObject([400, [{ at: decodeURI(query).split('=')[0] }]]);
    },
  );
});

describe('declaring', () => {
  test('waits for the number; a test has none to wait for', async () => {
    const edge = await open({
      declare: async (opening) => {
        if (!opening.test) {
          setTimeout(() => {
            const { workflowId, incidentId } = opening;
            void records.project(
              aRecordBatch({ workflowId, incidentId, head: { declaredAt: new Date().toISOString() } }),
            );
          }, 300);
        }
        return provisionalView(opening, Date.now());
      },
    });
    const declare = (body: object): Promise<Response> =>
      edge.post('/api/v1/incidents', { title: 'x', severity: 'SEV3', ...body }, bearer(edge.tokens.responder));
    expect(await said(await declare({}))).toMatchObject([
      201,
      { reference: expect.stringMatching(/^INC-\d{4}-\d{3}$/) },
    ]);
    const [answer, ms] = await timed(() => declare({ test: true }));
    expect([...(await said(answer)), ms < 900]).toMatchObject([201, { reference: null }, true]);
  });

  test('a number that does not come is null after a second', async () => {
    const edge = await open({ declare: (opening) => Promise.resolve(provisionalView(opening, 0)) });
    const [answer, ms] = await timed(() =>
      edge.post('/api/v1/incidents', { title: 'x', severity: 'SEV3' }, bearer(edge.tokens.responder)),
    );
    expect([...(await said(answer)), ms < 2500]).toMatchObject([201, { reference: null }, true]);
  });
});
