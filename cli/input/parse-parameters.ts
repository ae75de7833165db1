/** Words and options of commands that take any option: what is no option of their own is a parameter. */
import { CliError, EXIT } from '../cli-error.ts';
import { cleanInput } from '../text/terminal-text.ts';

export interface WordsAndParameters {
  readonly words: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

const OPTION = /^--([a-z][\w-]{0,63})(?:=([^]*))?$/i;

/** `--last=10m`, `--last 10m` and `--force` (which is "true"). Throws `CliError` (64) for anything else with a dash. */
export function parseWordsAndParameters(argv: readonly string[]): WordsAndParameters {
  const words: string[] = [];
  const parameters = new Map<string, string>();
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    if (!word.startsWith('-')) {
      words.push(cleanInput(word));
      continue;
    }
    const [, name, value] = OPTION.exec(word) ?? [];
    if (name === undefined) throw new CliError(EXIT.usage, `no parameter: ${word}; write --name=value`);
    if (parameters.has(name)) throw new CliError(EXIT.usage, `--${name} is given twice`);
    const next = argv[i + 1];
    const isApart = value === undefined && next !== undefined && !next.startsWith('-');
    if (isApart) i += 1;
    parameters.set(name, cleanInput(value ?? (isApart ? next : 'true')));
  }
  return { words, parameters: Object.fromEntries(parameters) };
}
