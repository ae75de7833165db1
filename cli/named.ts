/** Queries and actions are the configuration's: looks whether one is there, and says what to add where it is not. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../config/problems.ts';
import type { Context } from './command.ts';
import { CliError, EXIT } from './failure.ts';

export type Section = 'queries' | 'actions';

export interface Named {
  readonly section: Section;
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const ONE: Readonly<Record<Section, string>> = { queries: 'query', actions: 'action' };
const OTHER: Readonly<Record<Section, Section>> = { queries: 'actions', actions: 'queries' };
const HOW: Readonly<Record<Section, string>> = { queries: 'tocsin query', actions: 'tocsin run' };

/** Throws `CliError`: 78, since no query and no action is run yet, configured or not; 64 for what is no name. */
export async function refuseToRun(named: Named, { env, cwd }: Pick<Context, 'env' | 'cwd'>): Promise<never> {
  const { section, name } = insistOnName(named);
  // Loaded here: the schema is the largest part of all, and few commands need it.
  const { loadConfig } = await import('../config/load.ts');
  try {
    const config = loadConfig({ env, cwd, sampleToken: randomUUID() });
    const file = config.file ?? 'tocsin.yaml';
    if (config[section].has(name)) throw notYet(named, file);
    if (config[OTHER[section]].has(name)) {
      const there = OTHER[section];
      throw new CliError(EXIT.configuration, `not run: "${name}" is under ${there} in ${file}, not under ${section}`, {
        hint: `say ${HOW[there]} ${name}`,
      });
    }
    throw notConfigured(named, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(EXIT.configuration, `not run: the configuration cannot be read\n${error.format()}`);
  }
}

/** A name that could stand in the configuration. Throws `CliError` (64). */
export function insistOnName(named: Named): Named {
  if (/^[a-z][\w.:-]{0,99}$/i.test(named.name)) return named;
  throw new CliError(
    EXIT.usage,
    `no name of ${ONE[named.section] === 'query' ? 'a query' : 'an action'}: ${named.name}`,
  );
}

/** Nothing was run, and nothing pretends to have been. */
function notConfigured(named: Named, file: string): CliError {
  const { section, name } = named;
  return new CliError(EXIT.configuration, `not configured: ${file} has no ${ONE[section]} "${name}"; nothing was run`, {
    hint: `add to ${file}:\n\n${entryOf(named)}\n`,
  });
}

function notYet({ section, name }: Named, file: string): CliError {
  return new CliError(
    EXIT.configuration,
    `not run: ${file} has the ${ONE[section]} "${name}", but this version of Tocsin does not run ${section} yet`,
    { hint: 'run its command by hand' },
  );
}

/** The lines of `tocsin.yaml` that configure it, with the parameters that were given. */
export function entryOf({ section, name, parameters }: Named): string {
  const command = ['/path/to/your-command', ...Object.keys(parameters).map((key) => `--${key}={{${key}}}`)];
  return [
    `${section}:`,
    `  ${JSON.stringify(name)}:`,
    `    command: [${command.map((word) => JSON.stringify(word)).join(', ')}]`,
  ].join('\n');
}
