/**
 * People's tokens: names, persons, roles, expiries and hashes in one file. A plain SHA-256 is enough: the tokens are 32
 * random bytes, so there is nothing to guess that a slow hash would protect. A token created by another process
 * (`tocsin token create`) works at once; a revoked one is refused within half a second, an expired one at once.
 */
import { stat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { rewriteFileAtomically } from '../../runtime/files.ts';
import type { Bearer, TokenRole } from './people-auth.ts';
import {
  changeTokenFile,
  readTokenFile,
  hashOf,
  generateToken,
  withNewSecret,
  findTokenByName,
  activeSecretsOf,
  tokenRowOf,
  tokenNameTaken,
  timeOf,
  type ActiveSecret,
  type TokenRotation,
  type TokenRow,
} from './token-rows.ts';

interface NewToken {
  readonly name: string;
  readonly person: string | null;
  readonly role: TokenRole;
  /** Epoch ms; null: never. */
  readonly expiresAt?: number | null;
}

export interface TokenStore {
  /** Creates a token and returns it, this once. Throws `TokenRefused` (`taken`). */
  create(token: NewToken): Promise<string>;
  /** Returns a new secret under the same name, this once. Throws `TokenRefused` (`unknown`, `expired`). */
  rotate(name: string, rotation: TokenRotation): Promise<{ readonly token: string; readonly oldUntil: string | null }>;
  /** Ends every secret of that name. Throws `TokenRefused` (`unknown`). */
  revoke(name: string): Promise<void>;
  list(): Promise<readonly TokenRow[]>;
  /** The token's owner, or null. Never throws: if the file is broken, the last good copy decides. */
  verify(token: string): Promise<Bearer | null>;
}

interface TokenStoreOptions {
  /** `TOCSIN_ADMIN_TOKEN`: one more token, kept in memory only, with role admin and bound to nobody. */
  readonly adminToken?: string | undefined;
  /** Called when the file cannot be read. */
  readonly onProblem?: (error: unknown) => void;
  /** Called at every use; absent: uses are not recorded. */
  readonly use?: TokenUse;
  readonly now?: () => number;
}

/** The token file of a state directory. */
export const tokenFileOf = (home: string): string => join(home, 'tokens.json');

const RECHECK_EVERY_MS = 500;
/** The name under which `TOCSIN_ADMIN_TOKEN` acts; reserved, so that the audit cannot confuse it with another. */
const ADMIN: Bearer = { name: 'admin', person: null, role: 'admin', keyId: 'environment' };

export function createTokenStore(file: string, options: TokenStoreOptions = {}): TokenStore {
  const { adminToken, onProblem, use, now = Date.now } = options;
  const fixedTokens = new Map(adminToken ? [[hashOf(adminToken), ADMIN]] : []);
  let activeSecrets: ReadonlyMap<string, ActiveSecret> = new Map();
  let fileVersion = '';
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  const readIfChanged = async (): Promise<void> => {
    readAt = now();
    try {
      const version = await versionOf(file);
      if (version === fileVersion) return;
      activeSecrets = new Map((await readTokenFile(file)).flatMap(activeSecretsOf));
      fileVersion = version;
    } catch (error) {
      onProblem?.(error);
    }
  };
  /** Concurrent requests share one check. */
  const reread = (): Promise<void> => (reading ??= readIfChanged().finally(() => (reading = undefined)));

  return {
    async verify(token) {
      // A lookup by hash leaks no useful timing: an attacker cannot choose the hash.
      const hash = hashOf(token);
      const fixed = fixedTokens.get(hash);
      if (fixed) return fixed;
      if (reading !== undefined || now() - readAt >= RECHECK_EVERY_MS) await reread();
      // Unknown: it may have been created just now.
      if (!activeSecrets.has(hash)) await reread();
      const found = activeSecrets.get(hash);
      if (!found || now() >= found.until) return null;
      use?.note(found.bearer.keyId, now());
      return found.bearer;
    },
    async list() {
      const used = await readTokenUse(tokenUseFileOf(file));
      return (await readTokenFile(file)).map((row) => tokenRowOf(row, used, now()));
    },
    async create({ name, person, role, expiresAt = null }) {
      const { token, hash } = generateToken();
      await changeTokenFile(file, (rows) => {
        if (name === ADMIN.name || rows.some((row) => row.name === name)) throw tokenNameTaken(name);
        const times = { createdAt: new Date(now()).toISOString(), expiresAt: timeOf(expiresAt) };
        return [...rows, { name, person, role, hash, ...times, old: [] }];
      });
      return token;
    },
    async rotate(name, rotation) {
      const { token, hash } = generateToken();
      let oldUntil: string | null = null;
      await changeTokenFile(file, (rows) => {
        const before = findTokenByName(rows, name);
        const after = withNewSecret(before, { ...rotation, hash, at: now() });
        oldUntil = after.old.find((one) => one.hash === before.hash)?.until ?? null;
        return rows.map((row) => (row.name === name ? after : row));
      });
      return { token, oldUntil };
    },
    async revoke(name) {
      await changeTokenFile(file, (rows) => {
        findTokenByName(rows, name);
        return rows.filter((row) => row.name !== name);
      });
    },
  };
}

/** Distinguishes versions of the file: atomic writes make a new inode. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Key id → RFC 3339. */
const useFile = z.record(z.string(), z.string());

const MINUTE_MS = 60_000;

export const tokenUseFileOf = (tokenFile: string): string => join(dirname(tokenFile), 'token-use.json');

/** Missing or unreadable: nothing is known. */
async function readTokenUse(file: string): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map(Object.entries(useFile.parse(JSON.parse(await readFile(file, 'utf8')))));
  } catch {
    return new Map();
  }
}

interface TokenUse {
  /** Writes at most once a minute for each key. */
  note(keyId: string, at: number): void;
  /** Resolves when recorded uses are written. Never rejects. */
  written(): Promise<void>;
}

export function createTokenUse(file: string): TokenUse {
  const last = new Map<string, number>();
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const used = new Map([...(await readTokenUse(file))]);
    for (const [keyId, at] of last) used.set(keyId, new Date(at).toISOString());
    await rewriteFileAtomically(file, JSON.stringify(Object.fromEntries(used))).catch(() => undefined);
  }

  return {
    note(keyId, at) {
      if (at - (last.get(keyId) ?? -Infinity) < MINUTE_MS) return;
      last.set(keyId, at);
      writing = writing.then(write);
    },
    written: () => writing,
  };
}
