/** Tocsin's own public page: only what was written for the public is handed on. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ChatPost, IncidentContext, PublicEntry } from '../../../activities/ports.ts';
import { escalationMonitor, log, ownStatusPage, type PublishedEntry } from '../../../providers/builtin/builtin.ts';
import type { OrganizationSettings } from '../../../providers/vendor.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';

const published: PublishedEntry = {
  incidentId: INCIDENT_ID,
  n: 3,
  at: 1000,
  state: 'Investigating',
  impact: 'major',
  component: 'Checkout',
  text: 'We are investigating.',
  nextUpdateAt: 2000,
};
const entry = {
  ...published,
  key: `${INCIDENT_ID}/entry/3`,
  mayBeRepeat: true,
  renews: false,
  secret: 'internal',
} as PublicEntry;
const soon = (): AbortSignal => AbortSignal.timeout(200);

test('an entry is handed on field by field, and no other field with it', async () => {
  const kept: PublishedEntry[] = [];
  const page = ownStatusPage(async (one) => void kept.push(one));
  await page.publish(entry, anIncidentContext(), soon());
  expect(kept).toEqual([published]);
});

test('the records are down: later, and nothing of their words', async () => {
  const page = ownStatusPage(() => Promise.reject(new Error('password of the database')));
  const err: unknown = await page.publish(entry, anIncidentContext(), soon()).catch((caught: unknown) => caught);
  expect(err).toMatchObject({ name: 'DeliveryError', kind: 'retryable' });
  expect(String(err)).not.toContain('password');
});

test('the records hang: later, when the time is up', async () => {
  const page = ownStatusPage(() => new Promise(() => undefined));
  await expect(page.publish(entry, anIncidentContext(), soon())).rejects.toMatchObject({ kind: 'retryable' });
});

test.each([{ restricted: true }, { test: true }])('[COMM-14] never public, whoever asks: %j', async (head) => {
  const kept: PublishedEntry[] = [];
  const page = ownStatusPage(async (one) => void kept.push(one));
  await expect(page.publish(entry, anIncidentContext({ head }), soon())).rejects.toMatchObject({ kind: 'rejected' });
  expect(kept).toEqual([]);
});

const heard: unknown[] = [];
let status = 200;
const server = createServer((req, res) => {
  let body = '';
  req.on('data', (chunk: Buffer) => (body += chunk.toString()));
  req.on('end', () => {
    heard.push([req.method, req.url, JSON.parse(body)]);
    res.writeHead(status).end();
  });
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  heard.length = 0;
  status = 200;
});

const scene = { incident: { url: 'https://tocsin.example/incidents/inc-1' } } as IncidentContext;
const SIGNED = `${scene.incident.url}?link=signed`;
const signedScene = { incident: { url: SIGNED } } as IncidentContext;
const post = (about: string): ChatPost => ({
  key: 'k',
  at: 0,
  mayBeRepeat: false,
  about,
  text: 'said',
  releases: null,
});
const signal = new AbortController().signal;

test('[PAGE-37] an exhausted chain fails it, with where to look; nothing else does', async () => {
  const monitor = escalationMonitor(`${url}/ping/1?x=1`, () => undefined);
  for (const about of ['declared', 'acknowledged', 'escalation-exhausted'])
    await monitor.post(post(about), scene, signal);
  expect(heard).toEqual([['POST', '/ping/1/fail?x=1', { reason: 'said', incident: scene.incident.url }]]);
});

test('a text of the configuration asks for the address: the monitor and the log get it without its signature', async () => {
  const said = { ...post('escalation-exhausted'), text: `Nobody answers: ${SIGNED}` };
  await escalationMonitor(url, () => undefined).post(said, signedScene, signal);
  const logged: unknown[] = [];
  const settings = { log: { info: (line: unknown) => logged.push(line) } } as unknown as OrganizationSettings;
  await log.connect().chat(settings).post(said, signedScene, signal);
  expect(heard).toHaveLength(1);
  expect(logged).toHaveLength(1);
  for (const seen of [heard, logged]) {
    expect(JSON.stringify(seen)).toContain(`Nobody answers: ${scene.incident.url}"`);
    expect(JSON.stringify(seen)).not.toContain('link=');
  }
});

test('a monitor that is away is tried three times, said aloud, and holds up no chat', async () => {
  status = 503;
  const missed: unknown[] = [];
  await escalationMonitor(url, (err) => missed.push(err)).post(post('escalation-exhausted'), scene, signal);
  expect([heard.length, missed.length]).toEqual([3, 1]);
});
