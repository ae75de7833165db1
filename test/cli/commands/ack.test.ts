/** `tocsin ack --severity`: whoever says nothing but the severity gets the right incident, or none. */
import { anIncident, startFakeTocsinApi, json, callCli, type FakeTocsinApi, type CliResult } from '../run-cli.ts';

const LIST = 'GET /api/v1/incidents?open=true&severity=SEV1';
let api: FakeTocsinApi;
afterEach(async () => {
  await api.close();
});

const waiting = (name: string, over: object = {}): Record<string, unknown> =>
  anIncident({ workflowId: name, id: `incident-${name}`, severity: 'SEV1', phase: 'declared', ...over });

async function ack(incidents: readonly object[], more: readonly string[] = [], page = {}): Promise<CliResult> {
  api = await startFakeTocsinApi({
    [LIST]: json(200, { incidents, next: null, ...page }),
    'POST /api/v1/incidents/a/acknowledge': json(200, {
      ...waiting('a', { phase: 'investigating' }),
      text: 'Ana has it',
    }),
  });
  return callCli(['ack', '--severity', 'sev1', ...more], { env: { TOCSIN_URL: api.url } });
}

test.each([
  ['the only one', [waiting('a')]],
  ['the only one that nobody has', [waiting('b', { phase: 'investigating' }), waiting('a')]],
  ['the real one beside a test', [waiting('t', { test: true }), waiting('a')]],
  ['a test when nothing is real', [waiting('a', { test: true })]],
  ['the one of that severity, whatever else a server lists', [waiting('b', { severity: 'SEV2' }), waiting('a')]],
])('%s is acknowledged, and no later incident in its place', async (_, incidents) => {
  const { code, out } = await ack(incidents);
  expect({ code, first: out.split('\n')[0] }).toEqual({ code: 0, first: 'Ana has it' });
  expect(api.seen.at(-1)).toMatchObject({ body: { incidentId: 'incident-a' } });
});

test('several are listed, nothing is acknowledged, exit code 1', async () => {
  const incidents = [waiting('a', { reference: 'INC-2026-001' }), waiting('b', { title: 'Disk full' })];
  const { code, out, err } = await ack(incidents);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('INC-2026-001 SEV1 Database down: declared');
  expect(err).toContain('SEV1 Disk full: declared [b]');
  expect(api.seen).toHaveLength(1);
  await api.close();
  const asJson = await ack(incidents, ['--json']);
  expect(JSON.parse(asJson.out)).toMatchObject({
    error: {
      exitCode: 1,
      incidents: [
        { reference: 'INC-2026-001', workflowId: 'a' },
        { reference: null, workflowId: 'b' },
      ],
    },
  });
});

test.each([
  ['none at all', []],
  ['none that nobody has', [waiting('b', { phase: 'investigating' })]],
])('%s is exit code 2', async (_, incidents) => {
  const { code, err } = await ack(incidents);
  expect(code).toBe(2);
  expect(err).toContain('no unacknowledged SEV1');
  expect(api.seen).toHaveLength(1);
});

describe('a list that may lack some', () => {
  const lacking = { source: 'temporal', records: 'starting', complete: false };

  test.each([
    ['one', [waiting('a', { reference: 'INC-2026-001' })]],
    ['none', []],
  ])('shows %s: that it is the only one is not known, so nothing is acknowledged', async (_, incidents) => {
    const { code, err } = await ack(incidents, [], lacking);
    expect(code).toBe(69);
    expect(err).toContain('tocsin ack ID');
    for (const { reference } of incidents) expect(err).toContain(reference);
    expect(api.seen).toHaveLength(1);
  });

  test('shows two: there are several, whatever is missing', async () => {
    expect((await ack([waiting('a'), waiting('b')], [], lacking)).code).toBe(1);
  });

  test('from Temporal, and whole, is as good as any', async () => {
    expect((await ack([waiting('a')], [], { ...lacking, complete: true })).code).toBe(0);
  });
});
