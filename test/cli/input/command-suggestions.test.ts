/** Other names of commands run them; other words for them are answered with "did you mean", and nothing is sent. */
import { COMMANDS } from '../../../cli/commands/index.ts';
import { aliasName } from '../../../cli/input/command-suggestions.ts';
import { anIncident, startFakeTocsinApi, json, callCli, type FakeTocsinApi } from '../run-cli.ts';

const NOWHERE = { TOCSIN_URL: 'http://127.0.0.1:1' };
const ALIASES = COMMANDS.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [aliasName(alias), name] as const));
const SUGGESTED = COMMANDS.flatMap(({ name, suggestedFor = [] }) => suggestedFor.map((word) => [word, name] as const));
const firstWords = new Set(COMMANDS.map(({ name }) => name.split(' ')[0]));

test.each(ALIASES)('tocsin %s is tocsin %s, and its help says so', async (alias, name) => {
  const { code, out, err } = await callCli([...alias.split(' '), '--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`Usage: tocsin ${name} `);
  expect(out.replace(/\s+/g, ' ')).toMatch(new RegExp(`also: [^)]*\\b${alias}\\b`));
  expect((await callCli(['help', ...alias.split(' ')])).out).toBe(out);
});

test('every word means one thing', () => {
  const names = ALIASES.map(([alias]) => alias);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((alias) => firstWords.has(alias) || alias === 'help')).toEqual([]);
  const suggested = SUGGESTED.map(([word]) => word);
  expect(suggested.filter((word) => firstWords.has(word) || names.includes(word))).toEqual([]);
});

test.each(SUGGESTED)('tocsin %s names tocsin %s as one that may be meant', async (word, name) => {
  const { code, out, err } = await callCli([word, 'x', '--y=z'], { env: NOWHERE });
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(err).toMatch(new RegExp(`^  tocsin ${name} `, 'm'));
});

test.each([
  ['start', ['tocsin up', 'tocsin declare']],
  ['page', ['tocsin page-test', 'tocsin escalate']],
  ['acknowlege', ['tocsin ack']],
  ['akc', ['tocsin ack']],
  ['ACK', ['tocsin ack']],
  ['declair', ['tocsin declare']],
  ['silense', ['tocsin maintenance start']],
  ['confg', ['tocsin config check', 'tocsin config schema', 'tocsin config reload']],
  ['\u001b[2J', []],
  ['xyzzy', []],
])('%j: the word is unknown, and exactly these are named: %j', async (word, expected) => {
  const { code, err } = await callCli([word], { env: NOWHERE });
  const named = [...err.matchAll(/^ {2}(tocsin [a-z -]*[a-z])/gm)].map(([, name = '']) => name.replace(/ {2}.*/, ''));
  expect([code, named.sort()]).toEqual([64, [...expected].sort()]);
  expect(err).toContain('tocsin --help');
  expect(err).not.toContain('\u001b');
});

test('with --json it is one value', async () => {
  const { code, out } = await callCli(['start', '--json'], { env: NOWHERE });
  expect(code).toBe(64);
  expect(JSON.parse(out)).toMatchObject({
    error: { exitCode: 64, message: "unknown command 'start'", hint: expect.stringContaining('tocsin declare') },
  });
});

describe('an alias', () => {
  let api: FakeTocsinApi;
  afterEach(() => api.close());

  test.each([
    [['acknowledge', 'x', '--as', 'ana'], 'POST /api/v1/incidents/x/acknowledge', { by: 'ana' }],
    [['comment', 'x', 'status'], 'POST /api/v1/incidents/x/add-note', { text: 'status' }],
    [['new', '--severity', 'SEV2', '--title', 'open'], 'POST /api/v1/incidents', { severity: 'SEV2', title: 'open' }],
  ])('%j does what the command does', async (argv, request, body) => {
    api = await startFakeTocsinApi({ [request]: json(200, anIncident()) });
    expect((await callCli(argv, { env: { TOCSIN_URL: api.url } })).code).toBe(0);
    expect(api.seen.map((seen) => seen.body)).toEqual([body]);
  });

  test('timeline is show --timeline', async () => {
    const entry = { seq: 1, at: '2026-11-21T12:00:00.000Z', kind: 'declared', by: null, text: 'Declared' };
    api = await startFakeTocsinApi({ 'GET /api/v1/incidents/x/timeline': json(200, { timeline: [entry], cut: 0 }) });
    const { code, out } = await callCli(['timeline', 'x'], { env: { TOCSIN_URL: api.url } });
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('declared: Declared') });
  });
});
