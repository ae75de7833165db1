/** Default deny, held over the whole route table: no route is let in by being forgotten. */
import { request } from 'node:http';
import { routeTable } from '../../../webhook-server/api/route-table.ts';
import type { Route } from '../../../webhook-server/http/route.ts';
import { createServerMetrics } from '../../../webhook-server/health/metrics.ts';
import { mayAct, TOKEN_ROLES } from '../../../webhook-server/security/people-auth.ts';
import type { AppDeps } from '../../../webhook-server/dependencies.ts';
import { bearer, startTestHttpServer, type TestHttpServer } from '../support/test-http-server.ts';

const table = routeTable({ stateDirectory: 'nowhere' } as AppDeps, createServerMetrics());
const name = ({ method, path }: Route): string => `${method} ${path}`;
/** Who may use what, in full: a new route fails here until somebody has thought about it. */
const ACCESS: Readonly<Record<Route['access'], readonly string[]>> = {
  source: [
    ...['POST /webhooks/alertmanager', 'POST /webhooks/grafana', 'PUT /webhooks/grafana', 'POST /webhooks/generic'],
    'POST /v2/enqueue',
  ],
  own: [
    ...['POST /webhooks/heartbeat/:name', 'GET /webhooks/heartbeat/:name'],
    ...['POST /webhooks/self-check', 'POST /webhooks/self-check/acknowledge'],
  ],
  public: [
    ...['GET /ack/:token', 'POST /ack/:token', 'GET /healthz', 'GET /readyz', 'GET /metrics'],
    ...['GET /', 'GET /openapi.json', 'GET /status', 'GET /status.json', 'GET /status/feed.atom'],
  ],
  viewer: [
    'GET /incidents/:id',
    ...['GET /api/v1/incidents', 'GET /api/v1/incidents/:id', 'GET /api/v1/incidents/:id/timeline'],
    ...['GET /api/v1/incidents/:id/export', 'GET /api/v1/incidents/:id/postmortem'],
    'GET /api/v1/metrics/incidents',
    ...['GET /api/v1/incidents/:id/explain', 'POST /api/v1/explain', 'GET /api/v1/oncall', 'GET /api/v1/maintenance'],
  ],
  responder: [
    'POST /api/v1/incidents',
    ...['POST /api/v1/maintenance', 'POST /api/v1/maintenance/:window/end', 'POST /api/v1/maintenance/:window/extend'],
    'PUT /api/v1/incidents/:id/postmortem',
    ...['acknowledge', 'decline', 'assign-role', 'set-severity', 'post-update', 'add-note', 'decide-mitigation'].map(
      (command) => `POST /api/v1/incidents/:id/${command}`,
    ),
    ...['report-mitigation', 'resolve', 'reopen', 'declare-false-alarm', 'merge', 'split', 'escalate', 'close'].map(
      (command) => `POST /api/v1/incidents/:id/${command}`,
    ),
    ...['assess-impact', 'cause', 'run-action', 'move-policy', 'add-action-item', 'complete-action-item'].map(
      (command) => `POST /api/v1/incidents/:id/${command}`,
    ),
    'POST /api/v1/incidents/:id/complete-postmortem',
  ],
  admin: ['POST /api/v1/config/reload', 'GET /api/v1/audit'],
};

let edge: TestHttpServer;
beforeAll(async () => {
  edge = await startTestHttpServer();
});
afterAll(() => edge.close());

const pathOf = ({ path }: Route): string =>
  path.replace(':id', 'inc-x-1').replace(':token', 'x').replace(':name', 'nightly').replace(':window', 'maintenance-x');

const call = (route: Route, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(edge.url + pathOf(route), {
    method: route.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(route.method === 'GET' ? {} : { body: '{}' }),
  });

test('every route is listed with who may use it, and every listed route is there', () => {
  const listed = Object.entries(ACCESS).flatMap(([access, routes]) => routes.map((route) => `${access}: ${route}`));
  expect(table.map((route) => `${route.access}: ${name(route)}`).sort()).toEqual(listed.sort());
});

const closed = table.filter(({ access }) => access !== 'public');

test.each(closed.map((route) => [name(route), route] as const))(
  '%s: 401 without and with a wrong token',
  async (_, route) => {
    for (const headers of [{}, bearer('undefined'), { authorization: 'Basic eDp5' }]) {
      const answer = await call(route, headers);
      expect(answer.status).toBe(401);
      const type = route.page ? 'text/html; charset=utf-8' : 'application/problem+json';
      expect(answer.headers.get('content-type')).toBe(type);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  },
);

test.each(closed.map((route) => [name(route), route] as const))('%s: 403 for too low a role', async (_, route) => {
  if (route.access === 'source' || route.access === 'own') {
    // A person's token is no sender's, whatever its role.
    expect((await call(route, bearer(edge.tokens.admin))).status).toBe(401);
    return;
  }
  const needs = route.access as (typeof TOKEN_ROLES)[number];
  for (const role of TOKEN_ROLES) {
    const { status } = await call(route, bearer(edge.tokens[role]));
    expect([role, status === 401 || status === 403]).toEqual([role, !mayAct(role, needs)]);
  }
});

test('another method on a known path is a 405 that says which', async () => {
  for (const [path, allow] of [
    ['/webhooks/alertmanager', 'POST'],
    ['/webhooks/grafana', 'POST, PUT'],
    ['/api/v1/incidents', 'GET, POST, HEAD'],
    ['/healthz', 'GET, HEAD'],
    ['/ack/x', 'GET, POST, HEAD'],
  ]) {
    const answer = await fetch(edge.url + path, { method: 'DELETE' });
    expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, allow]);
  }
});

test.each([
  '/nowhere',
  '/API/v1/incidents',
  '//api//v1//incidents',
  '/api/v1/incidents/inc-x-1/explode',
  '/metrics/../x',
])('%s is not there', async (path) => {
  const answer = await fetch(edge.url + path, { method: 'POST', headers: bearer(edge.tokens.admin) });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ status: 404, problems: [] });
});

/** As it is written: clients would tidy it up. */
const asWritten = (path: string, method: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        port: edge.server.port,
        path,
        method,
        headers: { 'content-type': 'application/json', 'content-length': 2, ...headers },
      },
      (res) => void res.resume().once('end', () => resolve(res.statusCode ?? 0)),
    );
    asked.once('error', reject).end('{}');
  });

const variants = (path: string): readonly string[] => [
  ...[
    `/${path}`,
    path.replaceAll('/', '//'),
    path.toUpperCase(),
    `${path}/`,
    `${path}//`,
    `${path};x`,
    `${path}%20`,
    `${path}%00`,
  ],
  ...[
    `${path}/.`,
    `${path}/..`,
    `/.${path}`,
    `/healthz/..${path}`,
    `/healthz/%2e%2e${path}`,
    path.replaceAll('/', '%2f'),
  ],
  ...[
    path.replace('/', '/%2e/'),
    path.replace('e', '%65'),
    path.replace('i', '%49'),
    `${path}.json`,
    `${path}?x`,
    `${path}#x`,
  ],
  ...[`http://evil.example${path}`, `${path}\\`, `/status${path}`, `/ack${path}`],
];

test.each(closed.map((r) => [name(r), r] as const))(
  '%s: no way of writing the path gets around the check',
  async (_, route) => {
    // The gateway of this edge fails (503) on whatever reaches it, but reading a message is not told apart from that.
    for (const variant of variants(pathOf(route))) {
      for (const headers of [{}, bearer('wrong')]) {
        const status = await asWritten(variant, route.method, headers);
        expect([variant, [400, 401, 404, 405, 429].includes(status) ? 'refused' : status]).toEqual([
          variant,
          'refused',
        ]);
      }
      const role = TOKEN_ROLES[TOKEN_ROLES.indexOf(route.access as 'viewer') - 1];
      if (role === undefined) continue;
      const status = await asWritten(variant, route.method, bearer(edge.tokens[role]));
      expect([variant, role, [400, 401, 403, 404, 405].includes(status) ? 'refused' : status]).toEqual([
        variant,
        role,
        'refused',
      ]);
    }
    expect(edge.reportedAlerts).toEqual([]);
  },
);
