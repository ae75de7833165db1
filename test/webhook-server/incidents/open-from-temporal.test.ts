/** While the records are starting, away or not current yet: open incidents, numbers and incidents are read from Temporal. */
import type { Command } from '../../../domain/kernel/commands.ts';
import type { IncidentView } from '../../../domain/engine/view.ts';
import { RecordsDown, type Records } from '../../../records/open-records.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { anIncidentId } from '../../records/record-builders.ts';
import { bearer, look, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';
import { unavailableRecords } from '../support/test-records.ts';

const edges: TestHttpServer[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

const [FIRST, SECOND, THIRD, OVER] = [anIncidentId(1), anIncidentId(2), anIncidentId(3), anIncidentId(4)];
const view = (incidentId: string, changes: Partial<IncidentView>): IncidentView =>
  viewOf({ id: incidentId, workflowId: `inc-${incidentId.toLowerCase()}`, ...changes });
const RUNNING = [
  view(FIRST, {
    reference: 'INC-2026-001',
    declaredAt: '2026-11-21T12:00:00.000Z',
    severity: 'SEV1',
    title: 'Payments down',
  }),
  view(THIRD, { declaredAt: '2026-11-21T12:02:00.000Z', severity: 'SEV2', workflowId: 'storm-data', team: 'data' }),
  view(SECOND, {
    reference: 'INC-2026-002',
    declaredAt: '2026-11-21T12:01:00.000Z',
    severity: 'SEV1',
    service: 'payments',
  }),
  view(OVER, { reference: 'INC-2026-004', declaredAt: '2026-11-21T12:03:00.000Z', phase: 'resolved' }),
];

const running = (isComplete = true) => ({
  running: () => Promise.resolve({ incidents: RUNNING, isComplete }),
});
const noTemporal = {
  running: () => Promise.reject(new IncidentsUnavailable('Temporal does not answer')),
};

async function open(
  gateway: Partial<IncidentsGateway>,
  records: Records = unavailableRecords(),
): Promise<TestHttpServer> {
  const edge = await startTestHttpServer({ gateway, records });
  edges.push(edge);
  return edge;
}

interface Said {
  readonly status: number;
  readonly detail?: string;
  readonly incidents?: readonly IncidentView[];
  readonly [more: string]: unknown;
}

async function get(edge: TestHttpServer, path: string): Promise<Said> {
  const answer = await look(edge, `/api/v1/incidents${path}`);
  return { status: answer.status, ...((await answer.json()) as object) };
}

const incidentIds = ({ incidents = [] }: Said): readonly string[] => incidents.map(({ id: incidentId }) => incidentId);

describe('the list of open incidents', () => {
  test('is read from Temporal, newest first, storms among them, and says so', async () => {
    const edge = await open(running(), { ...unavailableRecords(), state: () => 'starting' });
    const said = await get(edge, '?open=true');
    expect(said).toMatchObject({ status: 200, next: null, source: 'temporal', records: 'starting', complete: true });
    expect(incidentIds(said)).toEqual([THIRD, SECOND, FIRST]);
    expect(said.incidents?.[0]).toMatchObject({ url: 'http://tocsin.example/incidents/storm-data' });
  });

  test.each([
    ['severity=SEV1', [SECOND, FIRST]],
    ['team=data', [THIRD]],
    ['q=PAYMENTS', [SECOND, FIRST]],
    ['q=inc-2026-002', [SECOND]],
    ['severity=SEV1&team=data', []],
  ])('is narrowed by %s as the records would', async (query, expected) => {
    expect(incidentIds(await get(await open(running()), `?open=true&${query}`))).toEqual(expected);
  });

  test.each([
    ['a limit cuts it', '&limit=2', true],
    ['Temporal has more than were read', '', false],
  ])('is not called complete when %s', async (_, query, isComplete) => {
    expect(await get(await open(running(isComplete)), `?open=true${query}`)).toMatchObject({
      status: 200,
      complete: false,
    });
  });

  const emptyRecords = (upSince: number): Records => ({
    ...unavailableRecords(),
    state: () => 'up',
    upSince: () => upSince,
    list: () => Promise.resolve({ incidents: [], next: null }),
  });

  test('comes from Temporal until the records have had the time to learn what they missed', async () => {
    const fresh = await open(running(), emptyRecords(Date.now() - 10_000));
    expect(incidentIds(await get(fresh, '?open=true'))).toHaveLength(3);
    const current = await open(running(), emptyRecords(Date.now() - 120_000));
    expect(await get(current, '?open=true')).toMatchObject({ incidents: [], source: 'records', complete: true });
  });

  test('records that may lack something are better than nothing, and are not called complete', async () => {
    const edge = await open(noTemporal, emptyRecords(Date.now()));
    expect(await get(edge, '?open=true')).toMatchObject({ status: 200, source: 'records', complete: false });
  });

  test('when neither can answer it is a 503 that names both', async () => {
    const said = await get(await open(noTemporal), '?open=true');
    expect(said).toMatchObject({ status: 503, detail: expect.stringMatching(/records.*Temporal does not answer/) });
  });

  test.each(['', '?open=false', '?open=true&cursor=abc'])('%j is for the records alone: 503', async (query) => {
    const said = await get(await open(running()), query);
    expect(said).toMatchObject({ status: 503, detail: expect.stringContaining('open=true') });
  });
});

describe('numbers and incidents', () => {
  const shown = (id: string, incidentId?: string): Promise<IncidentView> => {
    const found = RUNNING.find((one) => one.workflowId === id && (incidentId ?? one.id) === one.id);
    return found === undefined ? Promise.reject(new UnknownIncident(id)) : Promise.resolve(found);
  };

  test.each([
    ['INC-2026-001', FIRST],
    ['inc-2026-2', SECOND],
    ['INC-002', SECOND],
    ['INC-2026-004', OVER],
    [FIRST, FIRST],
    [THIRD.toLowerCase(), THIRD],
  ])('%s is found among those that run', async (id, incidentId) => {
    const edge = await open({ ...running(), show: shown });
    expect(await get(edge, `/${id}`)).toMatchObject({ status: 200, id: incidentId });
  });

  test('a command by number goes to that incident', async () => {
    const commands: [string, Command][] = [];
    const edge = await open({
      ...running(),
      show: shown,
      command: (id, command) => {
        commands.push([id, command]);
        return Promise.resolve({ changed: true, text: 'Ana has it', phase: 'investigating', seq: 5 });
      },
    });
    const path = '/api/v1/incidents/INC-001/acknowledge';
    expect((await edge.post(path, {}, bearer(edge.tokens.responder))).status).toBe(200);
    expect(commands).toMatchObject([[`inc-${FIRST.toLowerCase()}`, { type: 'acknowledge', incidentId: FIRST }]]);
  });

  test('an incident whose run has ended is found by its post-incident flow', async () => {
    const ended = anIncidentId(9);
    const edge = await open({
      ...running(),
      show: (id) =>
        id === `post-incident-${ended}` || id === 'inc-ended'
          ? Promise.resolve(viewOf({ workflowId: 'inc-ended', id: ended, phase: 'resolved' }))
          : Promise.reject(new UnknownIncident(id)),
    });
    expect(await get(edge, `/${ended}`)).toMatchObject({ status: 200, workflowId: 'inc-ended' });
  });

  test('what Temporal does not know may be in the records: 503 while these are away, 404 once they are there', async () => {
    const away = await open({ ...running(), show: shown });
    for (const id of ['INC-2026-099', anIncidentId(77)]) {
      expect(await get(away, `/${id}`)).toMatchObject({ status: 503, detail: expect.stringContaining('workflowId') });
    }
    const fresh: Records = {
      ...unavailableRecords(),
      upSince: () => Date.now(),
      findIncident: () => Promise.resolve(null),
    };
    const there = await open({ ...running(), show: shown }, fresh);
    const unknown = { status: 404, detail: expect.stringContaining('no number yet') };
    expect(await get(there, '/INC-2026-099')).toMatchObject(unknown);
    expect((await get(there, `/${FIRST}`)).status).toBe(200);
  });

  test('a short number is not guessed from an incomplete list; a whole one needs no guess', async () => {
    const edge = await open({ ...running(false), show: shown });
    expect((await get(edge, '/INC-002')).status).toBe(503);
    expect((await get(edge, '/INC-2026-002')).status).toBe(200);
  });

  test('records that break in the middle of a look-up are away too', async () => {
    const broken: Records = {
      ...unavailableRecords(),
      upSince: () => 0,
      findIncident: () => Promise.reject(new RecordsDown('gone')),
    };
    expect((await get(await open({ ...running(), show: shown }, broken), '/INC-2026-001')).status).toBe(200);
  });
});
