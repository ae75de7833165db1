/** `POST /v2/enqueue`: what PagerDuty's senders are asked for, what they are answered, and what their words do. */
import type { Command } from '../../../domain/kernel/commands.ts';
import type { IncidentsGateway } from '../../../webhook-server/incidents/gateway.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import { NotDurable } from '../../../webhook-server/delivery/durable-delivery.ts';
import {
  startTestHttpServer,
  HTTP_TEST_SECRETS,
  HTTP_TEST_YAML,
  type TestHttpServer,
} from '../support/test-http-server.ts';

let edge: TestHttpServer;
const noted: [string, Command][] = [];
let command: IncidentsGateway['command'];

beforeEach(async () => {
  noted.length = 0;
  command = (workflowId, said) => {
    noted.push([workflowId, said]);
    return Promise.resolve('pending');
  };
  edge = await startTestHttpServer({ gateway: { command: (...args) => command(...args) } });
});
afterEach(() => edge.close());

const event = (over: object = {}): object => ({
  ...{ routing_key: HTTP_TEST_SECRETS.PD_KEY, event_action: 'trigger', dedup_key: 'db1/disk' },
  payload: { summary: 'Disk full', source: 'db1', severity: 'critical', component: 'postgres' },
  ...over,
});
const send = (body: unknown, headers = {}): Promise<Response> => edge.post('/v2/enqueue', body, headers);

test('a trigger opens an incident, and is answered in PagerDuty’s words and ours', async () => {
  const answer = await send(event());
  const workflowId = edge.reportedAlerts[0]?.declaration.workflowId;
  expect([answer.status, await answer.json()]).toEqual([
    202,
    {
      ...{ status: 'success', message: 'Event processed', dedup_key: 'db1/disk' },
      incidents: [{ workflowId, url: `http://tocsin.example/incidents/${workflowId}` }],
    },
  ]);
  expect(edge.reportedAlerts).toMatchObject([
    { source: 'pagerdutyEvents', declaration: { title: 'Disk full', severity: 'SEV2', source: 'pagerdutyEvents' } },
  ]);
  expect(edge.reportedAlerts[0]?.alerts[0]?.labels).toMatchObject({ component: 'postgres', integration: 'legacy' });
});

test('a trigger without a dedup key is told the one it got', async () => {
  const { dedup_key: key } = (await (await send(event({ dedup_key: undefined }))).json()) as { dedup_key: string };
  expect(key).toMatch(/^tocsin-/);
  await send(event({ event_action: 'resolve', dedup_key: key, payload: undefined }));
  const [opened, ...ended] = edge.reportedAlerts;
  expect(ended.map(({ declaration }) => declaration.workflowId)).toContain(opened?.declaration.workflowId);
  expect(ended.every(({ alerts }) => alerts[0]?.status === 'resolved')).toBe(true);
  expect(ended[0]?.alerts[0]?.fingerprint).toBe(opened?.alerts[0]?.fingerprint);
});

test('a machine’s acknowledgement stops no chain: it is a note by the name of the source', async () => {
  const workflowId = await send(event()).then(() => edge.reportedAlerts[0]?.declaration.workflowId);
  command = (id, said) => {
    if (id !== workflowId) return Promise.reject(new UnknownIncident(id));
    noted.push([id, said]);
    return Promise.resolve('pending');
  };
  const answer = await send(event({ event_action: 'acknowledge', payload: undefined, client: 'Nagios' }));
  expect([answer.status, await answer.json()]).toMatchObject([202, { status: 'success', incidents: [{ workflowId }] }]);
  expect(noted).toMatchObject([[workflowId, { type: 'addNote', by: 'pagerdutyEvents (Nagios)' }]]);
  expect(edge.reportedAlerts.length).toBe(1);
});

test.each([
  ['nobody has it', () => Promise.reject(new UnknownIncident('x'))],
  ['Temporal is away', () => Promise.reject(new IncidentsUnavailable('away'))],
  ['nothing answers', () => new Promise<never>(() => undefined)],
])('an acknowledgement is answered all the same when %s', async (_, fails) => {
  command = fails;
  const answer = await send(event({ event_action: 'acknowledge', payload: undefined }));
  expect([answer.status, await answer.json()]).toMatchObject([202, { dedup_key: 'db1/disk', incidents: [] }]);
});

test.each([
  ['none', undefined],
  ['another', 'x'],
  ['the beginning of one', HTTP_TEST_SECRETS.PD_KEY.slice(0, -1)],
  ['one and more', `${HTTP_TEST_SECRETS.PD_KEY} `],
  ['the text undefined', 'undefined'],
  ['a list with the right one', [HTTP_TEST_SECRETS.PD_KEY]],
  ['an empty one', ''],
])('routing key: %s is a 401 in both vocabularies', async (_, key) => {
  const answer = await send(event({ routing_key: key }));
  expect(answer.status).toBe(401);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({
    status: 401,
    message: 'Invalid routing key',
    errors: [expect.any(String)],
  });
  expect(edge.reportedAlerts).toEqual([]);
});

test('every key of the configuration opens, also from the header that some clients use', async () => {
  expect((await send(event({ routing_key: 'other-routing-key' }))).status).toBe(202);
  const bare = event({ routing_key: undefined });
  expect((await send(bare, { 'x-routing-key': HTTP_TEST_SECRETS.PD_KEY })).status).toBe(202);
  expect((await send(event(), { 'x-routing-key': 'wrong' })).status).toBe(401);
  expect(edge.reportedAlerts.map(({ alerts }) => alerts[0]?.labels['integration'])).toEqual(['other', 'legacy']);
});

test('a key that is not where it belongs proves nothing, and the body of an unauthenticated request reaches no parser', async () => {
  const key = JSON.stringify(HTTP_TEST_SECRETS.PD_KEY);
  for (const body of [
    `{"payload":{"routing_key":${key}},"event_action":"trigger"}`,
    `[{"routing_key":${key}}]`,
    `{"x":"routing_key","y":${key}}`,
    `{"a":"\\"routing_key\\":${key.replaceAll('"', '\\"')}"}`,
    '{"event_action":',
    `{"routing_key":${key},"routing_key":"x"}`,
  ])
    expect([body, (await send(body)).status]).toEqual([body, 401]);
  expect((await send(`{"event_action":"trigger","routing_\\u006bey":${key}}`)).status).toBe(401);
  expect((await send(`{"routing_key":"pd\\u002drouting-key","event_action":"trigger"}`)).status).toBe(202);
});

test.each([
  [{ event_action: 'explode' }, 'event_action'],
  [{ event_action: undefined }, 'event_action'],
  [{ event_action: 'resolve', dedup_key: '' }, 'dedup_key'],
])('%j with a right key is a 400 that names the field, in both vocabularies', async (over, at) => {
  const answer = await send(event(over));
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    { status: 400, problems: [{ at }], message: 'Event object is invalid', errors: [expect.stringContaining(at)] },
  ]);
});

test('broken JSON with a right key is a 400, a body beyond 16 MiB a 413', async () => {
  expect((await send(`{"routing_key":"${HTTP_TEST_SECRETS.PD_KEY}",`)).status).toBe(400);
  expect((await send(Buffer.alloc(16 * 1024 * 1024 + 1, 0x20))).status).toBe(413);
  const large = JSON.stringify(event({ pad: 'x'.repeat(2_000_000) }));
  expect((await send(large)).status).toBe(202);
});

test('not durable: 503 with Retry-After, which PagerDuty’s clients repeat', async () => {
  const down = await startTestHttpServer({ gateway: { report: () => Promise.reject(new NotDurable('disk full')) } });
  const answer = await down.post('/v2/enqueue', event());
  await down.close();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});

test('a source that is not configured is a 404', async () => {
  const without = await startTestHttpServer({ yaml: HTTP_TEST_YAML.replace(/ {2}pagerdutyEvents: .*\n/, '') });
  const answer = await without.post('/v2/enqueue', event());
  await without.close();
  expect(answer.status).toBe(404);
});

test('no key is ever logged', async () => {
  await send(event({ event_action: 'explode' }));
  await send(event({ routing_key: 'an-unknown-client’s-key' }));
  await send(event({ event_action: 'acknowledge' }));
  const logged = JSON.stringify(edge.logged);
  expect(logged).not.toContain(HTTP_TEST_SECRETS.PD_KEY);
  expect(logged).not.toContain('an-unknown-client');
});
