/** Queries and actions of the configuration: none is run yet, and nothing ever looks as if it had been. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFakeTocsinApi, json, callCli, type FakeTocsinApi } from '../run-cli.ts';

const YAML = `
people: { ana: { contact: [terminal] } }
teams: { platform: { onCall: ana, escalation: [onCall, ana] } }
routes: [{ team: platform }]
`;

let cwd: string;
let api: FakeTocsinApi | null = null;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tocsin-named-'));
});
afterEach(async () => {
  rmSync(cwd, { recursive: true });
  await api?.close();
  api = null;
});

const configured = (more: string): void => writeFileSync(join(cwd, 'tocsin.yaml'), YAML + more);

test.each([
  [['query', 'logs:errors', '--last', '1h'], 'query', 'queries', 'logs:errors', ', "--last={{last}}"'],
  [['query', 'metrics:system'], 'query', 'queries', 'metrics:system', ''],
  [['run', 'pool', '--size=50', '--force'], 'action', 'actions', 'pool', ', "--size={{size}}", "--force={{force}}"'],
] as const)('[CMD-12] [REC-6] %j: 78, with the lines to add; with them added it is not run either', async (...row) => {
  const [argv, one, section, name, parameters] = row;
  const entry = `${section}:\n  ${JSON.stringify(name)}:\n    command: ["/path/to/your-command"${parameters}]\n`;
  configured('');
  const before = await callCli(argv, { cwd });
  expect(before).toEqual({
    code: 78,
    out: '',
    err: `tocsin: not configured: ${cwd}/tocsin.yaml has no ${one} "${name}"; nothing was run\nadd to ${cwd}/tocsin.yaml:\n\n${entry}\n`,
  });
  configured(entry);
  const { code, err } = await callCli(argv, { cwd });
  expect([code, err]).toEqual([78, expect.stringContaining(`this version of Tocsin does not run ${section} yet`)]);
});

test('names in a list count, too; one of the other kind is named as such', async () => {
  configured('actions: [{ name: "cache:clear" }]\n');
  expect((await callCli(['run', 'cache:clear'], { cwd })).err).toContain('does not run actions yet');
  const { code, err } = await callCli(['query', 'cache:clear'], { cwd });
  expect([code, err]).toEqual([78, expect.stringContaining('use tocsin run cache:clear')]);
});

test('no configuration: what to add goes into a new file; a broken one is shown with its mistake', async () => {
  expect((await callCli(['query', 'x'], { cwd })).err).toContain('add to tocsin.yaml:');
  configured('nonsense: 1\n');
  const { code, err } = await callCli(['query', 'x'], { cwd });
  expect([code, err]).toEqual([78, expect.stringContaining('nonsense')]);
});

test('--json: the failure is one value, with the lines to add', async () => {
  configured('');
  const { code, out } = await callCli(['run', 'pool', '--size=50', '--json'], { cwd });
  expect([code, JSON.parse(out)]).toMatchObject([
    78,
    { error: { exitCode: 78, hint: expect.stringContaining('"--size={{size}}"') } },
  ]);
});

test('[CMD-12] for an incident the server decides: not configured is 78 with the lines to add, refused is 1', async () => {
  const path = 'POST /api/v1/incidents/INC-001/run-action';
  const said = [json(422, { detail: 'no such action; none is configured' }), json(409, { detail: 'not now' })];
  api = await startFakeTocsinApi({ [path]: said });
  const context = { cwd, env: { TOCSIN_URL: api.url } };
  const missing = await callCli(['run', 'inc-001', 'pool', '--size=50'], context);
  expect([missing.code, missing.err]).toEqual([78, expect.stringContaining('"--size={{size}}"')]);
  expect(missing.err).toContain('none is configured; nothing was run');
  expect((await callCli(['run', 'inc-001', 'pool'], context)).code).toBe(1);
});
