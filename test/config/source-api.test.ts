/** `sources.*.api`: where a source can be asked what fires there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';

function load(sources: string): Config {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-api-'));
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(
    path,
    `
people:
  ana: { name: Ana, contact: [{ terminal: true }] }
teams:
  platform: { onCall: ana, escalation: [onCall, ana] }
sources:
${sources}
routes:
  - team: platform
`,
  );
  try {
    return loadConfig({ path, env: { TOKEN: 'api-token' } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('base URL and token, without the slash at the end; without it nobody is asked', () => {
  const { sources } = load(`
  alertmanager: { token: t1, api: { url: "https://am.example/prefix/", token: "\${TOKEN}" } }
  grafana: { token: t2, api: { url: "http://127.0.0.1:3000" } }
  generic: { token: t3 }`);
  expect(sources.get('alertmanager')?.api).toEqual({ url: 'https://am.example/prefix', token: 'api-token' });
  expect(sources.get('grafana')?.api).toEqual({ url: 'http://127.0.0.1:3000', token: null });
  expect(sources.get('generic')?.api).toBeNull();
});

test.each([
  ['alertmanager: { token: t, api: { url: "am.example" } }', 'sources.alertmanager.api.url'],
  ['alertmanager: { token: t, api: { url: "https://user:secret@am.example" } }', 'sources.alertmanager.api.url'],
  ['alertmanager: { token: t, api: { url: "https://am.example", tokn: x } }', 'token'],
  ['alertmanager: { token: t, api: {} }', 'sources.alertmanager.api.url'],
  ['generic: { token: t, api: { url: "https://x.example" } }', 'sources.generic'],
])('%s is a mistake that says where', (source, where) => {
  expect(() => load(`  ${source}`)).toThrow(where);
});

describe('how long a firing after an end may be a late copy', () => {
  const late = (settings: string): number | undefined =>
    load(`  alertmanager: { token: t${settings} }`).sources.get('alertmanager')?.lateCopyMs;

  test('20 seconds, or as long as the last peer of a larger cluster waits', () => {
    expect(['', ', peers: 1', ', peers: 2', ', peers: 3', ', peers: 5'].map(late)).toEqual([
      20_000, 20_000, 20_000, 35_000, 65_000,
    ]);
  });

  test('what the file says, which may be 0', () => {
    expect([', lateCopyWindow: 7s, peers: 5', ', lateCopyWindow: 0s'].map(late)).toEqual([7000, 0]);
  });

  test('no other source sends late copies', () => {
    const { sources } = load('  grafana: { token: t }\n  generic: { token: t }');
    expect([...sources.values()].map(({ lateCopyMs }) => lateCopyMs)).toEqual([0, 0]);
    expect(() => load('  grafana: { token: t, peers: 3 }')).toThrow('peers');
    expect(() => load('  alertmanager: { token: t, peers: 0 }')).toThrow('at least 1');
  });
});
