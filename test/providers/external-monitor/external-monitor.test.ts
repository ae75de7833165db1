/** The monitor outside: what makes it fail, and that it holds up nobody. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ChatPost, IncidentContext } from '../../../activities/ports.ts';
import { externalMonitor } from '../../../providers/external-monitor/external-monitor.ts';

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
  const monitor = externalMonitor(`${url}/ping/1?x=1`, () => undefined);
  for (const about of ['declared', 'acknowledged', 'escalation-exhausted'])
    await monitor.post(post(about), scene, signal);
  expect(heard).toEqual([['POST', '/ping/1/fail?x=1', { reason: 'said', incident: scene.incident.url }]]);
});

test('a monitor that is away is tried three times, said aloud, and holds up no chat', async () => {
  status = 503;
  const missed: unknown[] = [];
  await externalMonitor(url, (err) => missed.push(err)).post(post('escalation-exhausted'), scene, signal);
  expect([heard.length, missed.length]).toEqual([3, 1]);
});
