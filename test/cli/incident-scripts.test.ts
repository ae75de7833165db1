/** The command lines of the incident handbook, run as they are written there, against a real HTTP server. */
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jest } from '@jest/globals';

import { anIncident, startFakeTocsinApi, json, type FakeTocsinApi, type CliResult } from './run-cli.ts';

// The first line after a change of the sources compiles them.
jest.setTimeout(60_000);

const ROOT = join(import.meta.dirname, '../..');
const SCRIPTS = join(ROOT, 'scripts/incident');
const API = '/api/v1/incidents';
const incident = anIncident({ reference: 'INC-2026-001', severity: 'SEV1' });

let elsewhere: string;
let api: FakeTocsinApi;
beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'tocsin scripts '));
});
afterEach(async () => {
  rmSync(elsewhere, { recursive: true });
  await api.close();
});

/** Runs a line in a POSIX shell, as a person would. */
function sh(line: string, cwd: string): Promise<CliResult> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, SCRIPTS, TOCSIN_URL: api.url, TOCSIN_HOME: elsewhere };
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

const LINES: readonly (readonly [line: string, request: string, body: unknown])[] = [
  [
    './scripts/incident/start.sh --severity=SEV1 --title="Database down"',
    `POST ${API}`,
    { severity: 'SEV1', title: 'Database down' },
  ],
  [
    './scripts/incident/update.sh --id=INC-001 --status="Investigating"',
    `POST ${API}/INC-001/post-update`,
    { audience: 'public', status: 'Investigating' },
  ],
  [
    './scripts/incident/update.sh --id INC-001 --status Identified --internal --text "the disk"',
    `POST ${API}/INC-001/post-update`,
    { text: 'the disk', audience: 'internal', status: 'Identified' },
  ],
  [
    './scripts/incident/resolve.sh --id=INC-001 --resolution="Restarted database"',
    `POST ${API}/INC-001/resolve`,
    { resolution: 'Restarted database' },
  ],
];

test.each(LINES)('%s', async (line, request, body) => {
  api = await startFakeTocsinApi({ [request]: json(200, incident) });
  const { code, out } = await sh(line, ROOT);
  expect({ code, unexpected: api.unexpected }).toEqual({ code: 0, unexpected: [] });
  expect(out).toContain('INC-2026-001');
  expect(api.seen.map((seen) => seen.body)).toEqual([body]);
});

test.each([
  [1, 0],
  [2, 1],
  [0, 2],
])(
  './scripts/incident/acknowledge.sh --severity=SEV1 with %i of them unacknowledged is exit code %i',
  async (n, code) => {
    const incidents = Array.from({ length: n }, (_, i) =>
      anIncident({ ...incident, workflowId: `w${i}`, phase: 'declared' }),
    );
    api = await startFakeTocsinApi({
      [`GET ${API}?open=true&severity=SEV1`]: json(200, { incidents, next: null }),
      [`POST ${API}/w0/acknowledge`]: json(200, incident),
    });
    expect((await sh('./scripts/incident/acknowledge.sh --severity=SEV1', ROOT)).code).toBe(code);
    expect(api.seen).toHaveLength(n === 1 ? 2 : 1);
  },
);

test('./scripts/incident/report.sh --id=INC-001', async () => {
  api = await startFakeTocsinApi({
    [`GET ${API}/INC-001`]: json(200, incident),
    [`GET ${API}/INC-001/timeline`]: json(200, { timeline: [], cut: 0 }),
  });
  const { code, out } = await sh('./scripts/incident/report.sh --id=INC-001', ROOT);
  expect(code).toBe(0);
  expect(out).toContain('how long');
});

test('npm run incident:export -- --id=INC-2024-001', async () => {
  const yaml = (response: Parameters<ReturnType<typeof json>>[0]): void =>
    void response.writeHead(200, { 'content-type': 'application/yaml' }).end('incident: {}\n');
  api = await startFakeTocsinApi({ [`GET ${API}/INC-2024-001/export?format=yaml`]: yaml });
  const { code, out } = await sh('npm run incident:export -- --id=INC-2024-001', ROOT);
  expect(code).toBe(0);
  expect(out).toContain('incident: {}');
});

test('npm run incident:create-postmortem -- --id=INC-2024-001', async () => {
  const draft = (response: Parameters<ReturnType<typeof json>>[0]): void =>
    void response.writeHead(200, { 'content-type': 'text/markdown' }).end('# Post-mortem\n');
  api = await startFakeTocsinApi({
    [`GET ${API}/INC-2024-001`]: json(200, incident),
    [`GET ${API}/INC-2024-001/postmortem`]: draft,
  });
  // The document is for the place where the person stands; here that is not the repository.
  const out = join(elsewhere, 'draft.md');
  const line = `npm run incident:create-postmortem -- --id=INC-2024-001 --out="${out}"`;
  expect((await sh(line, ROOT)).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe('# Post-mortem\n');
});

test('from any directory, through a link, with words that a shell would take apart', async () => {
  const title = 'it\'s "$(touch pwned)"; `id` * --x=1';
  writeFileSync(join(elsewhere, 'title'), title);
  symlinkSync(join(SCRIPTS, 'start.sh'), join(elsewhere, 'start here'));
  api = await startFakeTocsinApi({ [`POST ${API}`]: json(201, incident) });
  const { code } = await sh('sh "./start here" --severity SEV1 --title "$(cat title)"', elsewhere);
  expect(code).toBe(0);
  expect(api.seen[0]?.body).toEqual({ severity: 'SEV1', title });
  expect(() => accessSync(join(elsewhere, 'pwned'))).toThrow('ENOENT');
});

test.each(['start', 'acknowledge', 'update', 'resolve', 'report'])(
  '%s.sh can be run, and an unknown option is a mistake of usage, with the usage',
  async (name) => {
    api = await startFakeTocsinApi({});
    accessSync(join(SCRIPTS, `${name}.sh`), constants.X_OK);
    const { code, err } = await sh(`"$SCRIPTS/${name}.sh" --bogus=1`, elsewhere);
    expect(code).toBe(64);
    expect(err).toContain('Usage: tocsin ');
    expect(api.seen).toEqual([]);
  },
);

test('exit codes come through: not found, refused, unavailable', async () => {
  api = await startFakeTocsinApi({
    [`POST ${API}/INC-001/resolve`]: [
      json(404, { title: 'no incident INC-001' }),
      json(409, { detail: 'it is closed' }),
      json(500, { title: 'oops' }),
    ],
  });
  const codes: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    codes.push((await sh('"$SCRIPTS/resolve.sh" --id=INC-001 --resolution=x', elsewhere)).code);
  }
  expect(codes).toEqual([2, 1, 69]);
});
