/** Words and options of commands that take any option: what is no option of their own is a parameter. */
import { CliError, EXIT } from './failure.ts';
import { cleaned } from './text.ts';

export interface Given {
  readonly words: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

const OPTION = /^--([a-z][\w-]{0,63})(?:=([^]*))?$/i;

/** `--last=10m`, `--last 10m` and `--force` (which is "true"). Throws `CliError` (64) for anything else with a dash. */
export function givenIn(argv: readonly string[]): Given {
  const words: string[] = [];
  const parameters = new Map<string, string>();
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    if (!word.startsWith('-')) {
      words.push(cleaned(word));
      continue;
    }
    const [, name, value] = OPTION.exec(word) ?? [];
    if (name === undefined) throw new CliError(EXIT.usage, `no parameter: ${word}; write --name=value`);
    if (parameters.has(name)) throw new CliError(EXIT.usage, `--${name} is given twice`);
    const next = argv[i + 1];
    const isApart = value === undefined && next !== undefined && !next.startsWith('-');
    if (isApart) i += 1;
    parameters.set(name, cleaned(value ?? (isApart ? next : 'true')));
  }
  return { words, parameters: Object.fromEntries(parameters) };
}
