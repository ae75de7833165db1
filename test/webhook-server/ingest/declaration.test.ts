import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../config/load.ts';
import { cachedPolicy } from '../../../webhook-server/ingest/declaration.ts';

const TEXT = `people: { ana: { contact: [terminal] } }
teams: { a: { onCall: ana }, b: { onCall: ana } }
routes: [{ team: a }]
services: { payments: { pagerduty: p }, refunds: { pagerduty: p }, search: { owner: x } }
pagerduty: { services: { p: { routingKey: "\${KEY}" } } }
stakeholders: [{ name: customers, contact: [{ email: c@example.com }], audience: external, services: [refunds] }]
mail: { smtp: "smtp://127.0.0.1:2525", from: t@example.com }
`;

function configured(): ReturnType<typeof loadConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-policies-'));
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, TEXT);
  const config = loadConfig({ path, env: { KEY: 'k' } });
  rmSync(folder, { recursive: true });
  return config;
}

test('a service that PagerDuty escalates for has a policy of its own, whichever service was asked for first', () => {
  for (const services of [
    ['payments', 'search'],
    ['search', 'payments'],
  ]) {
    const config = configured();
    const owners = new Map(services.map((service) => [service, cachedPolicy(config, 'a', service).owner]));
    expect([owners.get('payments'), owners.get('search')]).toEqual(['p', null]);
  }
});

test('whoever hears of one service only hears of no other, whichever was asked for first', () => {
  for (const services of [
    ['refunds', 'search'],
    ['search', 'refunds'],
  ]) {
    const config = configured();
    const told = new Map(services.map((service) => [service, cachedPolicy(config, 'a', service).stakeholders]));
    expect(JSON.stringify(told.get('refunds'))).toContain('customers');
    expect(JSON.stringify(told.get('search') ?? null)).not.toContain('customers');
  }
});

test('a policy is made once for all services that differ in nothing, whatever senders call theirs', () => {
  const config = configured();
  const plain = cachedPolicy(config, 'a', null);
  for (const service of ['search', 'unknown-1', 'constructor']) expect(cachedPolicy(config, 'a', service)).toBe(plain);
  expect(cachedPolicy(config, 'a', 'payments')).toBe(cachedPolicy(config, 'a', 'payments'));
  expect(cachedPolicy(config, 'b', null)).toBe(plain);
});

test('another configuration has policies of its own, and a team that does not exist has none', () => {
  const config = configured();
  expect(cachedPolicy(configured(), 'a', null)).not.toBe(cachedPolicy(config, 'a', null));
  expect(() => cachedPolicy(config, 'constructor', null)).toThrow('no team constructor');
});
