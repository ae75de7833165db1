/** What `up` makes up at its first start and keeps in the state directory, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { DirectoryLocked, lockDirectory } from '../runtime/file-lock.ts';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';

export interface Secrets {
  /** Signs acknowledge links. */
  readonly secret: string;
  readonly adminToken: string;
  /** What the sources of the sample organization accept. */
  readonly sourceToken: string;
}

/** The environment's values win and are not written down. */
export function ensureSecrets({
  home,
  secret,
  adminToken,
}: Pick<Environment, 'home' | 'secret' | 'adminToken'>): Secrets {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return {
    secret: secret ?? kept(join(home, 'secret'), 'base64url'),
    adminToken: adminToken ?? kept(join(home, 'admin-token'), 'hex'),
    sourceToken: kept(join(home, 'source-token'), 'hex'),
  };
}

/** As `keepSecrets`, and makes nothing: what is not there is empty. */
export function readSecrets({
  home,
  secret,
  adminToken,
}: Pick<Environment, 'home' | 'secret' | 'adminToken'>): Secrets {
  return {
    secret: secret ?? readOrEmpty(join(home, 'secret')),
    adminToken: adminToken ?? readOrEmpty(join(home, 'admin-token')),
    sourceToken: readOrEmpty(join(home, 'source-token')),
  };
}

function kept(path: string, encoding: 'hex' | 'base64url'): string {
  const found = readOrEmpty(path);
  if (found !== '') return found;
  const made = randomBytes(24).toString(encoding);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${made}\n`, { mode: 0o600 });
  // A link appears whole or not at all: a secret cut short by a crash would lock everybody out.
  rmSync(path, { force: true });
  linkSync(draft, path);
  rmSync(draft);
  return made;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Resolves with the release. Throws `ExitError` (69) when another process holds `home`. */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  try {
    return await lockDirectory(home);
  } catch (error) {
    if (!(error instanceof DirectoryLocked)) throw error;
    throw new ExitError(
      EXIT_UNAVAILABLE,
      error.message,
      'stop it, or choose another state directory with TOCSIN_HOME, and other ports.',
    );
  }
}
