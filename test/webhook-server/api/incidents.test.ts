/** People's half of the API: declaring, looking, commanding; and what each refusal says. */
import { type Command, COMMANDS } from '../../../domain/kernel/commands.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { IncidentView } from '../../../domain/engine/view.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { CommandRefused } from '../../../webhook-server/incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import { kebab } from '../../../domain/kernel/text.ts';
import {
  bearer,
  look,
  startTestHttpServer,
  viewOf,
  HTTP_TEST_YAML,
  type TestHttpServerOptions,
  type TestHttpServer,
} from '../support/test-http-server.ts';

const edges: TestHttpServer[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

async function open(gateway: Partial<IncidentsGateway>, more: TestHttpServerOptions = {}): Promise<TestHttpServer> {
  const edge = await startTestHttpServer({ gateway, ...more });
  edges.push(edge);
  return edge;
}

describe('declaring', () => {
  async function declaring(): Promise<{ edge: TestHttpServer; openings: Declaration[] }> {
    const openings: Declaration[] = [];
    const edge = await open({
      declare: (opening) => {
        openings.push(opening);
        return Promise.resolve<IncidentView>(provisionalView(opening, 0));
      },
    });
    return { edge, openings };
  }

  test('201 with the incident; whoever is on call has it already', async () => {
    const { edge, openings } = await declaring();
    const said = { title: ' Database\ndown ', severity: 'SEV1', service: 'payments', summary: 'No writes' };
    const answer = await edge.post('/api/v1/incidents', said, bearer(edge.tokens.responder));
    const id = openings[0]?.workflowId;
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/v1/incidents/${id}`]);
    expect(await answer.json()).toMatchObject({
      reference: null,
      workflowId: id,
      url: `http://tocsin.example/incidents/${id}`,
      phase: 'declared',
    });
    expect(openings[0]).toMatchObject({
      title: 'Database down',
      summary: 'No writes',
      severity: 'SEV1',
      severityGuessed: false,
      team: 'platform',
      service: 'payments',
      component: 'Checkout',
      source: 'api',
      declaredBy: 'ana',
      declarerIsOnCall: true,
      test: false,
      restricted: false,
    });
  });

  test('the same Idempotency-Key is the same incident, another is another', async () => {
    const { edge, openings } = await declaring();
    for (const key of ['a', 'a', 'b']) {
      const headers = { ...bearer(edge.tokens.responder), 'idempotency-key': key };
      await edge.post('/api/v1/incidents', { title: 'x', severity: 'SEV3' }, headers);
    }
    const [a, again, b] = openings.map(({ workflowId }) => workflowId);
    expect([again === a, b === a]).toEqual([true, false]);
  });

  test('[CMD-9] an administrator declares for another, which is logged; a token of nobody has its own name', async () => {
    const { edge, openings } = await declaring();
    const said = { title: 'x', severity: 'SEV2', team: 'data' };
    await edge.post('/api/v1/incidents', { ...said, by: 'bo' }, bearer(edge.tokens.admin));
    await edge.post('/api/v1/incidents', said, bearer(edge.tokens.admin));
    // A test that its own declaration acknowledged would test nothing.
    await edge.post('/api/v1/incidents', { ...said, test: true, by: 'bo' }, bearer(edge.tokens.admin));
    expect(openings).toMatchObject([
      { declaredBy: 'bo', declarerIsOnCall: true, team: 'data', test: false },
      { declaredBy: 'ops', declaredByToken: true, declarerIsOnCall: false },
      { declaredBy: 'bo', declarerIsOnCall: false, test: true },
    ]);
    expect(openings[0]).not.toHaveProperty('declaredByToken');
    expect(edge.logged).toContainEqual({ audit: true, actor: 'ops', by: 'bo' });
  });

  test.each([
    [{}, ['title', 'severity']],
    [{ title: '', severity: 'SEV9' }, ['title', 'severity']],
    [{ title: 'x'.repeat(201), severity: 'SEV1' }, ['title']],
    [{ title: 'x', severity: 'SEV1', team: 'constructor' }, ['team']],
    [{ title: 'x', severity: 'SEV1', phase: 'resolved' }, ['']],
    [{ title: 'x', severity: 'SEV1', test: 'yes' }, ['test']],
    [[], ['']],
  ])('%j is refused by name', async (body, at) => {
    const { edge, openings } = await declaring();
    const answer = await edge.post('/api/v1/incidents', body, bearer(edge.tokens.responder));
    const { problems } = (await answer.json()) as { problems: { at: string }[] };
    expect([answer.status, problems.map((problem) => problem.at), openings.length]).toEqual([400, at, 0]);
  });

  test.each(['', 'a b', 'x'.repeat(65), 'ü'.normalize('NFD').slice(0, 1) + '/'])(
    'Idempotency-Key %j is a 400',
    async (key) => {
      const { edge } = await declaring();
      const headers = { ...bearer(edge.tokens.responder), 'idempotency-key': key };
      expect((await edge.post('/api/v1/incidents', { title: 'x', severity: 'SEV3' }, headers)).status).toBe(400);
    },
  );

  test('[CMD-8] when it did not happen: 503, nobody was paged', async () => {
    const edge = await open({ declare: () => Promise.reject(new IncidentsUnavailable('Temporal is away')) });
    const answer = await edge.post(
      '/api/v1/incidents',
      { title: 'x', severity: 'SEV1' },
      bearer(edge.tokens.responder),
    );
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ detail: 'the incident was not declared: nobody was paged' });
  });

  test('[CMD-8] when Temporal was asked and did not answer in time: 503, and nobody claims to know', async () => {
    const late = new IncidentsUnavailable('no answer within 2000 ms', { isUncertain: true });
    const edge = await open({ declare: () => Promise.reject(late) });
    const body = { title: 'x', severity: 'SEV1' };
    const answer = await edge.post('/api/v1/incidents', body, bearer(edge.tokens.responder));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('it is not known whether') });
  });
});

describe('looking', () => {
  test('an incident and its timeline', async () => {
    const timeline = { timeline: [{ seq: 1, at: 'now', kind: 'declared', by: null, text: 'x' }], cut: 0 };
    const edge = await open({ show: () => Promise.resolve(viewOf()), timeline: () => Promise.resolve(timeline) });
    const get = (path: string): Promise<Response> => fetch(edge.url + path, { headers: bearer(edge.tokens.viewer) });
    expect(await (await get('/api/v1/incidents/inc-platform-1')).json()).toMatchObject({
      title: 'Database down',
      url: 'http://tocsin.example/incidents/inc-platform-1',
    });
    expect(await (await get('/api/v1/incidents/inc-platform-1/timeline')).json()).toEqual(timeline);
  });

  test('one that nobody knows is a 404', async () => {
    const edge = await open({ show: (id) => Promise.reject(new UnknownIncident(id)) });
    const answer = await look(edge, '/api/v1/incidents/inc-x-1');
    expect([answer.status, await answer.json()]).toMatchObject([404, { detail: 'no such incident' }]);
  });
});

describe('commanding', () => {
  const done = { changed: true, text: 'Ana has it', phase: 'investigating', seq: 4 } as const;

  async function commanding(answer: () => ReturnType<IncidentsGateway['command']> = () => Promise.resolve(done)) {
    const commands: [string, Command][] = [];
    const edge = await open(
      {
        command: (id, command) => {
          commands.push([id, command]);
          return answer();
        },
        show: () => Promise.resolve(viewOf({ phase: 'investigating' })),
      },
      { yaml: `${HTTP_TEST_YAML}actions: { "cache:clear": {} }\n` },
    );
    const say = (command: string, body: unknown = {}, headers = bearer(edge.tokens.responder)): Promise<Response> =>
      edge.post(`/api/v1/incidents/inc-platform-1/${command}`, body, headers);
    return { edge, commands, say };
  }

  test('200 with the incident, whether it changed and what happened', async () => {
    const { edge, commands } = await commanding();
    const answer = await fetch(`${edge.url}/api/v1/incidents/inc-platform-1/acknowledge`, {
      method: 'POST',
      headers: { ...bearer(edge.tokens.responder), 'idempotency-key': 'r-1' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      title: 'Database down',
      changed: true,
      text: 'Ana has it',
      phase: 'investigating',
      seq: 4,
    });
    expect(commands).toEqual([['inc-platform-1', { type: 'acknowledge', by: 'ana', requestId: 'r-1' }]]);
  });

  const BODIES: Readonly<Record<string, object>> = {
    assignRole: { role: 'scribe', person: 'bo' },
    setSeverity: { severity: 'SEV2', reason: 'r' },
    postUpdate: { text: 't', audience: 'public', status: 'Identified' },
    addNote: { text: 't' },
    cause: { text: 't' },
    decideMitigation: { decision: 'rollback' },
    reportMitigation: { outcome: 'failed' },
    resolve: { resolution: 'r', ignoreAlerts: ['a'] },
    reopen: { reason: 'r' },
    declareFalseAlarm: { reason: 'r' },
    assessImpact: { summary: 's', scope: 'all', usersAffected: 3, dataLoss: true, revenueLost: '$45000' },
    runAction: { action: 'cache:clear', parameters: { region: 'eu' } },
    merge: { into: 'inc-platform-2' },
    split: { alert: 'a' },
    escalate: { to: 'data', reason: 'r' },
    addActionItem: { text: 't', owner: 'bo', due: '2026-12-24' },
    completeActionItem: { item: 'A1' },
    completePostmortem: { url: 'https://wiki.example/1' },
  };

  test.each(Object.keys(COMMANDS))('%s has a route of its own', async (type) => {
    const { commands, say } = await commanding();
    expect((await say(kebab(type), BODIES[type])).status).toBe(200);
    expect(commands[0]?.[1]).toMatchObject({ type, by: 'ana', ...BODIES[type] });
  });

  test('taken but not yet worked on: 202 pending', async () => {
    const { say } = await commanding(() => Promise.resolve('pending' as const));
    const answer = await say('acknowledge');
    expect([answer.status, await answer.json()]).toEqual([202, { workflowId: 'inc-platform-1', pending: true }]);
  });

  test('refused by the phase: 409 with the reason and what is possible', async () => {
    const refusal = { reason: 'already resolved', phase: 'resolved', allowed: ['reopen', 'addNote'] } as const;
    const { say } = await commanding(() => Promise.reject(new CommandRefused(refusal)));
    const answer = await say('decline');
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      { detail: 'already resolved', reason: 'already resolved', phase: 'resolved', allowed: ['reopen', 'add-note'] },
    ]);
  });

  test('nobody knows it: 404; nobody took it: 503', async () => {
    const unknown = await commanding(() => Promise.reject(new UnknownIncident('x')));
    expect((await unknown.say('decline')).status).toBe(404);
    const away = await commanding(() => Promise.reject(new IncidentsUnavailable('no worker took it')));
    expect((await away.say('decline')).status).toBe(503);
  });

  test('done but not to be shown is still done', async () => {
    const edge = await open({
      command: () => Promise.resolve(done),
      show: () => Promise.reject(new IncidentsUnavailable('x')),
    });
    const answer = await edge.post('/api/v1/incidents/inc-platform-1/acknowledge', {}, bearer(edge.tokens.responder));
    expect([answer.status, await answer.json()]).toEqual([200, { workflowId: 'inc-platform-1', ...done }]);
  });

  test.each<[string, object, string]>([
    ['add-note', {}, 'text'],
    ['add-note', { text: 'x', at: '1999' }, 'at'],
    ['add-note', { text: 'x', requestId: 5, by: 'ana' }, ''],
    ['assign-role', { role: 'ic', person: 'nobody' }, 'person'],
    ['escalate', { to: 'nobody', reason: 'r' }, 'to'],
    ['add-action-item', { text: 't', owner: 'nobody' }, 'owner'],
    ['assess-impact', { summary: 's', usersAffected: -1 }, 'usersAffected'],
    ['complete-postmortem', { url: 'javascript:alert(1)' }, 'url'],
    ['set-severity', { severity: 'sev1', reason: 'r' }, 'severity'],
    ['add-note', JSON.parse('{"text":"x","__proto__":{"by":"bo"}}') as object, '__proto__'],
  ])('%s %j is refused by name', async (command, body, at) => {
    const { say, commands } = await commanding();
    const answer = await say(command, body);
    if (at === '') {
      // The request id is the header's alone.
      expect([answer.status, commands[0]?.[1].requestId]).toEqual([200, expect.stringMatching(/^[0-9A-Z]{26}$/)]);
      return;
    }
    const { problems } = (await answer.json()) as { problems: { at: string; message: string }[] };
    expect([answer.status, problems[0]?.at, commands.length]).toEqual([400, at, 0]);
    if (at === 'person' || at === 'owner') expect(problems[0]?.message).toContain('known are ana, bo');
  });

  test('by is for administrators', async () => {
    const { edge, say, commands } = await commanding();
    expect((await say('acknowledge', { by: 'bo' })).status).toBe(403);
    expect((await say('acknowledge', { by: 'bo' }, bearer(edge.tokens.admin))).status).toBe(200);
    expect((await say('acknowledge', { by: 'nobody' }, bearer(edge.tokens.admin))).status).toBe(400);
    expect(commands.map(([, { by }]) => by)).toEqual(['bo']);
  });

  test('[CMD-9] a token of nobody says that it is one, whatever the body says; a person is known by key, and a wrong name gets a suggestion', async () => {
    const { edge, say, commands } = await commanding();
    const admin = bearer(edge.tokens.admin);
    await say('acknowledge', { byToken: false }, admin);
    await say('acknowledge', { by: 'bo' }, admin);
    await say('acknowledge', {});
    expect(commands.map(([, { by, byToken }]) => [by, byToken])).toEqual([
      ['ops', true],
      ['bo', undefined],
      ['ana', undefined],
    ]);
    const { problems } = (await (await say('acknowledge', { by: 'anna' }, admin)).json()) as { problems: object[] };
    expect(problems).toEqual([{ at: 'by', message: 'no such person; did you mean "ana"?' }]);
  });

  test('a body of more than 256 KiB is a 413', async () => {
    const { say } = await commanding();
    expect((await say('add-note', { text: 'x'.repeat(256 * 1024) })).status).toBe(413);
  });
});

test('ready while alerts can be made durable', async () => {
  const ready = async (state: Awaited<ReturnType<IncidentsGateway['state']>>): Promise<[number, unknown]> => {
    const edge = await open({ state: () => Promise.resolve(state) });
    const answer = await fetch(`${edge.url}/readyz`);
    return [answer.status, await answer.json()];
  };
  expect(await ready({ temporal: 'up', spool: 'unwritable', spooled: 0, storms: 0 })).toMatchObject([
    200,
    { ready: true, temporal: 'up' },
  ]);
  expect(await ready({ temporal: 'down', spool: 'writable', spooled: 3, storms: 0 })).toMatchObject([
    200,
    { temporal: 'down', spooled: 3 },
  ]);
  expect(await ready({ temporal: 'down', spool: 'unwritable', spooled: 3, storms: 0 })).toMatchObject([
    503,
    { ready: false },
  ]);
});
