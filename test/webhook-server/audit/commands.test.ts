/** Every attempt to change something has one line in the audit, whatever became of it, and nothing secret is in it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandType, COMMAND_TYPES, fieldsOf } from '../../../domain/kernel/commands.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { CommandRefused } from '../../../webhook-server/incidents/send-command.ts';
import { IncidentsUnavailable } from '../../../webhook-server/incidents/incident-queries.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import { createServerMetrics } from '../../../webhook-server/health/metrics.ts';
import { kebab } from '../../../domain/kernel/text.ts';
import { routeTable } from '../../../webhook-server/api/route-table.ts';
import type { AppDeps } from '../../../webhook-server/dependencies.ts';
import {
  bearer,
  startTestHttpServer,
  viewOf,
  HTTP_TEST_YAML,
  type TestHttpServer,
} from '../support/test-http-server.ts';
import { askAudit } from './audit-fixtures.ts';

const ID = 'inc-platform-1';
const LINK = { workflowId: ID, incidentId: 'E1', person: 'ana', cycle: 2 };
const DONE = { changed: true, text: 'secret-text', phase: 'investigating', seq: 4 } as const;
const REFUSAL = { reason: 'secret-reason', phase: 'resolved', allowed: [] } as const;

/** What must be there to be named. */
const NAMES: Readonly<Record<string, string>> = { person: 'bo', into: 'inc-platform-2', action: 'restart' };

/** Arguments that are in order, with a text that must not turn up. */
const ARGUMENTS: Readonly<Record<CommandType, object>> = Object.fromEntries(
  COMMAND_TYPES.map((type) => [
    type,
    Object.fromEntries(
      Object.entries(fieldsOf(type))
        .filter(([, field]) => field.optional === undefined)
        .map(([name, { is }]) => [
          name,
          Object.hasOwn(NAMES, name) ? NAMES[name] : Array.isArray(is) ? (is[0] as string) : 'secret-text',
        ]),
    ),
  ]),
) as Readonly<Record<CommandType, object>>;

let edge: TestHttpServer;
let answer: IncidentsGateway['command'];
let shows: IncidentsGateway['show'];
beforeEach(async () => {
  answer = () => Promise.resolve(DONE);
  shows = () => Promise.resolve(viewOf({ phase: 'declared' }));
  edge = await startTestHttpServer({
    yaml: `${HTTP_TEST_YAML}actions: { restart: { command: ["true"] } }\n`,
    gateway: {
      command: (...said) => answer(...said),
      show: (...said) => shows(...said),
      declare: (opening) => Promise.resolve(provisionalView(opening, 0)),
    },
  });
});
afterEach(() => edge.close());

const KEY = { 'idempotency-key': 'request-1' };
const declaration = { title: 'secret-text', severity: 'SEV2' };

/** What came of one request: the status, and the lines that were written since. */
async function linesOf(request: () => Promise<Response>) {
  const before = new Set((await askAudit(edge, '?limit=200')).audit.map(({ id }) => id));
  const { status } = await request();
  const { audit } = await askAudit(edge, '?limit=200');
  return { status, lines: audit.filter(({ id }) => !before.has(id)) };
}

describe.each([
  ...COMMAND_TYPES.map((type) => [type, `/api/v1/incidents/${ID}/${kebab(type)}`, ARGUMENTS[type]] as const),
  ['declare', '/api/v1/incidents', declaration] as const,
])('%s', (command, path, body) => {
  const isDeclared = command === 'declare';
  const post = (headers: Record<string, string>, said: unknown = body) =>
    linesOf(() => edge.post(path, said, { ...KEY, ...headers }));

  test('done, refused by the phase, not read, not allowed, not known: one line each', async () => {
    const done = await post(bearer(edge.tokens.responder));
    expect([done.status, done.lines.length]).toEqual([isDeclared ? 201 : 200, 1]);
    expect(done.lines[0]).toMatchObject({
      ...{ command, outcome: 'done', status: done.status, via: 'http', from: '127.0.0.1', requestId: 'request-1' },
      ...{ token: "Ana's laptop", person: 'ana', role: 'responder', by: 'ana', onBehalf: false, omitted: 0 },
      ...{
        workflowId: expect.stringMatching(/^inc-/),
        incidentId: expect.any(String),
        subject: isDeclared ? null : ID,
      },
      keyId: expect.stringMatching(/^[0-9a-f]{8}$/),
    });

    if (!isDeclared) {
      answer = () => Promise.reject(new CommandRefused(REFUSAL));
      const refused = await post(bearer(edge.tokens.responder));
      expect(refused).toMatchObject({ status: 409, lines: [{ outcome: 'refused', by: 'ana', workflowId: ID }] });
    }
    const unread = await post(bearer(edge.tokens.responder), []);
    expect(unread).toMatchObject({ status: 400, lines: [{ command, outcome: 'refused', token: "Ana's laptop" }] });
    const denied = await post(bearer(edge.tokens.viewer));
    expect(denied).toMatchObject({ status: 403, lines: [{ command, outcome: 'refused', token: 'screen', by: null }] });
    for (const headers of [{}, bearer('secret-token')]) {
      const unknown = await post(headers);
      expect(unknown).toMatchObject({ status: 401, lines: [{ command, outcome: 'refused', token: null, by: null }] });
      expect(unknown.lines).toHaveLength(1);
    }
    for (const { lines } of [done, unread, denied]) expect(lines).toHaveLength(1);
  });
});

/** They read what they are given, and change nothing. */
const LOOKS = ['/api/v1/explain'];

test('every route that changes something and is not for senders is audited, and no look is', () => {
  const table = routeTable({ stateDirectory: 'nowhere' } as AppDeps, createServerMetrics());
  const people = table.filter(({ access }) => access !== 'source' && access !== 'own');
  const changing = people.filter(({ method, path }) => method !== 'GET' && !LOOKS.includes(path));
  expect(changing.length).toBeGreaterThan(10);
  expect(changing.filter(({ audited }) => !audited).map(({ path }) => path)).toEqual([]);
  expect(table.filter(({ method, audited }) => method === 'GET' && audited).map(({ path }) => path)).toEqual([]);
});

describe('an acknowledge link', () => {
  const tap = (token = edge.signer.sign(LINK)) =>
    linesOf(() => fetch(`${edge.url}/ack/${token}`, { method: 'POST', headers: { accept: 'text/html' } }));

  test('is a via of its own: who it was sent to, and no token', async () => {
    const { status, lines } = await tap();
    expect([status, lines.length]).toEqual([200, 1]);
    expect(lines[0]).toMatchObject({
      ...{ command: 'acknowledge', via: 'link', outcome: 'done', status: 200, by: 'ana', token: null, role: null },
      ...{ workflowId: ID, incidentId: 'E1', requestId: 'link:E1:2:ana', from: '127.0.0.1', onBehalf: false },
    });
  });

  test('tapped again, too late, kept, failed, and one that was never signed: one line each', async () => {
    answer = () => Promise.resolve({ ...DONE, changed: false });
    expect(await tap()).toMatchObject({ status: 200, lines: [{ outcome: 'unchanged' }] });
    answer = () => Promise.resolve('pending');
    expect(await tap()).toMatchObject({ status: 202, lines: [{ outcome: 'pending' }] });
    answer = () => Promise.reject(new IncidentsUnavailable('away'));
    expect(await tap()).toMatchObject({ status: 503, lines: [{ outcome: 'failed', by: 'ana' }] });
    shows = () => Promise.resolve(viewOf({ phase: 'closed' }));
    expect(await tap()).toMatchObject({ status: 410, lines: [{ outcome: 'refused', by: 'ana' }] });
    const forged = await tap('secret.link');
    expect(forged).toMatchObject({ status: 404, lines: [{ outcome: 'refused', by: null, workflowId: null }] });
    expect(forged.lines).toHaveLength(1);
  });
});

test('an administrator who speaks for another is named beside the other; somebody else who tries is too', async () => {
  const speak = (token: string) =>
    linesOf(() => edge.post(`/api/v1/incidents/${ID}/acknowledge`, { by: 'bo' }, bearer(token)));
  const allowed = await speak(edge.tokens.admin);
  expect(allowed).toMatchObject({ status: 200, lines: [{ token: 'ops', person: null, by: 'bo', onBehalf: true }] });
  const denied = await speak(edge.tokens.responder);
  expect(denied).toMatchObject({ status: 403, lines: [{ token: "Ana's laptop", by: null, outcome: 'refused' }] });
});

test('what holds already, what waits for a worker, and the via are told apart', async () => {
  const say = (headers: Record<string, string> = {}) =>
    linesOf(() =>
      edge.post(`/api/v1/incidents/${ID}/acknowledge`, {}, { ...bearer(edge.tokens.responder), ...headers }),
    );
  answer = () => Promise.resolve({ ...DONE, changed: false });
  expect((await say({ 'user-agent': 'tocsin-cli' })).lines).toMatchObject([{ outcome: 'unchanged', via: 'cli' }]);
  answer = () => Promise.resolve('pending');
  const bad = 'curl/8\u0080 tocsin-cli';
  expect((await say({ 'user-agent': bad })).lines).toMatchObject([{ outcome: 'pending', via: 'http', status: 202 }]);
  answer = () => Promise.reject(new Error('nobody foresaw this'));
  expect((await say()).lines).toMatchObject([{ outcome: 'failed', status: 503 }]);
});

test('looking writes nothing; the files are private; no secret and no text of a command is in them', async () => {
  const { responder, admin } = edge.tokens;
  await edge.post(`/api/v1/incidents/${responder}/acknowledge`, {}, { ...bearer(admin), 'user-agent': responder });
  await edge.post(`/api/v1/incidents/${ID}/add-note`, { text: `secret-text ${responder}` }, bearer(responder));
  await edge.post(`/api/v1/incidents/${ID}/add-note`, 'secret-text{', {
    ...bearer(responder),
    'idempotency-key': admin,
  });
  await edge.post(`/api/v1/incidents/${ID}/add-note`, {}, { cookie: 'secret-text', ...bearer('secret-token') });
  const before = (await askAudit(edge)).audit.length;
  for (const path of ['/api/v1/oncall', '/api/v1/audit', `/ack/${edge.signer.sign(LINK)}`, '/healthz']) {
    await fetch(edge.url + path, { headers: bearer(admin) });
  }
  expect((await askAudit(edge)).audit.length).toBe(before);
  expect(before).toBe(4);
  const directory = join(edge.home, 'audit');
  const files = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  expect(files.map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o600]);
  const text = files.map((name) => readFileSync(join(directory, name), 'utf8')).join('');
  expect(text).not.toMatch(/secret-|tocsin_/);
  for (const token of Object.values(edge.tokens)) expect(text).not.toContain(token.slice(7, 20));
});

test('unauthenticated clients get so many lines a minute; the rest are counted, and people we know are not held up by them', async () => {
  const path = `/api/v1/incidents/${ID}/acknowledge`;
  for (let i = 0; i < 100; i += 1) await edge.post(path, {});
  expect((await edge.post(path, {}, bearer(edge.tokens.responder))).status).toBe(200);
  const { audit } = await askAudit(edge, '?limit=200');
  expect(audit.filter(({ token }) => token === null)).toHaveLength(60);
  expect(audit[0]).toMatchObject({ token: "Ana's laptop", outcome: 'done' });
});
