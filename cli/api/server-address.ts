/**
 * Where the server is and with what token to speak to it. A token never travels in clear text beyond this machine
 * unless the caller insists, and is never printed.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { isLoopback } from '../../config/environment.ts';
import type { CliContext } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';

export interface ServerAddress {
  /** Without a slash at the end. */
  readonly base: string;
  readonly loopback: boolean;
  /** `null`: none was found. */
  readonly token: string | null;
  /** Doubts about the token's keeping, for standard error. */
  readonly warnings: readonly string[];
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Reads `TOCSIN_URL`, `TOCSIN_TOKEN` or the admin token's file. Throws `CliError` (78) for what cannot be used. */
export function findServer({ env, cwd }: Pick<CliContext, 'env' | 'cwd'>, insecure: boolean): ServerAddress {
  const url = parseUrl(env['TOCSIN_URL'] || DEFAULT_URL);
  const loopback = isLoopback(url.hostname);
  const { token, warnings } = findToken({ env, cwd }, loopback);
  if (token !== null && url.protocol === 'http:' && !loopback && !insecure) {
    throw new CliError(
      EXIT.configuration,
      `TOCSIN_URL ${url.origin} would send the token in clear text over the network`,
      {
        hint: 'use https://, or --insecure if you trust every machine on the way',
      },
    );
  }
  return { base: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), loopback, token, warnings };
}

/** The state directory. */
export function homeOf({ env, cwd }: Pick<CliContext, 'env' | 'cwd'>): string {
  return resolve(cwd, env['TOCSIN_HOME'] || '.tocsin');
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(EXIT.configuration, 'TOCSIN_URL is not an http:// or https:// address', {
      hint: `for example TOCSIN_URL=${DEFAULT_URL}`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError(EXIT.configuration, 'TOCSIN_URL must not carry a user or password', {
      hint: 'put the token into TOCSIN_TOKEN',
    });
  }
  return url;
}

function findToken(
  context: Pick<CliContext, 'env' | 'cwd'>,
  loopback: boolean,
): Pick<ServerAddress, 'token' | 'warnings'> {
  const given = context.env['TOCSIN_TOKEN']?.trim();
  if (given) return { token: usable(given, 'TOCSIN_TOKEN'), warnings: [] };
  const file = join(homeOf(context), 'admin-token');
  // The local administrator's token is for the local server: no other host gets to see it.
  const text = loopback ? readIfThere(file) : null;
  if (text === null || text.trim() === '') return { token: null, warnings: [] };
  const open = (statSync(file).mode & 0o077) !== 0;
  const warnings = open ? [`${file} can be read by other users: chmod 600 ${file}`] : [];
  return { token: usable(text.trim(), file), warnings };
}

function usable(token: string, where: string): string {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new CliError(EXIT.configuration, `the token in ${where} has characters that a token cannot have`);
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null;
    throw error;
  }
}
