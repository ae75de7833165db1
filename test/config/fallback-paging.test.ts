/** `lastResort.after`, and who stands behind a name of the policy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { levelsOf, resolvePeople } from '../../config/policy.ts';

const HOUSE = `
people:
  ana: { contact: [terminal] }
  bo: { contact: [terminal] }
teams:
  platform: { onCall: [ana, bo], escalation: [onCall, [bo, ana, bo]] }
  data: { onCall: bo, escalation: [onCall] }
pagerduty: { services: { main: { routingKey: R0123456789abcdef0123456789abcde } } }
routes:
  - team: platform
`;

function load(more = '') {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-config-'));
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, HOUSE + more);
  try {
    return loadConfig({ path, env: {} });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ['', 5_000],
  ['lastResort: { every: 10m }', 5_000],
  ['lastResort: { after: 30s }', 30_000],
  ['lastResort: { after: off }', null],
  ['lastResort: off', null],
])('%s: a paging alert waits %s ms for Temporal', (more, afterMs) => {
  expect(load(more).lastResort.fallbackPagingAfterMs).toBe(afterMs);
});

test('a time that is none is refused with its place', () => {
  expect(() => load('lastResort: { after: 5 }')).toThrow(/lastResort\.after/);
});

test('a name stands for a person, an outside escalation, a team, or whoever is on call; a name that is gone for nobody', () => {
  const config = load();
  expect(resolvePeople(config, 'bo', 'platform')).toEqual(['bo']);
  expect(resolvePeople(config, 'onCall', 'platform')).toEqual(['ana', 'bo']);
  expect(resolvePeople(config, 'data', 'platform')).toEqual(['bo']);
  expect(resolvePeople(config, 'pagerduty:main', 'platform')).toEqual(['pagerduty:main']);
  expect(resolvePeople(config, 'pagerduty:gone', 'platform')).toBeNull();
  expect(resolvePeople(config, 'who', 'platform')).toBeNull();
  const [platform] = config.teams.values();
  expect(platform && levelsOf(config, platform)).toEqual([
    ['ana', 'bo'],
    ['bo', 'ana'],
  ]);
});
