/** Where things lie outside the state directory: this repository, and the user's cache of what was fetched. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository: `tools/` is needed at run time, and this code may run compiled from somewhere else. */
export function repositoryRoot(): string {
  const given = process.env['TOCSIN_ROOT'];
  if (given) return given;
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package-lock.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('cannot find the repository of tocsin: set TOCSIN_ROOT');
    dir = parent;
  }
  return dir;
}

/** Shared by every copy of Tocsin of this user, so that a server is fetched once. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tocsin');
}
