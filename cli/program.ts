/**
 * Makes a command line out of the table of commands: parsing, help, exit codes. Never touches the process, so that a
 * test can run it as it is.
 */
import { Command, CommanderError } from 'commander';

import { ExitError } from '../config/exit-error.ts';
import { findServer } from './address.ts';
import { createClient, type Client } from './client.ts';
import type { CommandSpec, Context, Result } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { CliError, EXIT, explain, type FailureDetails } from './failure.ts';
import { argumentOf, optionOf, optionsOf, textOption } from './parsing.ts';
import { safeBlock, safeJson } from './text.ts';

const EPILOGUE = `
Exit codes: 0 done · 1 refused · 2 not found · 64 usage · 69 unavailable · 78 configuration
Environment: TOCSIN_URL (http://127.0.0.1:8080), TOCSIN_TOKEN (else the admin token in TOCSIN_HOME, on this machine only)
`;

/** Runs `argv` (without node and script). Resolves with the exit code; never rejects. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = programOf(context, (code) => (exitCode = code));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return failed(error, { context, json: argv.includes('--json') });
  }
}

function programOf(context: Context, exit: (code: number) => void): Command {
  const program = new Command('tocsin')
    .description('Incident response that cannot forget: declare, answer and end incidents from here.')
    .version(context.version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EPILOGUE);
  for (const spec of COMMANDS) add(program, spec, context, exit);
  return program;
}

function add(program: Command, spec: CommandSpec, context: Context, exit: (code: number) => void): void {
  const words = spec.name.split(' ');
  const name = words.pop() ?? spec.name;
  const parent = words.reduce(groupOf, program);
  const command = parent
    .command(name)
    .description(spec.about)
    .showHelpAfterError(`(tocsin ${spec.name} --help shows how)`)
    .addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}\n`);
  for (const argument of spec.args ?? []) command.addArgument(argumentOf(argument));
  for (const option of spec.options ?? []) command.addOption(optionOf(option));
  if (spec.kind !== 'process') command.option('--json', 'one JSON value, for programs');
  if (spec.kind === 'api') {
    command.option('--insecure', 'send the token over plain http:// to another machine');
    command.addOption(textOption('--request-id <key>', 'send again, safely, a request whose answer was lost'));
  }
  command.action(async () => exit(await act(spec, command, context)));
}

function groupOf(parent: Command, word: string): Command {
  const found = parent.commands.find((command) => command.name() === word);
  return (
    found ??
    parent.command(word).description(`${word} commands`).showHelpAfterError(`(tocsin ${word} --help shows how)`)
  );
}

async function act(spec: CommandSpec, command: Command, context: Context): Promise<number> {
  const options = optionsOf(command.opts());
  const warn = (text: string): void => context.err(`${safeBlock(text)}\n`);
  const client = (): Client => {
    const address = findServer(context, options.flag('insecure'));
    address.warnings.forEach(warn);
    const requestId = options.text('requestId');
    return createClient(address, {
      ...(context.timeoutMs === undefined ? {} : { timeoutMs: context.timeoutMs }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  };
  const args = Object.fromEntries(
    (spec.args ?? []).map(({ name }, i) => [name, command.processedArgs[i] as string | undefined]),
  );
  const result = await spec.run({ context, args, options, client, warn });
  return typeof result === 'number' ? result : print(result, { context, json: options.flag('json') });
}

function print({ text, json, exitCode = EXIT.done }: Result, to: { context: Context; json: boolean }): number {
  to.context.out(`${to.json ? safeJson(json) : safeBlock(text)}\n`);
  return exitCode;
}

/** A program gets its failure as the one JSON value it waits for; people read standard error. */
function failed(error: unknown, { context, json }: { context: Context; json: boolean }): number {
  const failure = failureOf(error);
  if (failure === null) return EXIT.done;
  const { message, exitCode, details, told } = failure;
  if (json) context.out(`${safeJson({ error: { exitCode, message, ...details } })}\n`);
  if (!told) context.err(`tocsin: ${safeBlock(explain({ message, details }))}\n`);
  return exitCode;
}

interface Failure {
  readonly message: string;
  readonly exitCode: number;
  readonly details: FailureDetails;
  /** The parser has already said it. */
  readonly told: boolean;
}

/** `null`: help or version was asked for and shown. */
function failureOf(error: unknown): Failure | null {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return null;
    return { message: error.message.replace(/^error: /, ''), exitCode: EXIT.usage, details: {}, told: true };
  }
  if (error instanceof CliError) {
    return { message: error.message, exitCode: error.exitCode, details: error.details, told: false };
  }
  if (error instanceof ExitError) {
    return { message: error.message, exitCode: error.exitCode, details: { hint: error.remedy }, told: false };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `a bug in tocsin: ${message}`, exitCode: EXIT.internal, details: {}, told: false };
}
