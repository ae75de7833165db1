/** `tocsin export` and `tocsin postmortem`: the document as it came, and no file of anybody's lost. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { anIncident, startFakeTocsinApi, html, json, callCli, type FakeTocsinApi, type CliResult } from './run-cli.ts';

const ID = 'INC-2026-003';
const PATH = `/api/v1/incidents/${ID}`;
const YAML = 'incident:\n  title: "zero\u200dwidth"\n';
const DRAFT = '# Post-mortem\n\nWhat happened\n';

let cwd: string;
let api: FakeTocsinApi;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tocsin-documents-'));
});
afterEach(async () => {
  rmSync(cwd, { recursive: true });
  await api.close();
});

const as =
  (type: string, text: string): ReturnType<typeof html> =>
  (response) =>
    void response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);

const run = (argv: readonly string[], tty = false): Promise<CliResult> =>
  callCli(argv, { env: { TOCSIN_URL: api.url }, cwd, tty });

const read = (name: string): string => readFileSync(join(cwd, name), 'utf8');

test('an export goes to standard output byte for byte, but to a terminal it is made safe', async () => {
  api = await startFakeTocsinApi({ [`GET ${PATH}/export?format=yaml`]: as('application/yaml', YAML) });
  expect(await run(['export', ID])).toEqual({ code: 0, out: YAML, err: '' });
  expect((await run(['export', '--id', ID], true)).out).toContain('zero\\u{200d}width');
});

test.each([
  [['--format', 'markdown'], 'markdown', 'text/markdown'],
  [['--out', 'x.md'], 'markdown', 'text/markdown'],
  [['--out', 'x.json'], 'json', 'application/json'],
  [['--out', 'x.json', '--format', 'yaml'], 'yaml', 'text/yaml'],
  [['--json'], 'json', 'application/json'],
])('export %j asks for %s', async (argv, format, type) => {
  api = await startFakeTocsinApi({ [`GET ${PATH}/export?format=${format}`]: as(type, '{"a":1}') });
  expect((await run(['export', ID, ...argv])).code).toBe(0);
});

test('a file is written for its owner alone, and never over another one unless that is said', async () => {
  api = await startFakeTocsinApi({ [`GET ${PATH}/export?format=yaml`]: as('application/yaml', YAML) });
  const argv = ['export', ID, '--out', 'record.yaml'];
  const { code, out } = await run(argv);
  expect({ code, out }).toEqual({ code: 0, out: `written to ${join(cwd, 'record.yaml')}\n` });
  expect(read('record.yaml')).toBe(YAML);
  expect(statSync(join(cwd, 'record.yaml')).mode & 0o077).toBe(0);
  writeFileSync(join(cwd, 'record.yaml'), 'mine');
  const again = await run(argv);
  expect(again.code).toBe(1);
  expect(again.err).toContain('--force');
  expect(read('record.yaml')).toBe('mine');
  expect((await run([...argv, '--force'])).code).toBe(0);
  expect(read('record.yaml')).toBe(YAML);
});

test('a place where no file can be is a mistake of usage', async () => {
  api = await startFakeTocsinApi({ [`GET ${PATH}/export?format=yaml`]: as('application/yaml', YAML) });
  expect((await run(['export', ID, '--out', 'no/such/folder.yaml'])).code).toBe(64);
});

test('postmortem creates a document named after the incident, once', async () => {
  api = await startFakeTocsinApi({
    [`GET ${PATH}`]: json(200, anIncident({ reference: ID })),
    [`GET ${PATH}/postmortem`]: as('text/markdown', DRAFT),
  });
  const { code, out } = await run(['postmortem', ID, '--json']);
  expect({ code, value: JSON.parse(out) as unknown }).toEqual({
    code: 0,
    value: { file: join(cwd, `postmortem-${ID}.md`), bytes: DRAFT.length },
  });
  expect(read(`postmortem-${ID}.md`)).toBe(DRAFT);
  expect((await run(['postmortem', ID])).code).toBe(1);
  expect(await run(['postmortem', ID, '--out', '-'])).toEqual({ code: 0, out: DRAFT, err: '' });
});

test('[REC-11] postmortem --draft is the draft, whatever people have written', async () => {
  api = await startFakeTocsinApi({
    [`GET ${PATH}`]: json(200, anIncident({ reference: ID })),
    [`GET ${PATH}/postmortem?draft=true`]: as('text/markdown', DRAFT),
  });
  expect(await run(['postmortem', ID, '--draft', '--out', '-'])).toEqual({ code: 0, out: DRAFT, err: '' });
});

test('[REC-11] postmortem --put keeps a file, byte for byte, and says which version it is', async () => {
  const text = '# Written \u00fcber us\n\n- [ ] \u2603\n';
  writeFileSync(join(cwd, 'mine.md'), text);
  const bodies: Buffer[] = [];
  const types: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    types.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
    request.on('data', (chunk: Buffer) => bodies.push(chunk));
    request.on('end', () => {
      const changed = types.length === 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ version: 2, by: 'bo', changed }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  api = await startFakeTocsinApi({});
  const env = { TOCSIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const put = (argv: readonly string[]): Promise<CliResult> =>
    callCli(['postmortem', ID, '--put', ...argv], { env, cwd });
  expect(await put(['mine.md'])).toEqual({ code: 0, out: 'kept as version 2\n', err: '' });
  expect(Buffer.concat(bodies).toString('utf8')).toBe(text);
  expect(types).toEqual([`PUT ${PATH}/postmortem text/markdown; charset=utf-8`]);
  expect((await put(['mine.md'])).out).toBe('already kept as version 2, by bo\n');
  writeFileSync(join(cwd, 'empty.md'), ' \n');
  writeFileSync(join(cwd, 'latin.md'), Buffer.from([0x23, 0x20, 0xfc]));
  writeFileSync(join(cwd, 'large.md'), 'x'.repeat(256 * 1024 + 1));
  for (const argv of [['nothing.md'], ['empty.md'], ['latin.md'], ['large.md'], ['mine.md', '--out', 'x']]) {
    expect([argv, (await put(argv)).code]).toEqual([argv, 64]);
  }
  expect(types).toHaveLength(2);
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

test.each([
  ['refused by its role', json(403, { title: 'no' }), 1],
  ['unknown', json(404, { title: 'no incident' }), 2],
  ['too large for the server', json(413, { title: 'too large' }), 64],
  ['an answer about something else', json(200, { ok: true }), 69],
])('postmortem --put, %s: exit code', async (_, reply, code) => {
  // The fake reads bodies as JSON, so this one is.
  writeFileSync(join(cwd, 'mine.md'), '"text"');
  api = await startFakeTocsinApi({ [`PUT ${PATH}/postmortem`]: reply });
  expect((await run(['postmortem', ID, '--put', 'mine.md'])).code).toBe(code);
});

test('a server cannot choose where the document goes', async () => {
  api = await startFakeTocsinApi({
    [`GET ${PATH}`]: json(200, anIncident({ reference: '../../INC' })),
    [`GET ${PATH}/postmortem`]: as('text/markdown', DRAFT),
  });
  await run(['postmortem', ID]);
  expect(read('postmortem-______INC.md')).toBe(DRAFT);
});

test.each([
  ['a page in HTML', html(200), 69],
  ['an empty document', as('application/yaml', ''), 69],
  ['an unknown incident', json(404, { title: 'no incident' }), 2],
  ['a refusal', json(403, { title: 'no' }), 1],
  ['trouble', json(503, { title: 'later' }), 69],
])('%s is no document, and leaves no file', async (_, reply, code) => {
  api = await startFakeTocsinApi({ [`GET ${PATH}/export?format=yaml`]: reply });
  expect((await run(['export', ID, '--out', 'record.yaml'])).code).toBe(code);
  expect(() => read('record.yaml')).toThrow('ENOENT');
});
