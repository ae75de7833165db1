/** Default deny, held over the whole route table: no route is let in by being forgotten. */
import { routeTable } from '../../webhook-server/routes/index.ts';
import type { Route } from '../../webhook-server/http/route.ts';
import { createMetrics } from '../../webhook-server/metrics.ts';
import { mayAct, TOKEN_ROLES } from '../../webhook-server/security/roles.ts';
import type { AppDeps } from '../../webhook-server/deps.ts';
import { bearer, openHttpEdge, type HttpEdge } from './support/http-edge.ts';

const table = routeTable({ stateDirectory: 'nowhere' } as AppDeps, createMetrics());
const name = ({ method, path }: Route): string => `${method} ${path}`;
const PUBLIC = [
  ...['GET /ack/:token', 'POST /ack/:token', 'GET /healthz', 'GET /readyz', 'GET /metrics'],
  ...['GET /openapi.json', 'GET /status', 'GET /status.json', 'GET /status/feed.atom'],
];

let edge: HttpEdge;
beforeAll(async () => {
  edge = await openHttpEdge();
});
afterAll(() => edge.close());

const call = (route: Route, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(edge.url + route.path.replace(':id', 'inc-x-1').replace(':token', 'x'), {
    method: route.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(route.method === 'GET' ? {} : { body: '{}' }),
  });

test('the public routes are these and no others', () => {
  expect(
    table
      .filter(({ access }) => access === 'public')
      .map(name)
      .sort(),
  ).toEqual(PUBLIC.sort());
  expect(table.length).toBeGreaterThan(20);
});

const closed = table.filter(({ access }) => access !== 'public');

test.each(closed.map((route) => [name(route), route] as const))(
  '%s: 401 without and with a wrong token',
  async (_, route) => {
    for (const headers of [{}, bearer('undefined'), { authorization: 'Basic eDp5' }]) {
      const answer = await call(route, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  },
);

test.each(closed.map((route) => [name(route), route] as const))('%s: 403 for too low a role', async (_, route) => {
  if (route.access === 'source') {
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
  '/',
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

test('every answer carries the security headers, and none that break plain HTTP', async () => {
  const { headers } = await fetch(`${edge.url}/healthz`);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  expect(headers.get('strict-transport-security')).toBeNull();
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
});
