/** The token store: hashed, private, shared between processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createTokenUse,
  tokenUseFileOf,
  createTokenStore,
  tokenFileOf,
} from '../../../webhook-server/security/token-store.ts';
import { bearer, startTestHttpServer } from '../support/test-http-server.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-tokens-'));
  file = tokenFileOf(join(folder, 'state'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ana = { name: "Ana's laptop", person: 'ana', role: 'responder' } as const;
/** As whom a token of Ana's speaks. */
const asAna = { ...ana, keyId: expect.stringMatching(/^[0-9a-f]{8}$/) as string };

test('a token opens what it was made for, and only its hash is kept, in a private file', async () => {
  const store = createTokenStore(file);
  const token = await store.create(ana);
  expect(token).toMatch(/^tocsin_[\w-]{43}$/);
  expect(await store.verify(token)).toEqual(asAna);
  for (const wrong of ['', token.slice(0, -1), `${token}x`, 'undefined']) expect(await store.verify(wrong)).toBeNull();
  expect(await readFile(file, 'utf8')).not.toContain(token.slice(7));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a token made by another process is known at once, a removed one is refused after the next look', async () => {
  let now = 0;
  const store = createTokenStore(file, { now: () => now });
  expect(await store.verify('x')).toBeNull();
  const token = await createTokenStore(file).create(ana);
  expect(await store.verify(token)).toEqual(asAna);
  await writeFile(file, '{"version":1,"tokens":[]}');
  now += 500;
  expect(await store.verify(token)).toBeNull();
});

test('requests that come together are all let in', async () => {
  const token = await createTokenStore(file).create(ana);
  const store = createTokenStore(file);
  expect(await Promise.all([1, 2, 3].map(() => store.verify(token)))).toEqual([asAna, asAna, asAna]);
});

test('many processes at once lose none', async () => {
  await Promise.all([1, 2, 3, 4, 5].map((n) => createTokenStore(file).create({ ...ana, name: `${n}` })));
  const names = (await createTokenStore(file).list()).map(({ name }) => name);
  expect(names.sort()).toEqual(['1', '2', '3', '4', '5']);
});

test('the list holds nothing secret', async () => {
  const store = createTokenStore(file, { now: () => 0 });
  await store.create(ana);
  const times = { createdAt: '1970-01-01T00:00:00.000Z', expiresAt: null, lastUsedAt: null };
  expect(await store.list()).toEqual([{ ...asAna, ...times, old: [] }]);
});

test("the administrator's token of the environment is in no file", async () => {
  const store = createTokenStore(file, { adminToken: 'from-the-environment' });
  expect(await store.verify('from-the-environment')).toEqual({
    ...{ name: 'admin', person: null, role: 'admin' },
    keyId: 'environment',
  });
  expect(await store.list()).toEqual([]);
  expect(await createTokenStore(file, { adminToken: '' }).verify('')).toBeNull();
});

test('a file edited into nonsense lets nobody new in, and says so', async () => {
  let now = 0;
  const problems: unknown[] = [];
  const store = createTokenStore(file, { now: () => now, onProblem: (error) => problems.push(error) });
  const token = await store.create(ana);
  expect(await store.verify(token)).toEqual(asAna);
  for (const text of [
    '',
    '{"version":1,"tokens":[{"name":"x","person":null,"role":"god","hash":"","createdAt":""}]}',
    'null',
  ]) {
    await writeFile(file, text);
    now += 500;
    expect(await store.verify(token)).toEqual(asAna);
    expect(await createTokenStore(file).verify(token)).toBeNull();
    await expect(store.list()).rejects.toThrow('not a file of tokens');
  }
  expect(problems.length).toBeGreaterThanOrEqual(3);
});

const HOUR = 3_600_000;

test('a token with an end is refused from that moment on, whoever looks at the file', async () => {
  let now = Date.UTC(2026, 10, 21);
  const store = createTokenStore(file, { now: () => now });
  const token = await store.create({ ...ana, expiresAt: now + HOUR });
  now += HOUR - 1;
  expect(await store.verify(token)).toEqual(asAna);
  now += 1;
  expect(await store.verify(token)).toBeNull();
  expect(await createTokenStore(file, { now: () => now }).verify(token)).toBeNull();
  expect(await store.list()).toMatchObject([{ name: ana.name, expiresAt: '2026-11-21T01:00:00.000Z' }]);
});

test('a name is given once, and not that of the environment', async () => {
  const store = createTokenStore(file);
  const token = await store.create(ana);
  await expect(store.create({ ...ana, role: 'admin' })).rejects.toMatchObject({ name: 'TokenRefused', why: 'taken' });
  await expect(store.create({ ...ana, name: 'admin' })).rejects.toMatchObject({ why: 'taken' });
  expect(await store.verify(token)).toEqual(asAna);
  expect(await store.list()).toHaveLength(1);
});

test('a revoked token is gone for this process at once and for another after the next look; its name is free', async () => {
  let now = 0;
  const store = createTokenStore(file);
  const other = createTokenStore(file, { now: () => now });
  const token = await store.create(ana);
  expect(await other.verify(token)).toEqual(asAna);
  await store.revoke(ana.name);
  now += 500;
  expect(await other.verify(token)).toBeNull();
  await expect(store.revoke(ana.name)).rejects.toMatchObject({ why: 'unknown' });
  const next = await store.create(ana);
  expect([await other.verify(next), await other.verify(token)]).toEqual([asAna, null]);
});

test('A21: a rotated secret works until the grace ends, then 401; both are told apart by their key, not their value', async () => {
  let now = Date.UTC(2026, 10, 21);
  const store = createTokenStore(file, { now: () => now });
  const before = await store.create(ana);
  const { token: after, oldUntil } = await store.rotate(ana.name, { graceMs: HOUR });
  expect([oldUntil, after === before]).toEqual(['2026-11-21T01:00:00.000Z', false]);
  now += 500;
  const [one, two] = [await store.verify(before), await store.verify(after)];
  expect([one, two]).toEqual([asAna, asAna]);
  expect(one?.keyId).not.toBe(two?.keyId);
  expect((await store.list())[0]).toMatchObject({ keyId: two?.keyId, old: [{ keyId: one?.keyId, until: oldUntil }] });
  now += HOUR;
  expect([await store.verify(before), await store.verify(after)]).toEqual([null, asAna]);
  expect((await store.list())[0]?.old).toEqual([]);
});

test('a rotation lengthens nothing: not the life of the secret before, nor of those before it', async () => {
  let now = Date.UTC(2026, 10, 21);
  const store = createTokenStore(file, { now: () => now });
  const first = await store.create({ ...ana, expiresAt: now + HOUR });
  await store.rotate(ana.name, { graceMs: 24 * HOUR, expiresAt: null });
  now += HOUR;
  expect(await store.verify(first)).toBeNull();
  const { token: third } = await store.rotate(ana.name, { graceMs: 24 * HOUR });
  const { token: fourth, oldUntil } = await store.rotate(ana.name, { graceMs: 0 });
  now += 500;
  expect([await store.verify(third), await store.verify(fourth), oldUntil]).toEqual([null, asAna, null]);
});

test('an expired token is rotated only with a new end', async () => {
  let now = 0;
  const store = createTokenStore(file, { now: () => now });
  await store.create({ ...ana, expiresAt: HOUR });
  now = 2 * HOUR;
  await expect(store.rotate(ana.name, { graceMs: HOUR })).rejects.toMatchObject({ why: 'expired' });
  const { token, oldUntil } = await store.rotate(ana.name, { graceMs: HOUR, expiresAt: 3 * HOUR });
  expect([oldUntil, await store.verify(token)]).toEqual([null, asAna]);
  await expect(store.rotate('nobody', { graceMs: 0 })).rejects.toMatchObject({ why: 'unknown' });
});

test('a file of the first format is read: its tokens have no end, and a change keeps them', async () => {
  const token = await createTokenStore(file).create(ana);
  const { tokens } = JSON.parse(await readFile(file, 'utf8')) as { tokens: Record<string, unknown>[] };
  const first = tokens.map(({ expiresAt: _, old: __, ...row }) => row);
  await writeFile(file, JSON.stringify({ version: 1, tokens: first }));
  const store = createTokenStore(file);
  expect(await store.verify(token)).toEqual(asAna);
  const other = await store.create({ ...ana, name: 'other' });
  expect([await store.verify(token), await store.verify(other)]).toEqual([asAna, { ...asAna, name: 'other' }]);
  expect(await store.list()).toMatchObject([{ expiresAt: null, old: [] }, { expiresAt: null }]);
});

test('a use is remembered to the minute, beside the tokens, over a restart', async () => {
  let now = Date.UTC(2026, 10, 21, 12);
  const use = createTokenUse(tokenUseFileOf(file));
  const store = createTokenStore(file, { now: () => now, use });
  const [used, unused] = [await store.create(ana), await store.create({ ...ana, name: 'unused' })];
  await store.verify(used);
  now += 30_000;
  await store.verify(used);
  await use.written();
  expect(await store.list()).toMatchObject([{ lastUsedAt: '2026-11-21T12:00:00.000Z' }, { lastUsedAt: null }]);
  const later = createTokenUse(tokenUseFileOf(file));
  await createTokenStore(file, { now: () => now, use: later }).verify(unused);
  await later.written();
  expect((await store.list()).map(({ lastUsedAt }) => lastUsedAt?.slice(11, 19))).toEqual(['12:00:00', '12:00:30']);
  expect(await readFile(tokenUseFileOf(file), 'utf8')).not.toContain(used.slice(7));
});

test('on a running server a revoked and an expired token are a 401 within half a second', async () => {
  const edge = await startTestHttpServer();
  const beside = createTokenStore(tokenFileOf(edge.home));
  const status = async (token: string): Promise<number> =>
    (await fetch(`${edge.url}/api/v1/oncall`, { headers: bearer(token) })).status;
  const brief = await beside.create({ ...ana, name: 'brief', expiresAt: Date.now() + 700 });
  const revoked = await beside.create({ ...ana, name: 'revoked' });
  expect([await status(brief), await status(revoked)]).toEqual([200, 200]);
  await beside.revoke('revoked');
  await new Promise((passed) => setTimeout(passed, 500));
  expect(await status(revoked)).toBe(401);
  await new Promise((passed) => setTimeout(passed, 250));
  expect([await status(brief), await status(edge.tokens.viewer)]).toEqual([401, 200]);
  await edge.close();
});
