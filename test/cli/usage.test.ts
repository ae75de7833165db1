/** What is said to somebody who asks for help, or mistypes: nothing is ever sent. */
import { COMMANDS } from '../../cli/commands/index.ts';
import { COMMANDS as API_COMMANDS } from '../../domain/kernel/commands.ts';
import { commandLineName } from '../../domain/kernel/commands.ts';
import { callCli } from './run-cli.ts';

test.each(COMMANDS.map(({ name }) => name))('tocsin %s --help shows an example of itself', async (name) => {
  const { code, out, err } = await callCli([...name.split(' '), '--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(new RegExp(`Examples:\\n.*tocsin ${name}`));
});

test('every command that the API knows has its word here', () => {
  const words = COMMANDS.map(({ name }) => name);
  for (const type of Object.keys(API_COMMANDS)) expect(words).toContain(commandLineName(type));
});

test('tocsin --help lists every command and the exit codes', async () => {
  const { code, out } = await callCli(['--help']);
  expect(code).toBe(0);
  for (const { name } of COMMANDS) expect(out).toContain(name.split(' ')[0]);
  expect(out).toContain('69 unavailable');
});

test('tocsin --version', async () => {
  expect(await callCli(['--version'])).toEqual({ code: 0, out: '9.9.9\n', err: '' });
});

const LONG = 'x'.repeat(5000);
test.each([
  [['ack', 'x', '--aas', 'ana'], 'Did you mean --as'],
  [['ack', 'x', '--bogus'], 'tocsin ack --help'],
  [['ack'], "missing required argument 'id'"],
  [['decline'], "missing required argument 'id'"],
  [['show'], 'tocsin list shows which are open'],
  [['decline', 'x', '--id', 'y'], 'named twice'],
  [['decline', '--id='], 'named by its workflow id'],
  [['decline', 'x', '--bogus'], 'Usage: tocsin decline [options] <id>'],
  [['ack', 'x', '--severity', 'SEV1'], 'not both'],
  [['update', 'x'], '--text, --status'],
  [['update', 'x', '--public', '--internal', '--text', 't'], 'not both'],
  [['watch', '--until', 'resolved'], 'name its ID'],
  [['watch', 'x', '--timeout', '10'], '90s, 15m'],
  [['watch', 'x', '--team', 'data'], 'leave out the ID'],
  [['export', 'x', '--format', 'pdf'], 'json, yaml, markdown'],
  [['ack', ''], 'named by its workflow id'],
  [['ack', '   '], 'named by its workflow id'],
  [['ack', LONG], 'named by its workflow id'],
  [['ack', '../../webhooks'], 'named by its workflow id'],
  [['ack', '..'], 'named by its workflow id'],
  [['ack', 'x', 'y'], 'too many arguments'],
  [['note', 'x', LONG], 'longer than 4000'],
  [['note', 'x', '\u0007 \u001b'], 'empty'],
  [['severity', 'x', 'SEV9', '--reason', 'r'], 'SEV1, SEV2, SEV3, SEV4'],
  [['severity', 'x', 'SEV1'], '--reason'],
  [['update', 'x', '--text', 't', '--status', 'Done'], 'Investigating, Identified'],
  [['declare', '--severity', 'SEV1'], '--title'],
  [['decide', 'x', 'pray'], 'rollback, fix-forward'],
  [['page-test'], '--team'],
  [['impact', 'x'], "missing required argument 'summary'"],
  [['impact', 'x', 's', '--users', 'many'], 'whole number'],
  [['impact', 'x', 's', '--scope', 'half'], 'all, subset'],
  [['run'], "missing required argument 'action'"],
  [['run', 'x', 'y', 'z'], 'one action at a time'],
  [['run', 'x', 'y', '--id', 'z'], 'named twice'],
  [['run', 'x', '../../etc/passwd'], 'not the name of an action'],
  [['run', 'x', 'y', '-f'], 'write --name=value'],
  [['run', 'x', 'y', '--a=1', '--a=2'], '--a is given twice'],
  [['query'], "missing required argument 'name'"],
  [['query', 'a', 'b'], 'one query at a time'],
  [['merge', 'x'], "missing required argument 'into'"],
  [['action', 'add', 'x'], "missing required argument 'text'"],
  [['postmortem', 'done'], "missing required argument 'id'"],
  [['config'], 'check'],
  [['config', 'chekc'], 'Did you mean check'],
  [[], 'Usage: tocsin'],
])('%j is a mistake of usage (64) with a hint', async (argv, hint) => {
  const { code, out, err } = await callCli(argv, { env: { TOCSIN_URL: 'http://127.0.0.1:1' } });
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(err).toContain(hint);
});

test('with --json a mistake of usage is one JSON value too', async () => {
  const { code, out } = await callCli(['decline', '--json']);
  expect(code).toBe(64);
  expect(JSON.parse(out)).toEqual({ error: { exitCode: 64, message: "missing required argument 'id'" } });
});
