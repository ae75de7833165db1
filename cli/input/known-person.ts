/** Whether a person is one of the configuration, where there is one to ask. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../../config/problems.ts';
import type { CommandCall } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';

/** Throws `CliError` (64) for somebody unknown, naming who is known. Says so when nobody could be asked. */
export async function requireKnownPerson(
  person: string,
  { context, warn }: Pick<CommandCall, 'context' | 'warn'>,
): Promise<void> {
  // Loaded here: the schema is the largest part of all, and few commands need it.
  const { loadConfig } = await import('../../config/load.ts');
  try {
    const { file, people } = loadConfig({ env: context.env, cwd: context.cwd, sampleToken: randomUUID() });
    // The sample organization stands in for a file that may be elsewhere: it proves nothing.
    if (file === null || people.has(person)) return;
    const known = [...people.keys()].sort().join(', ');
    throw new CliError(EXIT.usage, `--person: no "${person}" in ${file}; known: ${known}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    warn(`whether "${person}" is known was not checked: the configuration cannot be read here (tocsin config check)`);
  }
}
