/** Evidence hooks: what is read, what holds where nothing is said, what is refused, and who is told of which incident. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { policyFor } from '../../config/policy.ts';
import { ConfigError } from '../../config/problems.ts';

const MINIMAL = `people: { ana: { contact: [terminal] } }
teams: { t: { onCall: ana } }
routes: [{ team: t }]
services: { payments: { team: t }, search: { team: t } }
`;
const env = { LOGS: 'secret-4711' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-post-incident-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function configured(text: string): Config {
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, MINIMAL + text);
  return loadConfig({ path, env });
}

function problems(text: string): readonly string[] {
  try {
    configured(text);
  } catch (err) {
    if (err instanceof ConfigError) return err.problems.map(({ at, message }) => `${at}: ${message}`);
    throw err;
  }
  return [];
}

test('[CARE-1] a hook needs a name and an address; without more it hears of every incident', () => {
  const { evidence, notSupportedYet } = configured(`evidence:
  - { name: logs, webhook: "https://logs.example/keep" }
  - { name: video, webhook: "https://v.example/1", token: "\${LOGS}", services: payments, severities: [SEV1, SEV2] }
`);
  expect([...evidence.values()]).toEqual([
    {
      ...{ name: 'logs', url: 'https://logs.example/keep', token: null, services: null },
      severities: ['SEV1', 'SEV2', 'SEV3', 'SEV4'],
    },
    {
      ...{ name: 'video', url: 'https://v.example/1', token: 'secret-4711', services: ['payments'] },
      severities: ['SEV1', 'SEV2'],
    },
  ]);
  expect(notSupportedYet).toEqual([]);
});

test('[CARE-1] a policy names the hooks of its service, and nothing of their addresses', () => {
  const config = configured(`evidence:
  - { name: logs, webhook: "https://logs.example/keep", token: "\${LOGS}", severities: SEV1 }
  - { name: video, webhook: "https://v.example/1", services: [payments] }
`);
  const named = (service: string | null) => policyFor(config, 't', service)?.evidence?.map(({ name }) => name);
  expect([named('payments'), named('search'), named(null)]).toEqual([['logs', 'video'], ['logs'], ['logs']]);
  expect(JSON.stringify(policyFor(config, 't', 'payments'))).not.toMatch(/example|4711/);
  expect(policyFor(configured(''), 't')).not.toHaveProperty('evidence');
});

test.each([
  ['evidence: { logs: "https://x" }', 'evidence: expected a list of hooks'],
  ['evidence: [{ name: logs }]', 'evidence[0].webhook: '],
  ['evidence: [{ webhook: "https://x.example" }]', 'evidence[0].name: '],
  ['evidence: [{ name: logs, webhook: "ftp://x" }]', 'evidence[0].webhook: expected an address'],
  ['evidence: [{ name: a, webhook: "https://x.example", service: payments }]', 'evidence[0].service: unknown key'],
  ['evidence: [{ name: a, webhook: "https://x.example", services: [pay] }]', 'evidence[0].services[0]: nothing under'],
  ['evidence: [{ name: a, webhook: "https://x.example", severities: [SEV9] }]', 'evidence[0].severities'],
  [
    'evidence: [{ name: a, webhook: "https://x" }, { name: a, webhook: "https://y" }]',
    'evidence[1].name: another hook',
  ],
])('%s is refused', (text, says) => {
  const found = problems(`${text}\n`);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(says);
});

test('the token of a hook is a secret, and so is a password in its address', () => {
  const text = 'evidence: [{ name: a, webhook: "https://u:p@x.example", token: abc }]\n';
  const secrets = configured(text).warnings.filter((line) => line.includes('a secret in the file itself'));
  expect(secrets.map((line) => line.split(':')[0])).toEqual(['evidence[0].token', 'evidence[0].webhook']);
});
