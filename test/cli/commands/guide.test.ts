/** `--guide`: the definitions of the severities and the questions about the impact, put to who declares or acknowledges. */
import { anIncident, callCli, json, startFakeTocsinApi, type FakeTocsinApi } from '../run-cli.ts';

let api: FakeTocsinApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

async function guided(argv: readonly string[], answers?: readonly string[]) {
  const incident = anIncident({ reference: 'INC-2026-003', workflowId: 'x' });
  api = await startFakeTocsinApi({
    'POST /api/v1/incidents': json(201, incident),
    'POST /api/v1/incidents/x/acknowledge': json(200, { ...incident, text: 'Ana has it.' }),
    'POST /api/v1/incidents/x/assess-impact': json(200, { ...incident, text: 'Noted.' }),
  });
  const asked: string[] = [];
  const left = [...(answers ?? [])];
  const ask = (question: string): Promise<string> => {
    asked.push(question.trim());
    return Promise.resolve(left.shift() ?? '');
  };
  const ran = await callCli(argv, { env: { TOCSIN_URL: api.url }, ...(answers === undefined ? {} : { ask }) });
  return { ...ran, asked, sent: api.seen.map(({ request, body }) => [request.split('/').at(-1), body]) };
}

const IMPACT = 'tocsin impact INC-2026-003 "what users notice" --scope all|subset --data-loss yes|no';

test('[IMPACT-3] on a terminal declare explains the severities, asks for what is missing, and then about the impact', async () => {
  const { code, out, asked, sent } = await guided(
    ['declare', '--guide', '--as', 'ana'],
    ['sev9', 'sev1', 'Checkout is down', 'all', '', 'Nobody can pay'],
  );
  expect(code).toBe(0);
  expect(out).toContain('SEV1 critical: a full outage; data loss, corruption, or the risk of it');
  expect(asked).toEqual([
    ...['How bad is it?', 'How bad is it?', 'What is wrong, in a line?'],
    'Is it affecting all users or a subset? (all, subset)',
    'Is it causing data loss or corruption? (yes, no)',
    'What do users notice, in a sentence?',
  ]);
  expect(sent).toEqual([
    ['incidents', { severity: 'SEV1', title: 'Checkout is down', by: 'ana' }],
    ['assess-impact', { summary: 'Nobody can pay', scope: 'all', by: 'ana' }],
  ]);
});

test('nothing said at the terminal: nothing is declared, and it says so', async () => {
  const { code, err, sent } = await guided(['declare', '--guide'], []);
  expect([code, err, sent]).toEqual([64, expect.stringContaining('not declared, and nobody was paged'), []]);
});

test('without a terminal declare says how to answer, and declares what the options say', async () => {
  const missing = await guided(['declare', '--guide', '--title', 'x']);
  expect([missing.code, missing.sent]).toEqual([64, []]);
  expect(missing.err).toContain('SEV4 low: cosmetic');
  await api?.close();
  const whole = await guided(['declare', '--guide', '--title', 'x', '--severity', 'SEV2']);
  expect([whole.code, whole.sent.length]).toEqual([0, 1]);
  expect(whole.out).toContain(`Is it causing data loss or corruption?\nAnswer: ${IMPACT}\n`);
});

test('[IMPACT-3] ack asks about the impact once it is acknowledged; whoever knows nothing yet reads how to say it later', async () => {
  const asked = await guided(['ack', 'x', '--guide'], ['SUBSET', 'no', '']);
  expect(asked.sent).toEqual([
    ['acknowledge', {}],
    ['assess-impact', { summary: 'Database down', scope: 'subset', dataLoss: false }],
  ]);
  expect(asked.out).toContain('to change that: tocsin severity INC-2026-003 SEV1|SEV2|SEV3|SEV4 --reason "…"');
  await api?.close();
  const silent = await guided(['ack', 'x', '--guide'], []);
  expect([silent.code, silent.sent.length]).toEqual([0, 1]);
  expect(silent.out).toContain(`Later: ${IMPACT}`);
});

test('without --guide a declaration that lacks something is refused, and told of it', async () => {
  const { code, err, sent } = await guided(['declare', '--severity', 'SEV1']);
  expect([code, sent]).toEqual([64, []]);
  expect(err).toContain("required option '--title <text>' not specified");
  expect(err).toContain('tocsin declare --guide');
});
