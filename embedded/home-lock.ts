/** One `up` at a time on a state directory. */
import { mkdir } from 'node:fs/promises';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/exit-error.ts';
import { DirectoryLocked, lockDirectory } from '../runtime/directory-lock.ts';

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
