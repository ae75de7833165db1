/** What the configuration names: questions to monitoring and logs, and actions that change something. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../../config/problems.ts';
import { sendCommand } from '../api/send-command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { AS, type CliContext, type CommandCall, type CommandSpec, type CommandResult } from '../command.ts';
import { incidentIdOf } from '../input/parse-arguments.ts';
import { cleanInput } from '../text/terminal-text.ts';
import { plainCommand } from './plain-command.ts';

export const query: CommandSpec = {
  name: 'query',
  suggestedFor: ['ask', 'metrics', 'logs', 'monitor'],
  about: 'run a query of the configuration (exit code 78: this version runs none yet)',
  kind: 'local',
  open: 'NAME [--PARAMETER=VALUE …]',
  examples: ['tocsin query monitor:errors --last=10m'],
  run: async (call) => {
    const { words, parameters } = parseWordsAndParameters(call.words);
    if (words.length > 1) throw new CliError(EXIT.usage, `one query at a time: ${words.join(', ')}`);
    return refuseToRun({ section: 'queries', name: nameIn(words, 'queries'), parameters }, call.context);
  },
};

export const runAction: CommandSpec = {
  ...plainCommand('runAction'),
  args: [],
  open: '[ID] ACTION [--PARAMETER=VALUE …]',
  options: [{ flags: '--id <id>', about: 'the incident, as an option' }, AS],
  run: async (call) => {
    const { words, parameters } = parseWordsAndParameters(call.words);
    const { id, rest } = incidentNamedIn(words, call.options.text('id'));
    const queryOrAction: QueryOrAction = { section: 'actions', name: nameIn(rest, 'actions'), parameters };
    return id === undefined ? refuseToRun(queryOrAction, call.context) : runFor(id, queryOrAction, call);
  },
};

/** The server's configuration decides which actions exist. */
async function runFor(id: string, queryOrAction: QueryOrAction, call: CommandCall): Promise<CommandResult> {
  const { name, parameters } = requireValidName(queryOrAction);
  const given = Object.keys(parameters).length === 0 ? undefined : parameters;
  try {
    return await sendCommand({ ...call, args: { id } }, 'runAction', { action: name, parameters: given });
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== EXIT.configuration) throw error;
    const hint = `add to the server's tocsin.yaml:\n\n${configEntryOf(queryOrAction)}\n`;
    throw new CliError(error.exitCode, `${error.message}; nothing was run`, { hint });
  }
}

/** `ID ACTION`, or `ACTION` with or without `--id ID`. */
function incidentNamedIn(
  words: readonly string[],
  option: string | undefined,
): { id?: string; rest: readonly string[] } {
  const [first, ...others] = words;
  if (words.length > 2) throw new CliError(EXIT.usage, `one action at a time: ${words.join(', ')}`);
  const isFirst = first !== undefined && others.length === 1;
  if (isFirst && option !== undefined) throw new CliError(EXIT.usage, 'the incident is named twice');
  const queryOrAction = isFirst ? first : option;
  if (queryOrAction === undefined) return { rest: words };
  const id = incidentIdOf(queryOrAction);
  if (id === null)
    throw new CliError(EXIT.usage, `no incident is named ${queryOrAction}`, { hint: 'INC-2026-003, or inc-…' });
  return { id, rest: isFirst ? others : words };
}

function nameIn([name]: readonly string[], section: Section): string {
  if (name !== undefined) return name;
  throw new CliError(EXIT.usage, `missing required argument '${section === 'queries' ? 'name' : 'action'}'`);
}

type Section = 'queries' | 'actions';

interface QueryOrAction {
  readonly section: Section;
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const SINGULAR: Readonly<Record<Section, string>> = { queries: 'query', actions: 'action' };
const OTHER_SECTION: Readonly<Record<Section, Section>> = { queries: 'actions', actions: 'queries' };
const CLI_COMMAND: Readonly<Record<Section, string>> = { queries: 'tocsin query', actions: 'tocsin run' };

/** Throws `CliError`: 78, since no query and no action is run yet, configured or not; 64 for what is no name. */
async function refuseToRun(
  queryOrAction: QueryOrAction,
  { env, cwd }: Pick<CliContext, 'env' | 'cwd'>,
): Promise<never> {
  const { section, name } = requireValidName(queryOrAction);
  // Loaded here: the schema is the largest part of all, and few commands need it.
  const { loadConfig } = await import('../../config/load.ts');
  try {
    const config = loadConfig({ env, cwd, sampleToken: randomUUID() });
    const file = config.file ?? 'tocsin.yaml';
    if (config[section].has(name)) throw notYetSupported(queryOrAction, file);
    if (config[OTHER_SECTION[section]].has(name)) {
      const there = OTHER_SECTION[section];
      throw new CliError(EXIT.configuration, `not run: "${name}" is under ${there} in ${file}, not under ${section}`, {
        hint: `use ${CLI_COMMAND[there]} ${name}`,
      });
    }
    throw notConfigured(queryOrAction, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(EXIT.configuration, `not run: the configuration cannot be read\n${error.format()}`);
  }
}

/** A name that could stand in the configuration. Throws `CliError` (64). */
function requireValidName(queryOrAction: QueryOrAction): QueryOrAction {
  if (/^[a-z][\w.:-]{0,99}$/i.test(queryOrAction.name)) return queryOrAction;
  throw new CliError(
    EXIT.usage,
    `not the name of ${SINGULAR[queryOrAction.section] === 'query' ? 'a query' : 'an action'}: ${queryOrAction.name}`,
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
function configEntryOf({ section, name, parameters }: QueryOrAction): string {
  const command = ['/path/to/your-command', ...Object.keys(parameters).map((key) => `--${key}={{${key}}}`)];
  return [
    `${section}:`,
    `  ${JSON.stringify(name)}:`,
    `    command: [${command.map((word) => JSON.stringify(word)).join(', ')}]`,
  ].join('\n');
}

interface WordsAndParameters {
  readonly words: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

const OPTION = /^--([a-z][\w-]{0,63})(?:=([^]*))?$/i;

/** `--last=10m`, `--last 10m` and `--force` (which is "true"). Throws `CliError` (64) for anything else with a dash. */
function parseWordsAndParameters(argv: readonly string[]): WordsAndParameters {
  const words: string[] = [];
  const parameters = new Map<string, string>();
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    if (!word.startsWith('-')) {
      words.push(cleanInput(word));
      continue;
    }
    const [, name, value] = OPTION.exec(word) ?? [];
    if (name === undefined) throw new CliError(EXIT.usage, `not a parameter: ${word}; write --name=value`);
    if (parameters.has(name)) throw new CliError(EXIT.usage, `--${name} is given twice`);
    const next = argv[i + 1];
    const isApart = value === undefined && next !== undefined && !next.startsWith('-');
    if (isApart) i += 1;
    parameters.set(name, cleanInput(value ?? (isApart ? next : 'true')));
  }
  return { words, parameters: Object.fromEntries(parameters) };
}
