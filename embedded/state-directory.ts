/** The state directory of `up`: one process at a time, and the secrets made at the first start, readable by their owner only. */
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

type Given = Pick<Environment, 'home' | 'secret' | 'adminToken'>;

/** Makes the secrets that are not there yet. The environment's values win and are not written down. */
export function ensureSecrets(given: Given): Secrets {
  mkdirSync(given.home, { recursive: true, mode: 0o700 });
  return secretsOf(given, kept);
}

/** Makes nothing: what is not there is empty. */
export const readSecrets = (given: Given): Secrets => secretsOf(given, readOrEmpty);

function secretsOf(
  { home, secret, adminToken }: Given,
  read: (path: string, encoding: 'hex' | 'base64url') => string,
): Secrets {
  return {
    secret: secret ?? read(join(home, 'secret'), 'base64url'),
    adminToken: adminToken ?? read(join(home, 'admin-token'), 'hex'),
    sourceToken: read(join(home, 'source-token'), 'hex'),
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

/** Resolves with the function that releases it. Throws `ExitError` (69) when another process holds `home`. */
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
