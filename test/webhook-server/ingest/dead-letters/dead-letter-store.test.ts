/** What was refused is kept for people: bounded, private, without credentials, and never in anybody's way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeadLetterStore,
  type DeadLetterLimits,
  type DeadLetter,
} from '../../../../webhook-server/ingest/dead-letters/dead-letter-store.ts';

let home: string;
let directory: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-rejected-'));
  directory = join(home, 'rejected');
});
afterEach(() => rmSync(home, { recursive: true }));

const T0 = Date.UTC(2026, 0, 5, 9);
const LIMITS: DeadLetterLimits = { files: 5, bytes: 100_000, bodyBytes: 1000 };

function open(limits: DeadLetterLimits = LIMITS) {
  const problems: unknown[] = [];
  return {
    deadLetters: new DeadLetterStore({ directory, limits, onProblem: (error) => problems.push(error) }),
    problems,
  };
}

const message = (over: Partial<DeadLetter> = {}): DeadLetter => ({
  ...{ at: T0, source: 'alertmanager', reason: 'json', status: 400, from: '10.0.0.1' },
  ...{
    contentType: 'application/json',
    contentEncoding: null,
    declaredBytes: 5,
    body: Buffer.from('{"a":'),
    whole: true,
  },
  ...over,
});

const files = (): readonly string[] => readdirSync(directory).sort();
const read = (name = files()[0] ?? ''): readonly [Record<string, unknown>, string] => {
  const [head = '', ...body] = readFileSync(join(directory, name), 'utf8').split('\n');
  return [JSON.parse(head) as Record<string, unknown>, body.join('\n')];
};

test('one file: a line that says when, whose and why, then the body; for the owner alone', async () => {
  expect(await open().deadLetters.keep(message(), [])).toBe(true);
  expect(files()[0]).toMatch(/^20260105T090000000Z-[0-9a-f]{12}\.rejected$/);
  expect(read()).toEqual([
    {
      ...{ at: '2026-01-05T09:00:00.000Z', source: 'alertmanager', reason: 'json', status: 400, from: '10.0.0.1' },
      ...{ contentType: 'application/json', contentEncoding: null, declaredBytes: 5, whole: true, bytes: 5 },
    },
    '{"a":',
  ]);
  expect(statSync(join(directory, files()[0] ?? '')).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('no credential is kept, wherever it stands, also where the body is cut', async () => {
  const { deadLetters } = open();
  const body = Buffer.from(`{"routing_key":"long-secret-2","x":"${'x'.repeat(957)}long-secret","y":"long-secret`);
  await deadLetters.keep(message({ body, contentType: 'long-secret' }), ['long-secret-2', 'long-secret']);
  const text = readFileSync(join(directory, files()[0] ?? ''), 'utf8');
  expect(text).not.toMatch(/long-s/);
  expect(text).toContain('"routing_key":"***"');
});

test('a long body is cut, and the file says so', async () => {
  await open().deadLetters.keep(message({ body: Buffer.alloc(5000, 0x61) }), []);
  const [head, body] = read();
  expect([head['whole'], head['bytes'], body.length]).toEqual([false, 5000, 1000]);
});

test('the oldest go: by number and by size, those of earlier runs too, and never what is not ours', async () => {
  for (let n = 0; n < 4; n += 1) await open().deadLetters.keep(message({ at: T0 + n, body: Buffer.from(`${n}`) }), []);
  writeFileSync(join(directory, 'notes.txt'), 'of a person');
  const { deadLetters } = open();
  for (let n = 4; n < 8; n += 1) await deadLetters.keep(message({ at: T0 + n, body: Buffer.from(`${n}`) }), []);
  expect(files().flatMap((name) => (name.endsWith('.rejected') ? [read(name)[1]] : []))).toEqual([
    '3',
    '4',
    '5',
    '6',
    '7',
  ]);
  expect(files()).toContain('notes.txt');
  const bySize = open({ files: 100, bytes: 3000, bodyBytes: 1000 }).deadLetters;
  for (let n = 0; n < 6; n += 1)
    await bySize.keep(message({ at: T0 + 100 + n, body: Buffer.alloc(1000, 0x61 + n) }), []);
  expect(files().filter((name) => name.endsWith('.rejected')).length).toBe(2);
});

test('the same body again is not kept twice within ten minutes', async () => {
  const { deadLetters } = open();
  expect(await deadLetters.keep(message(), [])).toBe(true);
  expect(await deadLetters.keep(message({ at: T0 + 599_000 }), [])).toBe(false);
  expect(await deadLetters.keep(message({ source: 'grafana' }), [])).toBe(true);
  expect(await deadLetters.keep(message({ at: T0 + 601_000 }), [])).toBe(true);
});

test('a directory that cannot be written is a problem told, not thrown', async () => {
  writeFileSync(directory, 'a file where the directory should be');
  const { deadLetters, problems } = open();
  expect(await deadLetters.keep(message(), [])).toBe(false);
  expect(problems.length).toBe(1);
  rmSync(directory);
  expect(await deadLetters.keep(message({ at: T0 + 1, body: Buffer.from('again') }), [])).toBe(true);
});

test('what comes faster than the disk is dropped, not piled up', async () => {
  const { deadLetters } = open();
  const all = Array.from({ length: 50 }, (_, n) => deadLetters.keep(message({ body: Buffer.from(`${n}`) }), []));
  expect((await Promise.all(all)).filter(Boolean).length).toBe(8);
});
