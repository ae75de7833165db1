/**
 * The first words of a command line that are no command of ours: other names of one, natural words for one, misspelt
 * ones. All of them stand with their command, in `aliases` and `suggestedFor`.
 */
import { closest } from '../config/nearest.ts';
import type { Alias, CommandSpec } from './command.ts';
import { CliError, EXIT } from './failure.ts';

/** `['acknowledge', 'INC-1']` → `['ack', 'INC-1']`; `['help', 'ls']` → `['list', '--help']`. */
export function withoutAliases(argv: readonly string[], commands: readonly CommandSpec[]): readonly string[] {
  if (argv[0] === 'help' && argv.length > 1) return withoutAliases([...argv.slice(1), '--help'], commands);
  for (const { name, aliases = [] } of commands) {
    for (const alias of aliases) {
      const words = nameOf(alias).split(' ');
      if (!words.every((word, i) => word === argv[i])) continue;
      const options = typeof alias === 'string' ? [] : alias.slice(1);
      return [...name.split(' '), ...options, ...argv.slice(words.length)];
    }
  }
  return argv;
}

export const nameOf = (alias: Alias): string => (typeof alias === 'string' ? alias : alias[0]);

/** Throws `CliError` (64) for a first word that begins no command, with those that may be meant. */
export function insistOnCommand(argv: readonly string[], commands: readonly CommandSpec[]): void {
  const [word] = argv;
  if (word === undefined || word.startsWith('-') || word === 'help' || isBeginning(word, commands)) return;
  const meant = meantBy(word, commands);
  const width = Math.max(...meant.map(({ name }) => name.length));
  const lines = [
    ...(meant.length === 0 ? [] : [meant.length === 1 ? 'Did you mean this?' : 'Did you mean one of these?']),
    ...meant.map(({ name, about }) => `  tocsin ${name.padEnd(width)}  ${about}`),
    '(tocsin --help lists all commands)',
  ];
  throw new CliError(EXIT.usage, `unknown command '${word}'`, { hint: lines.join('\n') });
}

const isBeginning = (word: string, commands: readonly CommandSpec[]): boolean =>
  commands.some(({ name }) => name.split(' ')[0] === word);

function meantBy(word: string, commands: readonly CommandSpec[]): readonly CommandSpec[] {
  const said = word.toLowerCase();
  const natural = commands.filter(({ suggestedFor = [] }) => suggestedFor.includes(said));
  if (natural.length > 0) return natural;
  // A misspelt name counts before a misspelt word for it.
  const byName = closest(said, commands.flatMap(namesOf));
  const near =
    byName.length > 0
      ? byName
      : closest(
          said,
          commands.flatMap(({ suggestedFor = [] }) => suggestedFor),
        );
  return commands.filter((spec) =>
    [...namesOf(spec), ...(spec.suggestedFor ?? [])].some((name) => near.includes(name)),
  );
}

/** The words it can begin with. */
const namesOf = ({ name, aliases = [] }: CommandSpec): readonly string[] => [
  ...new Set([name, ...aliases.map(nameOf)].map((words) => words.split(' ')[0] ?? '')),
];
