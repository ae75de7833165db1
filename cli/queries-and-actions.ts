/** Queries and actions are the configuration's: looks whether one is there, and says what to add where it is not. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../config/problems.ts';
import type { CliContext } from './command.ts';
import { CliError, EXIT } from './cli-error.ts';

export type Section = 'queries' | 'actions';

export interface QueryOrAction {
  readonly section: Section;
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const SINGULAR: Readonly<Record<Section, string>> = { queries: 'query', actions: 'action' };
const OTHER_SECTION: Readonly<Record<Section, Section>> = { queries: 'actions', actions: 'queries' };
const CLI_COMMAND: Readonly<Record<Section, string>> = { queries: 'tocsin query', actions: 'tocsin run' };

/** Throws `CliError`: 78, since no query and no action is run yet, configured or not; 64 for what is no name. */
export async function refuseToRun(
  queryOrAction: QueryOrAction,
  { env, cwd }: Pick<CliContext, 'env' | 'cwd'>,
): Promise<never> {
  const { section, name } = requireValidName(queryOrAction);
  // Loaded here: the schema is the largest part of all, and few commands need it.
  const { loadConfig } = await import('../config/load.ts');
  try {
    const config = loadConfig({ env, cwd, sampleToken: randomUUID() });
    const file = config.file ?? 'tocsin.yaml';
    if (config[section].has(name)) throw notYetSupported(queryOrAction, file);
    if (config[OTHER_SECTION[section]].has(name)) {
      const there = OTHER_SECTION[section];
      throw new CliError(EXIT.configuration, `not run: "${name}" is under ${there} in ${file}, not under ${section}`, {
        hint: `say ${CLI_COMMAND[there]} ${name}`,
      });
    }
    throw notConfigured(queryOrAction, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(EXIT.configuration, `not run: the configuration cannot be read\n${error.format()}`);
  }
}

/** A name that could stand in the configuration. Throws `CliError` (64). */
export function requireValidName(queryOrAction: QueryOrAction): QueryOrAction {
  if (/^[a-z][\w.:-]{0,99}$/i.test(queryOrAction.name)) return queryOrAction;
  throw new CliError(
    EXIT.usage,
    `no name of ${SINGULAR[queryOrAction.section] === 'query' ? 'a query' : 'an action'}: ${queryOrAction.name}`,
  );
}

/** Nothing was run, and nothing pretends to have been. */
function notConfigured(queryOrAction: QueryOrAction, file: string): CliError {
  const { section, name } = queryOrAction;
  return new CliError(
    EXIT.configuration,
    `not configured: ${file} has no ${SINGULAR[section]} "${name}"; nothing was run`,
    {
      hint: `add to ${file}:\n\n${configEntryOf(queryOrAction)}\n`,
    },
  );
}

function notYetSupported({ section, name }: QueryOrAction, file: string): CliError {
  return new CliError(
    EXIT.configuration,
    `not run: ${file} has the ${SINGULAR[section]} "${name}", but this version of Tocsin does not run ${section} yet`,
    { hint: 'run its command by hand' },
  );
}

/** The lines of `tocsin.yaml` that configure it, with the parameters that were given. */
export function configEntryOf({ section, name, parameters }: QueryOrAction): string {
  const command = ['/path/to/your-command', ...Object.keys(parameters).map((key) => `--${key}={{${key}}}`)];
  return [
    `${section}:`,
    `  ${JSON.stringify(name)}:`,
    `    command: [${command.map((word) => JSON.stringify(word)).join(', ')}]`,
  ].join('\n');
}
