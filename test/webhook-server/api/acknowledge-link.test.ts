/** Acknowledge links: GET shows, POST acts, and a link ends with its incident. */
import type { IncidentView } from '../../../domain/engine/view.ts';
import type { TextPart } from '../../../domain/kernel/text.ts';
import type { Command } from '../../../domain/kernel/commands.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { CommandRefused } from '../../../webhook-server/incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';

const LINK = { workflowId: 'inc-platform-1', incidentId: 'E1', person: 'ana', cycle: 2 };
const DONE = { changed: true, text: 'Ana has it', phase: 'investigating', seq: 4 } as const;
const HTML = { accept: 'text/html,application/xhtml+xml' };
const JSON_ONLY = { accept: 'application/json' };

const edges: TestHttpServer[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

async function open(gateway: Partial<IncidentsGateway> = {}) {
  const commands: [string, Command][] = [];
  const edge = await startTestHttpServer({
    gateway: {
      show: () => Promise.resolve(viewOf({ title: '<script>alert("1")</script>', phase: 'declared' })),
      command: (id, command) => {
        commands.push([id, command]);
        return Promise.resolve(DONE);
      },
      ...gateway,
    },
  });
  edges.push(edge);
  const url = `${edge.url}/ack/${edge.signer.sign(LINK)}`;
  const ask = (method: 'GET' | 'POST' | 'HEAD', headers: Record<string, string> = HTML): Promise<Response> =>
    fetch(url, { method, headers });
  return { edge, commands, url, ask };
}

test('GET shows and changes nothing, however often it is fetched', async () => {
  const { ask, commands } = await open();
  expect((await ask('HEAD')).status).toBe(200);
  const answer = await ask('GET');
  const page = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page).toContain('<span class="tag SEV1">SEV1</span>declared');
  expect(page).toContain('&lt;script>alert(&quot;1&quot;)&lt;/script>');
  expect(page).not.toContain('<script');
  expect(page).toContain('<form method="post">');
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("form-action 'self'");
  expect(policy).toMatch(/style-src 'sha256-/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(commands).toEqual([]);
});

test('POST acknowledges as the person of the link, with one request id however often it is tapped', async () => {
  const { ask, commands } = await open();
  const [first, second] = [await ask('POST'), await ask('POST', JSON_ONLY)];
  expect(await first.text()).toContain('<h1>Ana has it</h1>');
  expect(await second.json()).toEqual({
    workflowId: 'inc-platform-1',
    url: 'http://tocsin.example/incidents/inc-platform-1',
    ...DONE,
  });
  const acknowledge = { type: 'acknowledge', by: 'ana', incidentId: 'E1', requestId: 'link:E1:2:ana' };
  expect(commands).toEqual([
    ['inc-platform-1', acknowledge],
    ['inc-platform-1', acknowledge],
  ]);
});

test('a form posts no JSON, and is heard', async () => {
  const { url, commands } = await open();
  const answer = await fetch(url, { method: 'POST', headers: HTML, body: new URLSearchParams({ x: 'y' }) });
  expect([answer.status, commands.length]).toEqual([200, 1]);
});

test.each(['x', 'a.b', `${'x'.repeat(3000)}`])('a link that was not signed here is a 404', async (token) => {
  const { edge, commands } = await open();
  for (const method of ['GET', 'POST']) {
    expect((await fetch(`${edge.url}/ack/${token}`, { method, headers: HTML })).status).toBe(404);
  }
  expect(commands).toEqual([]);
});

test.each([
  ['resolved', { phase: 'resolved' }],
  ['closed', { phase: 'closed' }],
  ['followed by another incident', { id: 'E2' }],
] as const)('once the incident is %s, the link has ended', async (_, changes) => {
  const { ask, commands } = await open({ show: () => Promise.resolve(viewOf(changes)) });
  for (const method of ['GET', 'POST'] as const) {
    const answer = await ask(method);
    expect([answer.status, (await answer.text()).includes('link has ended')]).toEqual([410, true]);
  }
  const json = await ask('POST', JSON_ONLY);
  expect([json.status, json.headers.get('content-type')]).toEqual([410, 'application/problem+json']);
  expect(commands).toEqual([]);
});

test('forgotten by Temporal, or refused in between: it has ended as well', async () => {
  const gone = await open({ show: () => Promise.reject(new UnknownIncident('x')) });
  expect((await gone.ask('GET')).status).toBe(410);
  const refusal = { reason: 'over', phase: 'resolved', allowed: [] } as const;
  const late = await open({ command: () => Promise.reject(new CommandRefused(refusal)) });
  expect((await late.ask('POST')).status).toBe(410);
});

test('without workers the page still asks, and the answer is kept', async () => {
  const { ask } = await open({
    show: () => Promise.reject(new IncidentsUnavailable('no worker')),
    command: () => Promise.resolve('pending'),
  });
  expect(await (await ask('GET')).text()).toContain('<form method="post">');
  expect((await ask('POST')).status).toBe(202);
});

test('when even that fails it says so', async () => {
  const away = (): Promise<never> => Promise.reject(new IncidentsUnavailable('away'));
  const { ask } = await open({ show: away, command: away });
  const answer = await ask('POST');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.text()).toContain('Not acknowledged');
});

test('[PAGE-40] while Temporal is away the link shows what waits in the spool, and pressing it is kept', async () => {
  const { ask } = await open({
    show: () => Promise.reject(new IncidentsUnavailable('away')),
    pendingGroup: () => ({ incidentIds: ['E1'], title: 'Disk <full>', severity: 'SEV1' }),
    command: () => Promise.resolve('pending'),
  });
  const page = await (await ask('GET')).text();
  expect(page).toContain('<span class="tag SEV1">SEV1</span>waiting for Temporal');
  expect(page).toContain('Disk &lt;full>');
  const pressed = await ask('POST');
  expect([pressed.status, await pressed.text()]).toEqual([202, expect.stringContaining('as soon as Temporal')]);
});

test.each([
  ['has not begun yet', () => Promise.reject(new UnknownIncident('x'))],
  ['is another incident still', () => Promise.resolve(viewOf({ id: 'E0', phase: 'declared' }))],
])(
  '[PAGE-40] Temporal is back, the alerts still wait, and their incident %s: the link has not ended',
  async (_, show) => {
    const pendingGroup = () => ({ incidentIds: ['E1'], title: 'Disk full', severity: 'SEV1' }) as const;
    const { ask } = await open({ show, pendingGroup, command: () => Promise.resolve('pending') });
    expect([(await ask('GET')).status, (await ask('POST')).status]).toEqual([200, 202]);
  },
);

test('[PAGE-40] the link of a page that was sent directly works for the incident that its alerts joined', async () => {
  const { ask, commands } = await open({
    show: () => Promise.resolve(viewOf({ id: 'E9', aliases: ['E0', 'E1'], phase: 'declared' })),
  });
  expect([(await ask('GET')).status, (await ask('POST')).status, commands.length]).toEqual([200, 200, 1]);
});

test('[LIFE-22] a link in a page of an incident that was merged acknowledges what it is a part of now, while that is open', async () => {
  const target = viewOf({ workflowId: 'inc-b', id: 'E9', aliases: ['E1'], phase: 'declared', title: 'All of it' });
  const merged = { phase: 'closed', outcome: 'merged', mergedInto: 'E9' } as const;
  const shown = (isOver: boolean) => (id: string) =>
    Promise.resolve(id === 'inc-b' ? target : viewOf({ ...merged, mergedTo: { workflowId: 'inc-b', isOver } }));
  const { ask, commands } = await open({ show: shown(false) });
  expect(await (await ask('GET')).text()).toContain('All of it');
  expect((await ask('POST')).status).toBe(200);
  expect(commands).toEqual([
    ['inc-b', { type: 'acknowledge', by: 'ana', incidentId: 'E1', requestId: 'link:E1:2:ana' }],
  ]);
  expect((await (await open({ show: shown(true) })).ask('POST')).status).toBe(410);
});

test('[LIFE-22] what it was merged into is restricted: the link acknowledges, and neither shows it nor opens it', async () => {
  const secret = { workflowId: 'inc-b', id: 'E9', aliases: ['E1'], title: 'Keys leaked', restricted: true } as const;
  const merged = { phase: 'closed', outcome: 'merged', mergedInto: 'E9' } as const;
  const mergedTo = { workflowId: 'inc-b', isOver: false };
  const shown = (phase: 'declared' | 'resolved') => (id: string) =>
    Promise.resolve(id === 'inc-b' ? viewOf({ ...secret, phase }) : viewOf({ ...merged, mergedTo }));
  const { ask, commands } = await open({ show: shown('declared') });
  const page = await (await ask('GET')).text();
  expect(page).toContain('<form method="post">');
  const json = await ask('GET', JSON_ONLY);
  expect(json.status).toBe(403);
  const pressed = await (await ask('POST')).text();
  expect(commands).toHaveLength(1);
  expect(pressed).toContain('<h1>Ana has it</h1>');
  expect(pressed).toContain('href="http://tocsin.example/incidents/inc-b"');
  const ended = await (await open({ show: shown('resolved') })).ask('GET');
  expect(ended.status).toBe(410);
  for (const text of [page, await json.text(), pressed, await ended.text()])
    expect(text).not.toMatch(/Keys leaked|link=/);
});

const ANA_HAS_IT = {
  phase: 'investigating',
  acknowledgedAt: '2026-11-21T13:02:00.000Z',
  acknowledgedBy: 'ana',
  roles: { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null },
} as const;
const pageTo = (person: string, level: number) => ({
  ...({ at: '2026-11-21T13:00:00.000Z', to: person, method: 'webhook', state: 'accepted', reason: null } as const),
  key: `E1/page/2.${level}.1/${person}.webhook`,
});

/** The page's words, as `person` sees them. */
async function seenBy(person: string, changes: Partial<IncidentView>, gateway: Partial<IncidentsGateway> = {}) {
  const { edge } = await open({
    show: () => Promise.resolve(viewOf(changes)),
    running: () => Promise.resolve({ incidents: [viewOf(changes)], isComplete: true }),
    ...gateway,
  });
  const url = `${edge.url}/ack/${edge.signer.sign({ ...LINK, person })}`;
  const read = async (method: 'GET' | 'POST') => (await (await fetch(url, { method, headers: HTML })).text()) ?? '';
  const wordsOf = (page: string): string => page.replace(/<style>[^]*<\/style>/, '').replaceAll(/<[^>]+>/g, ' ');
  const page = await read('GET');
  const buttons = [...page.matchAll(/<button>(.*?)<\/button>/g)].map(([, label]) => label);
  return { page, words: wordsOf(page).replaceAll(/\s+/g, ' '), buttons, press: () => read('POST') };
}
test('the page says what, where, how bad, why you and what is next', async () => {
  const { words, page, buttons } = await seenBy('ana', {
    phase: 'declared',
    service: 'payments',
    component: 'Checkout',
    impact: { summary: 'Nobody can pay', scope: null, usersAffected: null, dataLoss: null, revenueLost: null },
    deliveries: [pageTo('ana', 1)],
    deadlines: [{ kind: 'escalation', at: new Date(Date.now() + 240_000).toISOString(), text: 'level 2 is paged' }],
    alerts: [
      {
        ...({ fingerprint: 'f', status: 'firing', startsAt: '2026-11-21T13:00:00.000Z', endsAt: null } as const),
        ...{ labels: { alertname: 'PostgresqlDown' }, annotations: {} },
        links: { runbook: 'https://runbooks.example/pg', dashboard: 'https://grafana.example/d' },
      },
    ],
    ...{ alertCount: 1, firingCount: 1 },
  });
  for (const said of [
    'Database down',
    'Nobody has it yet.',
    'Why you You are on call (level 1 of team platform).',
    'Service payments (Checkout)',
    'Impact Nobody can pay',
    'in 4 min',
    'level 2 is paged',
    'This link acts for Ana Ruiz.',
  ])
    expect(words).toContain(said);
  expect(page).toContain('href="https://runbooks.example/pg"');
  expect(page).toContain('href="https://grafana.example/d"');
  expect(page).toMatch(/href="http:\/\/tocsin\.example\/incidents\/inc-platform-1\?link=E1\.[\w-]+"/);
  expect(buttons).toEqual(['I have it']);
  expect(Buffer.byteLength(page)).toBeLessThan(20_000);
});

test.each<[string, string, Partial<IncidentView>, string, readonly string[]]>([
  ['Ana has it, and Bo opens his link', 'bo', ANA_HAS_IT, 'Ana Ruiz has had it since', []],
  [
    'Ana has it, and Bo was called by name',
    'bo',
    { ...ANA_HAS_IT, deliveries: [pageTo('bo', 0)] },
    'Ana Ruiz has had it since',
    ['I have seen it'],
  ],
  [
    'Ana has gone quiet, and the next level is paged',
    'bo',
    { ...ANA_HAS_IT, deadlines: [{ kind: 'escalation', at: '2026-11-21T13:30:00.000Z', text: 'level 3 is paged' }] },
    'whoever answers takes command',
    ['I take it'],
  ],
  ['Ana has it, and opens her link', 'ana', ANA_HAS_IT, 'You have had it since', []],
  [
    'Ana is asked whether she is still on it',
    'ana',
    { ...ANA_HAS_IT, deadlines: [{ kind: 'inactivity', at: '2026-11-21T13:30:00.000Z', text: 'asked' }] },
    'You have had it since',
    ['I am still on it'],
  ],
  [
    'nobody has it, and leadership looks',
    'bo',
    { deliveries: [pageTo('bo', 0)] },
    'Nobody has it yet',
    ['Acknowledge'],
  ],
])(
  '%s: the page says who has it, and offers only what pressing would do',
  async (_, person, changes, said, offered) => {
    const { words, buttons } = await seenBy(person, { phase: 'declared', ...changes });
    expect(words).toContain(said);
    expect(buttons).toEqual(offered);
  },
);

const calledFor = (reason: 'by-hand' | 'leadership' | 'recurrence', ...why: readonly TextPart[]) => ({
  calledFor: { bo: { at: '2026-11-21T13:04:00.000Z', reason, why } },
});
test.each<[string, string, Partial<IncidentView>]>([
  [
    'called by name',
    'You were called at 2026-11-21 13:04 UTC : Ana Ruiz asks for you: disk expert needed.',
    { deliveries: [pageTo('bo', 0)], ...calledFor('by-hand', { person: 'ana' }, ' asks for you: disk expert needed') },
  ],
  [
    'the commander, when it fired again',
    'You were called at 2026-11-21 13:04 UTC : it fires again; no answer since 2026-11-21 13:01 UTC.',
    {
      deliveries: [pageTo('bo', 0)],
      ...calledFor('recurrence', 'it fires again; no answer since ', { at: Date.parse('2026-11-21T13:01:00Z') }),
    },
  ],
  [
    'leadership',
    'Leadership is called for every SEV1.',
    { deliveries: [pageTo('bo', 0)], ...calledFor('leadership', 'nobody has it yet') },
  ],
  ['nobody knows why', 'You were called about this.', { deliveries: [pageTo('bo', 0)] }],
  [
    'paged by the server while Temporal was unreachable',
    'You were called about this.',
    { deliveries: [{ ...pageTo('bo', 1), key: 'bg/0123' }] },
  ],
  [
    'on call, and called by name before',
    'You are on call (level 2 of team platform).',
    { deliveries: [pageTo('bo', 0), pageTo('bo', 2)], ...calledFor('by-hand', { person: 'ana' }, ' asks for you') },
  ],
  ['not paged, while others were', 'Tocsin sent you this link.', { deliveries: [pageTo('ana', 0)] }],
])('%s: the page says why: "%s"', async (_, why, changes) => {
  const { words } = await seenBy('bo', { ...ANA_HAS_IT, ...changes });
  expect(words).toContain(`Why you ${why}`);
});

test('it was handed to somebody else: the page does not say since when, for the acknowledgement was not theirs', async () => {
  const { words } = await seenBy('ana', { ...ANA_HAS_IT, roles: { ...ANA_HAS_IT.roles, ic: 'bo' } });
  expect(words).toContain('Bo Lind has it, as incident commander.');
  expect(words).not.toContain('had it since');
});

test('after pressing: who has it now, and to its new holder what to do next', async () => {
  const { press } = await seenBy('ana', { ...ANA_HAS_IT, rolesWanted: ['communicationsLead'] });
  const mine = await press();
  for (const said of [
    ...['<h1>You have it</h1>', 'tocsin false-alarm', 'Is it affecting all users or a subset?', 'tocsin impact'],
    ...['tocsin severity', 'communications-lead NAME'],
  ])
    expect(mine).toContain(said);
  const { press: pressLate } = await seenBy('bo', ANA_HAS_IT);
  const late = await pressLate();
  expect(late).toContain('<h1>Ana has it</h1>');
  expect(late).not.toContain('You have it');
});

test('a link that has ended says what became of the incident, and whom to call', async () => {
  const over = {
    ...ANA_HAS_IT,
    reference: 'INC-2026-001',
    phase: 'resolved',
    resolvedAt: '2026-11-21T14:10:00.000Z',
  } as const;
  const { words, buttons } = await seenBy('bo', over);
  expect(words).toContain('INC-2026-001');
  expect(words).toContain('Resolved at 2026-11-21 14:10 UTC');
  expect(words).toContain('Call Ana Ruiz (on call)');
  expect(buttons).toEqual([]);
});
