/**
 * The first words of a command line that are no command of ours: other names of one, natural words for one, misspelt
 * ones. All of them stand with their command, in `aliases` and `suggestedFor`.
 */
import { closestWords } from '../../runtime/did-you-mean.ts';
import type { Alias, CommandSpec } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';

/** `['acknowledge', 'INC-1']` → `['ack', 'INC-1']`; `['help', 'ls']` → `['list', '--help']`. */
export function withoutAliases(argv: readonly string[], commands: readonly CommandSpec[]): readonly string[] {
  if (argv[0] === 'help' && argv.length > 1) return withoutAliases([...argv.slice(1), '--help'], commands);
  for (const { name, aliases = [] } of commands) {
    for (const alias of aliases) {
      const words = aliasName(alias).split(' ');
      if (!words.every((word, i) => word === argv[i])) continue;
      const options = typeof alias === 'string' ? [] : alias.slice(1);
      return [...name.split(' '), ...options, ...argv.slice(words.length)];
    }
  }
  return argv;
}

export const aliasName = (alias: Alias): string => (typeof alias === 'string' ? alias : alias[0]);

/** Throws `CliError` (64) for a first word that begins no command, with those that may be meant. */
export function requireCommand(argv: readonly string[], commands: readonly CommandSpec[]): void {
  const [word] = argv;
  if (word === undefined || word.startsWith('-') || word === 'help' || startsACommand(word, commands)) return;
  const suggestions = suggestionsFor(word, commands);
  const width = Math.max(...suggestions.map(({ name }) => name.length));
  const lines = [
    ...(suggestions.length === 0
      ? []
      : [suggestions.length === 1 ? 'Did you mean this?' : 'Did you mean one of these?']),
    ...suggestions.map(({ name, about }) => `  tocsin ${name.padEnd(width)}  ${about}`),
    '(tocsin --help lists all commands)',
  ];
  throw new CliError(EXIT.usage, `unknown command '${word}'`, { hint: lines.join('\n') });
}

const startsACommand = (word: string, commands: readonly CommandSpec[]): boolean =>
  commands.some(({ name }) => name.split(' ')[0] === word);

function suggestionsFor(word: string, commands: readonly CommandSpec[]): readonly CommandSpec[] {
  const typed = word.toLowerCase();
  const bySynonym = commands.filter(({ suggestedFor = [] }) => suggestedFor.includes(typed));
  if (bySynonym.length > 0) return bySynonym;
  // A misspelt name counts before a misspelt word for it.
  const byName = closestWords(typed, commands.flatMap(namesOf));
  const near =
    byName.length > 0
      ? byName
      : closestWords(
          typed,
          commands.flatMap(({ suggestedFor = [] }) => suggestedFor),
        );
  return commands.filter((spec) =>
    [...namesOf(spec), ...(spec.suggestedFor ?? [])].some((name) => near.includes(name)),
  );
}

/** The words it can begin with. */
const namesOf = ({ name, aliases = [] }: CommandSpec): readonly string[] => [
  ...new Set([name, ...aliases.map(aliasName)].map((words) => words.split(' ')[0] ?? '')),
];
