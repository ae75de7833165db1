/**
 * Makes a command line out of the table of commands: parsing, help, exit codes. Never touches the process, so that a
 * test can run it as it is.
 */
import { Command, CommanderError } from 'commander';

import { ExitError } from '../runtime/process.ts';
import { findServer } from './api/server-address.ts';
import { createApiClient, type ApiClient } from './api/api-client.ts';
import { AS, ID, type CommandSpec, type CliContext, type CommandResult } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { CliError, EXIT, describeFailure, type FailureDetails } from './cli-error.ts';
import { requireCommand, aliasName, withoutAliases } from './input/command-suggestions.ts';
import { argumentOf, idOption, optionOf, optionsOf, textOption } from './input/parse-arguments.ts';
import { cleanInput, safeBlock, safeJson, safeJsonLine } from './text/terminal-text.ts';

const EPILOGUE = `
Exit codes: 0 done · 1 refused · 2 not found · 64 usage · 69 unavailable · 78 configuration
Environment: TOCSIN_URL (http://127.0.0.1:8080), TOCSIN_TOKEN (by default the admin token in TOCSIN_HOME, for this machine only),
TOCSIN_AS (the person an admin token acts for; --as of every command that has it)
`;

/** Runs `argv` (without node and script). Resolves with the exit code; never rejects. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const state: State = { exitCode: EXIT.done, lines: false };
  try {
    const words = withoutAliases(argv, COMMANDS);
    requireCommand(words, COMMANDS);
    await programOf(context, state).parseAsync([...words], { from: 'user' });
    return state.exitCode;
  } catch (error) {
    return reportFailure(error, { context, json: argv.includes('--json'), lines: state.lines });
  }
}

interface State {
  exitCode: number;
  /** The command that runs prints JSON line by line. */
  lines: boolean;
}

function programOf(context: CliContext, state: State): Command {
  const program = new Command('tocsin')
    .description('Incident response on Temporal: declare, answer and resolve incidents.')
    .version(context.version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', EPILOGUE);
  for (const spec of COMMANDS) addCommand(program, spec, context, state);
  return program;
}

function addCommand(program: Command, spec: CommandSpec, context: CliContext, state: State): void {
  const words = spec.name.split(' ');
  const name = words.pop() ?? spec.name;
  const parent = words.reduce(groupOf, program);
  const named = namedById(spec);
  // The group of a command that came first, such as `postmortem` of `postmortem done`.
  const command = (subcommandOf(parent, name) ?? parent.command(name))
    .description(`${spec.about}${otherNames(spec)}`)
    // Options behind a command's own subcommand are the subcommand's.
    .enablePositionalOptions()
    .addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}\n`);
  for (const argument of spec.args ?? [])
    command.addArgument(argumentOf(named ? { ...argument, optional: true } : argument));
  if (named) command.usage(`[options] ${spec.args?.[0]?.optional ? '[id]' : '<id>'}`).addOption(idOption());
  if (spec.open !== undefined) {
    command.usage(`[options] ${spec.open}`).allowUnknownOption().allowExcessArguments();
  }
  for (const option of spec.options ?? []) command.addOption(optionOf(option));
  if (spec.kind !== 'process') command.option('--json', 'print one JSON value, for programs');
  if (spec.kind === 'api') {
    command.option('--insecure', 'allow sending the token over plain http:// to another machine');
    command.addOption(textOption('--request-id <key>', 'safely repeat a request whose answer was lost'));
  }
  const more = spec.args?.[0]?.name === ID.name ? '; tocsin list shows which are open' : '';
  command.showHelpAfterError(
    `Usage: tocsin ${spec.name} ${command.usage()}\n(tocsin ${spec.name} --help shows how${more})`,
  );
  command.action(async () => {
    state.lines = spec.lines === true;
    state.exitCode = await runSpec(spec, command, context);
  });
}

function otherNames({ aliases = [] }: CommandSpec): string {
  return aliases.length === 0 ? '' : ` (also: ${aliases.map(aliasName).join(', ')})`;
}

/** A command about one incident and nothing else takes it as `--id` as well. */
const namedById = ({ args = [] }: CommandSpec): boolean => args.length === 1 && args[0]?.name === ID.name;

function groupOf(parent: Command, word: string): Command {
  return (
    subcommandOf(parent, word) ??
    parent.command(word).description(`${word} commands`).showHelpAfterError(`(tocsin ${word} --help shows how)`)
  );
}

const subcommandOf = (parent: Command, name: string): Command | undefined =>
  parent.commands.find((command) => command.name() === name);

async function runSpec(spec: CommandSpec, command: Command, context: CliContext): Promise<number> {
  const options = optionsOf({ ...actingFor(spec, context), ...command.opts() });
  const warn = (text: string): void => context.err(`${safeBlock(text)}\n`);
  const client = (): ApiClient => {
    const address = findServer(context, options.flag('insecure'));
    address.warnings.forEach(warn);
    const { consequence } = spec;
    return createApiClient(address, {
      timeoutMs: context.timeoutMs,
      requestId: options.text('requestId'),
      consequence,
    });
  };
  const args = argsOf(spec, command, options.text('id'));
  const words = spec.open === undefined ? [] : command.args;
  const result = await spec.run({ context, args, options, words, client, warn });
  return typeof result === 'number' ? result : print(result, { context, json: options.flag('json') });
}

/** `TOCSIN_AS`, for commands that act for somebody. */
function actingFor({ options = [] }: CommandSpec, { env }: CliContext): { readonly as?: string } {
  const person = cleanInput(env['TOCSIN_AS'] ?? '');
  return person !== '' && options.includes(AS) ? { as: person } : {};
}

/** Positional arguments by name; ends like the parser does when the incident is missing, or named twice. */
function argsOf(spec: CommandSpec, command: Command, id: string | undefined): Record<string, string | undefined> {
  const given = command.processedArgs as readonly (string | undefined)[];
  const args = Object.fromEntries((spec.args ?? []).map(({ name }, i) => [name, given[i]]));
  if (!namedById(spec)) return args;
  if (args['id'] !== undefined && id !== undefined) command.error('error: the incident is named twice');
  const found = args['id'] ?? id;
  if (found === undefined && !spec.args?.[0]?.optional) command.error("error: missing required argument 'id'");
  return { id: found };
}

function print(
  { text, json, exact, exitCode = EXIT.done }: CommandResult,
  to: { context: CliContext; json: boolean },
): number {
  const shown = exact && !to.context.tty ? text : safeBlock(text);
  to.context.out(`${to.json ? safeJson(json) : shown}\n`);
  return exitCode;
}

/** A program gets its failure as the one JSON value it waits for; people read standard error. */
function reportFailure(error: unknown, to: { context: CliContext; json: boolean; lines: boolean }): number {
  const { context, json, lines } = to;
  const failure = failureOf(error);
  if (failure === null) return EXIT.done;
  const { message, exitCode, details, isPrinted } = failure;
  const print = lines ? safeJsonLine : safeJson;
  if (json) context.out(`${print({ error: { exitCode, message, ...details } })}\n`);
  if (!isPrinted) context.err(`tocsin: ${safeBlock(describeFailure({ message, details }))}\n`);
  return exitCode;
}

interface Failure {
  readonly message: string;
  readonly exitCode: number;
  readonly details: FailureDetails;
  /** The parser has already reported it. */
  readonly isPrinted: boolean;
}

/** `null`: help or version was asked for and shown. */
function failureOf(error: unknown): Failure | null {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return null;
    return { message: error.message.replace(/^error: /, ''), exitCode: EXIT.usage, details: {}, isPrinted: true };
  }
  if (error instanceof CliError) {
    return { message: error.message, exitCode: error.exitCode, details: error.details, isPrinted: false };
  }
  if (error instanceof ExitError) {
    return { message: error.message, exitCode: error.exitCode, details: { hint: error.remedy }, isPrinted: false };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `a bug in tocsin: ${message}`, exitCode: EXIT.internal, details: {}, isPrinted: false };
}
