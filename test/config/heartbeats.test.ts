/** Heartbeats and the last resort: what is read, what holds where nothing is said, what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { heartbeatWorkflowIdFor, missedHeartbeatWorkflowIdFor } from '../../config/routing.ts';
import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/problems.ts';

const MINIMAL = `people: { ana: { contact: [terminal] } }
teams: { t: { onCall: ana }, u: { onCall: ana } }
routes: [{ match: { a: b }, team: u }, { team: t }]
sources: { generic: { token: "\${TOKEN}" } }
services: { payments: { team: u } }
`;
const env = { TOKEN: 'secret', PING: 'https://hc.example/ping/secret' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-watching-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function configured(text: string, more = {}): Config {
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, text);
  return loadConfig({ path, env: { ...env, ...more } });
}

function problems(text: string, more = {}): readonly string[] {
  try {
    configured(text, more);
  } catch (err) {
    if (err instanceof ConfigError) return err.problems.map(({ at, message }) => `${at}: ${message}`);
    throw err;
  }
  return [];
}

test('a heartbeat needs its rhythm only; the rest is the default', () => {
  const { heartbeats, notSupportedYet } = configured(`${MINIMAL}heartbeats:
  Watchdog: { every: 5m }
  backup: { every: 26h, grace: 1h, team: u, severity: SEV3, service: payments, token: "\${TOKEN}" }
  local: { every: 90s, token: none }
`);
  const plain = { team: 't', severity: 'SEV2', service: null };
  expect([...heartbeats.values()]).toEqual([
    { name: 'Watchdog', everyMs: 300_000, graceMs: 300_000, ...plain, credential: 'any-source' },
    {
      ...{ name: 'backup', everyMs: 93_600_000, graceMs: 3_600_000, team: 'u', severity: 'SEV3', service: 'payments' },
      credential: { token: 'secret' },
    },
    { name: 'local', everyMs: 90_000, graceMs: 90_000, ...plain, credential: 'none' },
  ]);
  expect(notSupportedYet).toEqual([]);
});

test('the self-check runs unless it is switched off', () => {
  expect(configured(MINIMAL).lastResort.selfCheck).toEqual({ pingUrl: null, everyMs: 300_000, contacts: [] });
  expect(configured(`${MINIMAL}lastResort: off\n`).lastResort.selfCheck).toBeNull();
  const whole = `lastResort: { heartbeat: "\${PING}", every: 1m, contact: [terminal, { webhook: "http://h/x" }] }\n`;
  expect(configured(MINIMAL + whole)).toMatchObject({
    lastResort: {
      selfCheck: {
        pingUrl: env.PING,
        everyMs: 60_000,
        contacts: [
          { kind: 'terminal', target: '' },
          { kind: 'webhook', target: 'http://h/x' },
        ],
      },
    },
    notSupportedYet: [],
  });
});

test.each([
  ['heartbeats: { W: { every: 5m, team: tt } }', 'heartbeats.W.team: no team is called "tt"'],
  ['heartbeats: { W: { every: 5m, service: x } }', 'heartbeats.W.service: nothing under services is called "x"'],
  ['heartbeats: { W: { grace: 5m } }', 'heartbeats.W.every: '],
  ['heartbeats: { W: { every: 5m, serverity: SEV1 } }', 'heartbeats.W.serverity: unknown key'],
  ['heartbeats: { "a/b": { every: 5m } }', 'heartbeats'],
  ['heartbeats: [W]', 'heartbeats: expected heartbeats, e.g. Watchdog: { every: 5m }'],
  ['lastResort: { heartbeat: "ftp://x" }', 'lastResort.heartbeat: expected an address'],
  ['lastResort: { contact: [{ sms: "+4930123456" }] }', 'lastResort.contact[0]: sms cannot be used yet'],
  ['lastResort: { contact: [{ email: a@b.example }] }', 'lastResort.contact[0].email: this contact would reach nobody'],
  ['lastResort: none', 'lastResort: expected { heartbeat:'],
])('%s is refused', (text, says) => {
  const found = problems(`${MINIMAL}${text}\n`);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(says);
});

test('somebody must be able to beat, and from elsewhere only with a token', () => {
  const without = MINIMAL.replace(/sources: .*\n/, '');
  expect(problems(`${without}heartbeats: { W: { every: 5m } }\n`)).toEqual([
    'heartbeats.W: nobody could beat: set a token here, or configure a source with one',
  ]);
  const [only, ...more] = problems(`${MINIMAL}heartbeats: { W: { every: 5m, token: none } }\n`, { HOST: '0.0.0.0' });
  expect([only, more]).toEqual([expect.stringContaining('heartbeats.W.token: "none" is allowed on loopback only'), []]);
});

test('tokens and the address of the monitor outside are secrets', () => {
  const text = 'heartbeats: { W: { every: 5m, token: abc } }\nlastResort: { heartbeat: "https://hc.example/1" }\n';
  const { warnings } = configured(MINIMAL + text);
  const secrets = warnings.filter((line) => line.includes('a secret in the file itself'));
  expect(secrets.map((line) => line.split(':')[0])).toEqual(['heartbeats.W.token', 'lastResort.heartbeat']);
});

test('a workflow id says which heartbeat it is, and no two share one', () => {
  expect(heartbeatWorkflowIdFor('backup')).toBe('heartbeat-backup');
  const ids = ['Watchdog', 'watchdog', 'watch.dog', 'watch-dog', 'ö', 'ü'].map(heartbeatWorkflowIdFor);
  expect(new Set(ids).size).toBe(6);
  for (const id of ids) expect(id).toMatch(/^heartbeat-[a-z0-9-]{1,60}$/);
  expect(missedHeartbeatWorkflowIdFor('t', 'Watchdog')).toMatch(/^inc-t-[0-9a-z]{20}$/);
  expect(missedHeartbeatWorkflowIdFor('u', 'Watchdog')).not.toBe(missedHeartbeatWorkflowIdFor('t', 'Watchdog'));
});
