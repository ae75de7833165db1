/** The token file and the changes to a token. Strict: a file that somebody has broken by hand must not admit anyone. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { lockFile } from '../../runtime/file-lock.ts';
import { rewriteFileAtomically } from '../../runtime/files.ts';
import { TOKEN_ROLES, type Bearer } from './people-auth.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ offset: true });

const commonFields = {
  name: z.string().min(1),
  person: z.string().min(1).nullable(),
  role: z.enum(TOKEN_ROLES),
  hash,
  createdAt: z.string(),
};

const storedToken = z.strictObject({
  ...commonFields,
  /** Null: never. */
  expiresAt: time.nullable(),
  /** Rotated secrets, and until when they remain valid. */
  old: z.array(z.strictObject({ hash, until: time })),
});

const tokenFile = z.discriminatedUnion('version', [
  /** Rows written before tokens could expire have no expiry. */
  z.strictObject({
    version: z.literal(1),
    tokens: z.array(z.strictObject(commonFields).transform((token) => ({ ...token, expiresAt: null, old: [] }))),
  }),
  z.strictObject({ version: z.literal(2), tokens: z.array(storedToken) }),
]);

type StoredToken = z.output<typeof storedToken>;

/** No file: no tokens. Throws when there is one that cannot be read. */
export async function readTokenFile(file: string): Promise<readonly StoredToken[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return tokenFile.parse(JSON.parse(text)).tokens;
  } catch (cause) {
    throw new Error(`${file} is not a file of tokens that I wrote: mend it or remove it`, { cause });
  }
}

const LOCK_WAIT_MS = 4_000;

/** Under a lock, so that concurrent processes lose nothing; written whole, mode 0600. Throws what `change` throws. */
export async function changeTokenFile(
  file: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unlock = await lockFile(`${file}.lock`, { waitMs: LOCK_WAIT_MS });
  try {
    const tokens = change(await readTokenFile(file));
    await rewriteFileAtomically(file, `${JSON.stringify({ version: 2, tokens }, null, 2)}\n`);
  } finally {
    await unlock();
  }
}

/** The public part of a token. Times are RFC 3339. */
export interface TokenRow extends NamedToken {
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  /** Rotated secrets that are still valid. */
  readonly old: readonly { readonly keyId: string; readonly until: string; readonly lastUsedAt: string | null }[];
}

interface NamedToken extends Bearer {
  readonly expiresAt: string | null;
}

export interface TokenRotation {
  /** How long the previous secret remains valid, ms. */
  readonly graceMs: number;
  /** Epoch ms; absent: the expiry stays as it is. */
  readonly expiresAt?: number | null;
}

/** The name is taken or unknown, or the token has expired. */
export class TokenRefused extends Error {
  readonly why: 'taken' | 'unknown' | 'expired';
  constructor(why: TokenRefused['why'], message: string) {
    super(message);
    this.name = 'TokenRefused';
    this.why = why;
  }
}

/** A secret's owner, and until when it is valid (epoch ms). */
export interface ActiveSecret {
  readonly bearer: Bearer;
  readonly until: number;
}

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Part of the hash of 32 random bytes: it identifies the secret without revealing it. */
const keyIdOf = (hash: string): string => hash.slice(0, 8);

/** The token is returned once and stored nowhere. */
export function generateToken(): { readonly token: string; readonly hash: string } {
  const token = `tocsin_${randomBytes(32).toString('base64url')}`;
  return { token, hash: hashOf(token) };
}

/** RFC 3339. */
export const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const msOf = (time: string | null): number => (time === null ? Infinity : Date.parse(time));

/** Every secret of a row that may still be valid, by its hash. */
export function activeSecretsOf({
  name,
  person,
  role,
  hash,
  expiresAt,
  old,
}: StoredToken): readonly (readonly [string, ActiveSecret])[] {
  const of = (key: string, until: number): readonly [string, ActiveSecret] => [
    key,
    { bearer: { name, person, role, keyId: keyIdOf(key) }, until },
  ];
  return [of(hash, msOf(expiresAt)), ...old.map(({ hash: key, until }) => of(key, msOf(until)))];
}

/** A row without its secrets. `used`: key id → RFC 3339. */
export function tokenRowOf(row: StoredToken, used: ReadonlyMap<string, string>, at: number): TokenRow {
  const { name, person, role, hash, createdAt, expiresAt, old } = row;
  const useOf = (keyId: string) => ({ keyId, lastUsedAt: used.get(keyId) ?? null });
  return {
    name,
    person,
    role,
    createdAt,
    expiresAt,
    ...useOf(keyIdOf(hash)),
    old: old.filter(({ until }) => msOf(until) > at).map((one) => ({ until: one.until, ...useOf(keyIdOf(one.hash)) })),
  };
}

/** The row with a new secret. Throws `TokenRefused` (`expired`). */
export function withNewSecret(
  row: StoredToken,
  how: TokenRotation & { readonly hash: string; readonly at: number },
): StoredToken {
  const { graceMs, hash, at } = how;
  const expiresAt = how.expiresAt === undefined ? row.expiresAt : timeOf(how.expiresAt);
  if (msOf(expiresAt) <= at) {
    throw new TokenRefused('expired', `the token "${row.name}" has expired: it needs a new end`);
  }
  const until = Math.min(at + graceMs, msOf(row.expiresAt));
  const old = [...row.old, { hash: row.hash, until: new Date(until).toISOString() }]
    // Earlier secrets must not outlive the grace period either: a grace of 0 ends them all.
    .map((one) => ({ ...one, until: new Date(Math.min(until, msOf(one.until))).toISOString() }))
    .filter((one) => msOf(one.until) > at);
  return { ...row, hash, expiresAt, old };
}

/** Throws `TokenRefused` (`unknown`), listing the names that exist. */
export function findTokenByName(rows: readonly StoredToken[], name: string): StoredToken {
  const found = rows.find((row) => row.name === name);
  if (found) return found;
  const names = rows.map((row) => row.name).sort();
  throw new TokenRefused('unknown', `no token "${name}"; known: ${names.length === 0 ? 'none' : names.join(', ')}`);
}

export const tokenNameTaken = (name: string): TokenRefused =>
  new TokenRefused('taken', `there is a token "${name}" already: choose another name, or rotate or revoke that one`);
