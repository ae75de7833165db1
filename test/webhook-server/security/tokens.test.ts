/** The token store: hashed, private, shared between processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenStore, tokenFileOf } from '../../../webhook-server/security/tokens.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-tokens-'));
  file = tokenFileOf(join(folder, 'state'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ana = { name: "Ana's laptop", person: 'ana', role: 'responder' } as const;

test('a token opens what it was made for, and only its hash is kept, in a private file', async () => {
  const store = createTokenStore(file);
  const token = await store.create(ana);
  expect(token).toMatch(/^tocsin_[\w-]{43}$/);
  expect(await store.verify(token)).toEqual(ana);
  for (const wrong of ['', token.slice(0, -1), `${token}x`, 'undefined']) expect(await store.verify(wrong)).toBeNull();
  expect(await readFile(file, 'utf8')).not.toContain(token.slice(7));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a token made by another process is known at once, a removed one is refused after the next look', async () => {
  let now = 0;
  const store = createTokenStore(file, { now: () => now });
  expect(await store.verify('x')).toBeNull();
  const token = await createTokenStore(file).create(ana);
  expect(await store.verify(token)).toEqual(ana);
  await writeFile(file, '{"version":1,"tokens":[]}');
  now += 500;
  expect(await store.verify(token)).toBeNull();
});

test('requests that come together are all let in', async () => {
  const token = await createTokenStore(file).create(ana);
  const store = createTokenStore(file);
  expect(await Promise.all([1, 2, 3].map(() => store.verify(token)))).toEqual([ana, ana, ana]);
});

test('many processes at once lose none', async () => {
  await Promise.all([1, 2, 3, 4, 5].map((n) => createTokenStore(file).create({ ...ana, name: `${n}` })));
  const names = (await createTokenStore(file).list()).map(({ name }) => name);
  expect(names.sort()).toEqual(['1', '2', '3', '4', '5']);
});

test('the list holds nothing secret', async () => {
  const store = createTokenStore(file, { now: () => 0 });
  await store.create(ana);
  expect(await store.list()).toEqual([{ ...ana, createdAt: '1970-01-01T00:00:00.000Z' }]);
});

test("the administrator's token of the environment is in no file", async () => {
  const store = createTokenStore(file, { adminToken: 'from-the-environment' });
  expect(await store.verify('from-the-environment')).toEqual({ name: 'admin', person: null, role: 'admin' });
  expect(await store.list()).toEqual([]);
  expect(await createTokenStore(file, { adminToken: '' }).verify('')).toBeNull();
});

test('a file edited into nonsense lets nobody new in, and says so', async () => {
  let now = 0;
  const problems: unknown[] = [];
  const store = createTokenStore(file, { now: () => now, onProblem: (error) => problems.push(error) });
  const token = await store.create(ana);
  expect(await store.verify(token)).toEqual(ana);
  for (const text of [
    '',
    '{"version":1,"tokens":[{"name":"x","person":null,"role":"god","hash":"","createdAt":""}]}',
    'null',
  ]) {
    await writeFile(file, text);
    now += 500;
    expect(await store.verify(token)).toEqual(ana);
    expect(await createTokenStore(file).verify(token)).toBeNull();
    await expect(store.list()).rejects.toThrow('not a file of tokens');
  }
  expect(problems.length).toBeGreaterThanOrEqual(3);
});
