/** Commands of the runbook as the command line has them: arguments, options and help are made from the table's fields. */
import { Option } from 'commander';

import { COMMANDS, fieldsOf, type CommandLineHelp, type CommandType } from '../../domain/kernel/commands.ts';
import { wordsOf, type Field } from '../../domain/kernel/fields.ts';
import { kebab } from '../../domain/kernel/text.ts';
import { sendCommand } from '../api/send-command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { AS, ID, type CommandCall, type CommandSpec, type OptionSpec } from '../command.ts';

/** The command that sends what it is given; some of the table do more, in files of their own. */
export function plainCommand(type: CommandType): CommandSpec {
  const { args = [], ...help }: CommandLineHelp = COMMANDS[type].cli;
  const fields = Object.entries(fieldsOf(type));
  const argumentSpecs = args.map((name) => {
    const field = fieldOf(type, name);
    return { name, about: field.about, ...choicesOf(field) };
  });
  return {
    ...help,
    about: COMMANDS[type].summary,
    kind: 'api',
    args: [ID, ...argumentSpecs],
    options: [...fields.filter(([name]) => !args.includes(name)).map(([name]) => optionFor(type, name)), AS],
    run: (call) => sendCommand(call, type, fieldValues(call, type)),
  };
}

function fieldOf(type: CommandType, name: string): Field {
  const field = fieldsOf(type)[name];
  if (field === undefined) throw new Error(`${type} has no field "${name}"`);
  return field;
}

/** The option for a field of the command. */
export function optionFor(type: CommandType, name: string): OptionSpec {
  const field = fieldOf(type, name);
  return {
    flags: flagsOf(name, field),
    about: field.about,
    ...choicesOf(field),
    ...(field.optional ? {} : { required: true }),
    ...(field.is === 'texts' ? { many: true } : {}),
  };
}

const PLACEHOLDERS: Readonly<Record<string, string>> = { flag: 'answer', count: 'number', day: 'day' };

function flagsOf(name: string, { is, flags }: Field): string {
  if (flags !== undefined) return flags;
  return `--${kebab(name)} <${typeof is === 'string' ? (PLACEHOLDERS[is] ?? 'text') : kebab(name)}>`;
}

function choicesOf(field: Field): { readonly choices?: readonly string[] } {
  const { is, choices: taken } = field;
  const choices = typeof is === 'string' ? (is === 'flag' ? ['yes', 'no'] : taken) : wordsOf(field);
  return choices === undefined ? {} : { choices };
}

/** The value of each field; undefined where none was given. */
export function fieldValues(call: CommandCall, type: CommandType): Readonly<Record<string, unknown>> {
  const fields = Object.entries(fieldsOf(type));
  return Object.fromEntries(fields.map(([name, field]) => [name, fieldValue(call, name, field)]));
}

function fieldValue({ args, options }: CommandCall, name: string, field: Field): unknown {
  const flags = flagsOf(name, field);
  const option = new Option(flags).attributeName();
  if (field.is === 'texts') {
    const texts = options.list(option);
    return texts.length === 0 ? undefined : texts;
  }
  const text = args[name] ?? options.text(option);
  if (text === undefined) return undefined;
  if (field.is === 'flag') return text === 'yes';
  return field.is === 'count' ? wholeNumber(text, flags) : text;
}

function wholeNumber(text: string, flags: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `${flags}: expected a whole number, not ${text}`);
}
