/** What the configuration names: questions to monitoring and logs, and actions that change something. */
import { BY, type CommandCall, type CommandSpec, type CommandResult } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import {
  configEntryOf,
  requireValidName,
  refuseToRun,
  type QueryOrAction,
  type Section,
} from '../queries-and-actions.ts';
import { parseWordsAndParameters } from '../input/parse-parameters.ts';
import { incidentIdOf } from '../input/parse-arguments.ts';
import { sendCommand } from '../api/send-command.ts';

export const query: CommandSpec = {
  name: 'query',
  suggestedFor: ['ask', 'metrics', 'logs', 'monitor'],
  about: 'ask a query of the configuration (exit code 78: this version runs none yet)',
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
  name: 'run',
  suggestedFor: ['execute', 'exec', 'do', 'runbook', 'action-run'],
  about: 'run an action of the configuration, for an incident or by itself (this version runs none yet)',
  kind: 'api',
  open: '[ID] ACTION [--PARAMETER=VALUE …]',
  options: [{ flags: '--id <id>', about: 'the incident, as an option' }, BY],
  examples: [
    'tocsin run INC-2026-003 cache:clear:all --region=eu',
    'tocsin run db:pool:resize --size=50',
    'tocsin run db:pool:resize --size=50 --id INC-2026-003',
  ],
  run: async (call) => {
    const { words, parameters } = parseWordsAndParameters(call.words);
    const { id, rest } = incidentIn(words, call.options.text('id'));
    const queryOrAction: QueryOrAction = { section: 'actions', name: nameIn(rest, 'actions'), parameters };
    return id === undefined ? refuseToRun(queryOrAction, call.context) : runFor(id, queryOrAction, call);
  },
};

/** Which actions there are is for the server to say: its configuration is the one that counts. */
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
function incidentIn(words: readonly string[], option: string | undefined): { id?: string; rest: readonly string[] } {
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
