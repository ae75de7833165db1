/**
 * Arguments and options as the table describes them, checked before anything is sent: texts are cleaned, bounded and
 * never empty, words of a fixed set are taken in any case. Throws commander's own errors, which end as exit code 64.
 */
import { Argument, InvalidArgumentError, Option } from 'commander';

import { TEXT_LIMIT } from '../../domain/kernel/fields.ts';
import type { ArgumentSpec, CommandOptions, OptionSpec } from '../command.ts';
import { cleanInput } from '../text/terminal-text.ts';

export function argumentOf({ name, about, optional, choices }: ArgumentSpec): Argument {
  const shown = choices === undefined ? about : `${about} (${choices.join(', ')})`;
  const parse = choices !== undefined ? choiceOf(choices) : name === 'id' ? incidentId : requiredText;
  return new Argument(optional ? `[${name}]` : `<${name}>`, shown).argParser(parse);
}

export function optionOf({ flags, about, required, many, choices }: OptionSpec): Option {
  if (!flags.includes('<')) return new Option(flags, about);
  const parse = choices === undefined ? requiredText : choiceOf(choices);
  const shown = choices === undefined ? about : `${about} (${choices.join(', ')})`;
  const option = new Option(flags, many ? `${shown}; may be repeated` : shown).makeOptionMandatory(required === true);
  return many
    ? option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), parse(text)])
    : option.argParser(parse);
}

/** `--id <id>`, for commands that take an incident and nothing else. */
export function idOption(): Option {
  return new Option('--id <id>', 'the incident, as an option').argParser(incidentId);
}

export function textOption(flags: string, about: string): Option {
  return optionOf({ flags, about });
}

/** Reads what commander collected; a name that no option has is a mistake of ours and reads as absent. */
export function optionsOf(values: Readonly<Record<string, unknown>>): CommandOptions {
  return {
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    list: (name) => (Array.isArray(values[name]) ? values[name].filter((item) => typeof item === 'string') : []),
    flag: (name) => values[name] === true,
  };
}

function requiredText(text: string): string {
  const clean = cleanInput(text);
  if (clean === '') throw new InvalidArgumentError('It is empty.');
  if (clean.length > TEXT_LIMIT) throw new InvalidArgumentError(`It is longer than ${TEXT_LIMIT} characters.`);
  return clean;
}

/** As the server takes it; null for what names no incident. */
export function incidentIdOf(text: string): string | null {
  // Numbers in any case; no workflow id looks like one, since it ends with a long hash.
  if (/^inc-(\d{4}-)?\d{1,9}$/i.test(text)) return text.toUpperCase();
  return /^[\w.:-]{1,200}$/.test(text) && /\w/.test(text) ? text : null;
}

function incidentId(text: string): string {
  const id = incidentIdOf(text);
  if (id !== null) return id;
  throw new InvalidArgumentError('An incident is named by its workflow id, INC-YYYY-NNN or INC-NNN.');
}

/** `tech-lead` and `Tech Lead` are the same: only letters and digits count. */
function choiceOf(choices: readonly string[]): (text: string) => string {
  return (text) => {
    const found = choices.find((choice) => normalized(choice) === normalized(text));
    if (found === undefined) throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`);
    return found;
  };
}

function normalized(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
