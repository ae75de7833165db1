/** Pages for people: an incident's own by its signed link, the front page, and what a browser is told when there is none. */
import { ulid } from 'ulid';
import { RecordsDown } from '../../../records/open-records.ts';
import type { IncidentView, TimelineView } from '../../../domain/engine/view.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { bearer, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';

const NOW = Date.UTC(2026, 10, 21, 13, 10);
const BEGAN = NOW - 10 * 60_000;
const ID = ulid(BEGAN);
const WORKFLOW = 'inc-platform-1';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PROGRAM = { accept: 'application/json' };
const DAY_MS = 86_400_000;

const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

const VIEW = viewOf({
  id: ID,
  reference: 'INC-2026-001',
  title: '<b>Checkout</b> fails',
  phase: 'investigating',
  service: 'payments',
  declaredAt: at(-10),
  detectedAt: at(-12),
  acknowledgedAt: at(-8),
  acknowledgedBy: 'ana',
  roles: { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null },
  rolesWanted: ['communicationsLead'],
  deadlines: [{ kind: 'internal-update', at: at(4), text: 'internal update due' }],
  alerts: [
    {
      fingerprint: 'f1',
      status: 'firing',
      startsAt: at(-12),
      endsAt: null,
      labels: { alertname: 'PostgresqlDown', instance: 'db-1:9187' },
      annotations: {},
      links: { dashboard: 'https://grafana.example/pg', source: 'javascript:alert(1)' },
    },
  ],
  alertCount: 1,
  firingCount: 1,
  deliveries: [
    { at: at(-10), to: 'ana', method: 'webhook', key: `${ID}/page/1.1.1/ana.webhook`, state: 'accepted', reason: null },
    { at: at(-8), to: 'bo', method: 'mail', key: `${ID}/notice/4/bo.mail`, state: 'accepted', reason: null },
  ],
});
const TIMELINE: TimelineView = {
  timeline: [
    { seq: 1, at: at(-10), kind: 'declared', by: null, text: 'Declared by alertmanager' },
    { seq: 2, at: at(-8), kind: 'note-added', by: 'ana', text: 'the disk is full' },
  ],
  cut: 0,
};

const servers: TestHttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(gateway: Partial<IncidentsGateway> = {}, now = NOW) {
  const server = await startTestHttpServer({
    now: () => now,
    gateway: {
      show: () => Promise.resolve(VIEW),
      timeline: () => Promise.resolve(TIMELINE),
      running: () => Promise.resolve({ incidents: [VIEW], isComplete: true }),
      ...gateway,
    },
  });
  servers.push(server);
  const look = async (path: string, headers: Record<string, string> = BROWSER) => {
    const answer = await fetch(server.url + path, { headers });
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text(), answer };
  };
  const link = (incidentId = ID): string => `/incidents/${WORKFLOW}?link=${server.signer.signIncident(incidentId)}`;
  return { server, look, link };
}

test('by the signed link of a page an incident is shown to a person: state, people, deadlines, alerts, what happened', async () => {
  const { look, link } = await open();
  const { status, type, body, answer } = await look(link());
  expect([status, type]).toEqual([200, 'text/html; charset=utf-8']);
  expect([answer.headers.get('cache-control'), answer.headers.get('referrer-policy')]).toEqual([
    'no-store',
    'no-referrer',
  ]);
  const words = body.replaceAll(/<style>[^]*?<\/style>|<[^>]+>/g, '');
  for (const said of [
    'INC-2026-001',
    '&lt;b>Checkout&lt;/b> fails',
    'Ana Ruiz has had it since 13:02 UTC, as incident commander.',
    'in 4 min (13:14 UTC): internal update due',
    'Communications leadnobody yet',
    'PostgresqlDown db-1:9187',
    '13:02 UTC Ana Ruiz: the disk is full',
    '13:00 UTC Ana Ruiz by webhook: accepted',
  ])
    expect(words).toContain(said);
  expect(body).toContain('href="https://grafana.example/pg"');
  // Of the service, by the configuration.
  expect(body).toContain('href="https://runbooks.example/payments"');
  expect(body).toMatch(/<meta http-equiv="refresh" content="30"/);
  expect(body).not.toMatch(/javascript:|Bo Lind by mail|<form|<button|<script/);
  expect(Buffer.byteLength(body)).toBeLessThan(20_000);
});

test('a long incident with long addresses and long notes is still a small page, and says what it left out', async () => {
  const link = (n: number): string => `https://prometheus.example/graph?g0.expr=${'x'.repeat(220)}${n}`;
  const alerts = Array.from({ length: 50 }, (_, n) => ({
    ...VIEW.alerts[0]!,
    fingerprint: `f${n}`,
    links: { runbook: link(n), dashboard: link(n + 100), source: link(n + 200) },
  }));
  const timeline = Array.from({ length: 50 }, (_, n) => ({
    ...{ seq: n + 1, at: at(-10), kind: n % 2 === 0 ? 'note-added' : 'severity-changed', text: 'y'.repeat(800) },
    by: n % 2 === 0 ? 'ana' : null,
  }));
  const deliveries = Array.from({ length: 50 }, () => VIEW.deliveries[0]!);
  const { look, link: page } = await open({
    show: () => Promise.resolve({ ...VIEW, alerts, alertCount: 70, firingCount: 50, deliveries }),
    timeline: () => Promise.resolve({ timeline, cut: 0 }),
  });
  const { body } = await look(page());
  expect(Buffer.byteLength(body)).toBeLessThan(20_000);
  for (const said of ['and 64 more', 'and 15 earlier', 'and 40 earlier']) expect(body).toContain(said);
});

test('the link opens that one incident, for 90 days from its beginning, and is valid for nothing else', async () => {
  const { look, link, server } = await open();
  const acknowledge = server.signer.sign({ workflowId: WORKFLOW, incidentId: ID, person: 'ana', cycle: 1 });
  const old = ulid(NOW - 91 * DAY_MS);
  for (const path of [
    `/incidents/${WORKFLOW}`,
    `/incidents/${WORKFLOW}?link=`,
    `/incidents/${WORKFLOW}?link=${ID}.x`,
    `/incidents/${WORKFLOW}?link=${acknowledge}`,
    link(old),
    link('not-a-ulid'),
  ]) {
    const { status, type, body } = await look(path);
    expect([path, status, type]).toEqual([path, 401, 'text/html; charset=utf-8']);
    expect(body).toContain('This page needs a link or a token');
    expect(body).not.toMatch(/Checkout|INC-2026/);
  }
  expect((await look(`/ack/${server.signer.signIncident(ID)}`)).status).toBe(404);
  const program = await look(`/incidents/${WORKFLOW}`, PROGRAM);
  expect([program.status, program.type]).toEqual([401, 'application/problem+json']);
  const late = await open({}, NOW + 89 * DAY_MS);
  expect((await late.look(late.link())).status).toBe(200);
});

test('a token opens it as well, by reference too; a link in a message of another incident does not', async () => {
  const { look, server, link } = await open({
    show: (workflowId) => (workflowId === WORKFLOW ? Promise.resolve(VIEW) : Promise.reject(new UnknownIncident('x'))),
  });
  for (const id of [WORKFLOW, ID, 'INC-2026-001']) {
    const { status, body } = await look(`/incidents/${id}`, { ...BROWSER, ...bearer(server.tokens.viewer) });
    expect([id, status, body.includes('Checkout')]).toEqual([id, 200, true]);
  }
  // The records of this server are down: nobody can say that there is no such incident.
  const { status, body } = await look(link(ulid(BEGAN)));
  expect([status, body.includes('Checkout')]).toEqual([503, false]);
});

test('an incident that was merged shows what it is a part of now, unless that is restricted', async () => {
  const target = { ...VIEW, id: ulid(BEGAN), workflowId: 'inc-b', reference: 'INC-2026-002', title: 'All of it' };
  const merged: IncidentView = {
    ...VIEW,
    ...{ phase: 'closed', outcome: 'merged', mergedInto: 'INC-2026-002' },
    mergedTo: { workflowId: 'inc-b', isOver: false },
  };
  const withTarget = (found: IncidentView) =>
    open({
      show: (workflowId) => Promise.resolve(workflowId === 'inc-b' ? found : merged),
      running: () => Promise.resolve({ incidents: [merged, found], isComplete: true }),
    });
  const followed = await withTarget(target);
  const { body } = await followed.look(followed.link());
  expect(body).toContain('All of it');
  expect(body).toContain('INC-2026-001 was merged into this incident');
  const kept = await withTarget({ ...target, restricted: true });
  const secret = await kept.look(kept.link());
  expect([secret.status, secret.body.includes('All of it')]).toEqual([200, false]);
  expect(secret.body).toContain('Merged into INC-2026-002');
});

test('while Temporal is away it shows what is known, and says as of when', async () => {
  const away = { temporal: 'down', spool: 'writable', spooled: 1, storms: 0 } as const;
  const stale = await open({ state: () => Promise.resolve(away) });
  const { body } = await stale.look(stale.link());
  expect(body.replaceAll(/<[^>]+>/g, '')).toContain('recorded last, as of 13:02 UTC');

  const unavailable = () => Promise.reject(new IncidentsUnavailable('away'));
  const nothing = { show: unavailable, timeline: unavailable, running: unavailable };
  const group = { incidentIds: [ulid(BEGAN), ID], title: 'Disk full', severity: 'SEV1' } as const;
  const spooled = await open({ ...nothing, pendingGroup: () => group });
  const waiting = await spooled.look(spooled.link());
  expect([waiting.status, waiting.body.includes('Disk full')]).toEqual([200, true]);
  const other = await spooled.look(spooled.link(ulid(BEGAN)));
  expect([other.status, other.body.includes('Disk full')]).toEqual([503, false]);

  const dark = await open(nothing);
  const answer = await dark.look(dark.link());
  expect([answer.status, answer.type]).toEqual([503, 'text/html; charset=utf-8']);
  expect(answer.body).toContain('This page tries again by itself');
});

test('the front page says what this is and where to go; nothing on it leads nowhere', async () => {
  const { look } = await open();
  const { status, body } = await look('/');
  expect([status, body.includes('Tocsin: incidents of Example')]).toEqual([200, true]);
  const links = [...body.matchAll(/<a href="([^"]+)"/g)].map(([, href = '']) => href);
  expect(links).toEqual(['http://tocsin.example/status']);
});

test.each(['/nowhere', '/oncall', '/reports', '/incidents', '/incidents/x/y'])(
  '%s is not there: a browser is told so on a page, a program by problem+json',
  async (path) => {
    const { look } = await open();
    const page = await look(path);
    expect([page.status, page.type]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.body).toContain('There is nothing at this address');
    const problem = await look(path, PROGRAM);
    expect([problem.status, problem.type]).toEqual([404, 'application/problem+json']);
  },
);

test('records that are down keep nobody from the page of an incident that runs', async () => {
  const { look, link } = await open({ running: () => Promise.reject(new RecordsDown('x')) });
  expect((await look(link())).status).toBe(200);
});
