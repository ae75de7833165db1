/**
 * The command lines of the organization's incident runbook: each runs as it is written there, through bash, from the
 * root of a checkout, against real routes and real records. A line of the document that is not in the table fails.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jest } from '@jest/globals';

import { startInMemoryServer, TEAM_YAML, type InMemoryServer } from '../support/in-memory-server.ts';
import type { CliResult } from './run-cli.ts';

// The first line after a change of the sources compiles them.
jest.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'test/fixtures/incident-runbook/command-lines.md'), 'utf8');

/** What is not for this machine to run. */
const NOT_OURS: Readonly<Record<string, string>> = {
  'curl https://api.example.com/health': "the service's own health",
};
/** Blocks in other languages: the database's, Slack's (later), a drawing. */
const OTHER_LANGUAGES = ['mermaid', 'slack', 'sql'];

/** What a line ends with, and says. */
type Expected = readonly [exitCode: number, says: readonly string[]];

const query = (name: string, parameters = ''): Expected => notConfigured('query', 'queries', name, parameters);
const action = (name: string, parameters = ''): Expected => notConfigured('action', 'actions', name, parameters);

function notConfigured(one: string, section: string, name: string, parameters: string): Expected {
  const entry = `  ${JSON.stringify(name)}:\n    command: ["/path/to/your-command"${parameters}]`;
  return [78, [`has no ${one} "${name}"; nothing was run`, `\n${section}:\n${entry}`]];
}

/** In the document's own order. */
const LINES: Readonly<Record<string, Expected>> = {
  './scripts/incident/acknowledge.sh --severity=SEV1': [
    0,
    ['Acknowledged by ops. Nobody is incident commander: tocsin assign INC-2024-001 ic NAME'],
  ],
  'npm run monitor:errors -- --last=10m': query('monitor:errors', ', "--last={{last}}"'),
  'npm run monitor:users:affected': query('monitor:users:affected'),
  'npm run monitor:revenue:impact': query('monitor:revenue:impact'),
  'npm run logs:errors -- --last=1h': query('logs:errors', ', "--last={{last}}"'),
  'npm run logs:service -- --service=payment-processor': query('logs:service', ', "--service={{service}}"'),
  'npm run logs:search -- --pattern="timeout|connection refused"': query('logs:search', ', "--pattern={{pattern}}"'),
  'npm run metrics:system': query('metrics:system'),
  'npm run metrics:database': query('metrics:database'),
  'npm run metrics:api:latency': query('metrics:api:latency'),
  'npm run db:pool:resize -- --size=50': action('db:pool:resize', ', "--size={{size}}"'),
  'npm run db:connections:kill-idle': action('db:connections:kill-idle'),
  'npm run restart:rolling': action('restart:rolling'),
  'npm run scale:memory -- --add=2GB': action('scale:memory', ', "--add={{add}}"'),
  'npm run feature:disable -- --feature=stripe-payments': action('feature:disable', ', "--feature={{feature}}"'),
  'npm run config:set -- --key=payment_provider --value=fallback': action(
    'config:set',
    ', "--key={{key}}", "--value={{value}}"',
  ),
  'npm run health:check:full': query('health:check:full'),
  'npm run cache:clear:all': action('cache:clear:all'),
  'npm run circuits:reset': action('circuits:reset'),
  'npm run db:verify:integrity': query('db:verify:integrity'),
  'npm run monitor:enhanced -- --duration=1h': query('monitor:enhanced', ', "--duration={{duration}}"'),
  'npm run deploy:prepare-rollback': action('deploy:prepare-rollback'),
  'echo "Fix deployed, monitoring for 1 hour" | ./scripts/notify-team.sh': action('notify-team', ', "--text={{text}}"'),
  'npm run incident:export -- --id=INC-2024-001': [0, ['id: INC-2024-001', 'severity: SEV1']],
  'npm run incident:create-postmortem -- --id=INC-2024-001': [0, ['written to ', 'postmortem-INC-2024-001.md']],
  'npm run logs:archive -- --incident=INC-2024-001': action('logs:archive', ', "--incident={{incident}}"'),
  'npm run metrics:snapshot -- --incident=INC-2024-001': action('metrics:snapshot', ', "--incident={{incident}}"'),
  'npm run db:snapshot -- --incident=INC-2024-001': action('db:snapshot', ', "--incident={{incident}}"'),
  './scripts/incident/start.sh --severity=SEV1 --title="Database down"': [0, ['INC-2024-002', 'Database down']],
  './scripts/incident/update.sh --id=INC-001 --status="Investigating"': [0, ['Posted.', 'INC-2024-001']],
  './scripts/incident/resolve.sh --id=INC-001 --resolution="Restarted database"': [0, ['INC-2024-001', 'monitoring']],
  './scripts/incident/report.sh --id=INC-001': [0, ['INC-2024-001', 'Payment processing outage', 'how long']],
};

let house: InMemoryServer;
/** A checkout made of links: what a line leaves behind is not left in this one. */
let checkout: string;
let home: string;
beforeAll(async () => {
  house = await startInMemoryServer({ startsAt: '2024-01-15T14:15:00Z' });
  checkout = mkdtempSync(join(tmpdir(), 'tocsin checkout '));
  home = mkdtempSync(join(tmpdir(), 'tocsin-home-'));
  const files = readdirSync(ROOT).filter((name) => !name.startsWith('.') && name !== 'tocsin.yaml');
  for (const name of files) symlinkSync(join(ROOT, name), join(checkout, name));
  writeFileSync(join(checkout, 'tocsin.yaml'), TEAM_YAML);
  await house.httpServer.post(
    '/api/v1/incidents',
    { severity: 'SEV1', title: 'Payment processing outage', service: 'payments' },
    { authorization: `Bearer ${house.env['TOCSIN_TOKEN']}` },
  );
  house.advanceMinutes(3);
});
afterAll(async () => {
  rmSync(checkout, { recursive: true });
  rmSync(home, { recursive: true });
  await house.close();
});

function bash(line: string): Promise<CliResult> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TOCSIN_HOME: home, ...house.env };
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { cwd: checkout, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

/** Lines of the document's blocks in `language`; comments and empty lines are none. */
function linesIn(language: string): readonly string[] {
  const blocks = [...DOCUMENT.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, found]) => found === language);
  const lines = blocks.flatMap(([, , text = '']) => text.split('\n'));
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

test('[REC-6] every line of the document is in the table, and none but those', () => {
  expect(linesIn('bash')).toEqual(expect.arrayContaining(Object.keys(NOT_OURS)));
  expect(linesIn('bash').filter((line) => !Object.hasOwn(NOT_OURS, line))).toEqual(Object.keys(LINES));
  const languages = new Set([...DOCUMENT.matchAll(/^```(\w+)$/gm)].map(([, language]) => language));
  expect([...languages].sort()).toEqual(['bash', ...OTHER_LANGUAGES].sort());
});

test.each(Object.entries(LINES))('[REC-6] %s', async (line, [code, says]) => {
  const ran = await bash(line);
  for (const words of says) expect(ran.out + ran.err).toContain(words);
  expect(ran.code).toBe(code);
});

test('[REC-6] the post-mortem is where the person stood, and nothing else is left behind', () => {
  const text = readFileSync(join(checkout, 'postmortem-INC-2024-001.md'), 'utf8');
  expect(text).toContain('Payment processing outage');
  expect(readdirSync(checkout)).toHaveLength(readdirSync(ROOT).filter((name) => !name.startsWith('.')).length + 1);
});

test('[REC-6] what is configured as asked is not run either, and says so', async () => {
  writeFileSync(
    join(checkout, 'tocsin.yaml'),
    `${TEAM_YAML}\nqueries:\n  "monitor:errors":\n    command: ["/path/to/your-command", "--last={{last}}"]\n`,
  );
  const { code, err } = await bash('npm run monitor:errors -- --last=10m');
  expect([code, err]).toEqual([78, expect.stringContaining('does not run queries yet')]);
});
