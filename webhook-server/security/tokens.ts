/**
 * People's tokens: names, persons, roles and hashes in one file (mode 0600), written whole under a lock. A plain
 * SHA-256 is enough, since the tokens are 32 random bytes: there is nothing to guess that a slow hash would protect.
 * A token made by another process (`tocsin token create`) is known at once; one removed by hand is refused within half
 * a second.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import type { Bearer, TokenRole } from './roles.ts';
import { readTokenFile, type StoredToken } from './token-file.ts';

interface TokenRow extends Bearer {
  /** RFC 3339. */
  readonly createdAt: string;
}

export interface TokenStore {
  /** Makes a token and returns it, for the only time. */
  create(token: { readonly name: string; readonly person: string | null; readonly role: TokenRole }): Promise<string>;
  list(): Promise<readonly TokenRow[]>;
  /** Who speaks; null when nobody does. Never throws: with the file broken, the last good copy decides. */
  verify(token: string): Promise<Bearer | null>;
}

export interface TokenStoreOptions {
  /** `TOCSIN_ADMIN_TOKEN`: one more token, kept in memory only, of role admin and bound to nobody. */
  readonly adminToken?: string | undefined;
  /** Told when the file cannot be read. */
  readonly onProblem?: (error: unknown) => void;
  readonly now?: () => number;
}

/** Where the tokens of a state directory are. */
export const tokenFileOf = (home: string): string => join(home, 'tokens.json');

const LOOK_EVERY_MS = 500;

export function createTokenStore(file: string, options: TokenStoreOptions = {}): TokenStore {
  const { adminToken, onProblem, now = Date.now } = options;
  const admin: Bearer = { name: 'admin', person: null, role: 'admin' };
  const always = new Map(adminToken ? [[hashOf(adminToken), admin]] : []);
  let known: ReadonlyMap<string, Bearer> = new Map();
  let seen = '';
  let lookedAt = -Infinity;
  let looking: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    lookedAt = now();
    try {
      const version = await versionOf(file);
      if (version === seen) return;
      known = new Map(
        (await readTokenFile(file)).map(({ hash, name, person, role }) => [hash, { name, person, role }]),
      );
      seen = version;
    } catch (error) {
      onProblem?.(error);
    }
  };
  /** Requests that come together wait for the same look. */
  const look = (): Promise<void> => (looking ??= read().finally(() => (looking = undefined)));

  return {
    async verify(token) {
      // Looking a hash up is safe in time: whoever tries cannot choose what it hashes to.
      const hash = hashOf(token);
      const fixed = always.get(hash);
      if (fixed) return fixed;
      if (looking !== undefined || now() - lookedAt >= LOOK_EVERY_MS) await look();
      // Unknown: it may have been made this very moment.
      if (!known.has(hash)) await look();
      return known.get(hash) ?? null;
    },
    async list() {
      return (await readTokenFile(file)).map(({ name, person, role, createdAt }) => ({
        name,
        person,
        role,
        createdAt,
      }));
    },
    async create({ name, person, role }) {
      const token = `tocsin_${randomBytes(32).toString('base64url')}`;
      const row = { name, person, role, hash: hashOf(token), createdAt: new Date(now()).toISOString() };
      await changeFile(file, (rows) => [...rows, row]);
      return token;
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Tells one version of the file from the next: atomic writes make a new inode. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function changeFile(file: string, change: (rows: readonly StoredToken[]) => StoredToken[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unlock = await lock(file, { realpath: false, retries: { retries: 20, minTimeout: 20, maxTimeout: 200 } });
  try {
    const tokens = change(await readTokenFile(file));
    await writeFileAtomic(file, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`, { mode: 0o600 });
  } finally {
    await unlock();
  }
}
