/** What is wrong with a configuration: everything at once, each with its place and what to do about it. */

/** Where in the tree: keys of mappings and indices of lists, from the top. */
export type Path = readonly (string | number)[];

/** A mistake before its line is known. `message` says the remedy. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

export interface ConfigProblem {
  readonly file: string;
  /** From 1; null when the mistake is the file itself. */
  readonly line: number | null;
  /** Dotted path, e.g. `teams.platform.escalation[1]`; empty for the whole file. */
  readonly at: string;
  readonly message: string;
}

/** Thrown by `loadConfig`. The exit code is the caller's business: 78. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(problemLine).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }

  /** For the terminal: one line a problem, then the count. */
  format(): string {
    const count = this.problems.length === 1 ? '1 problem' : `${this.problems.length} problems`;
    return [...this.problems.map(problemLine), `configuration: ${count}, nothing started`].join('\n');
  }
}

/** For people: `tocsin.yaml:12: teams.platform.onCall: …`. */
export function problemLine({ file, line, at, message }: ConfigProblem): string {
  const place = line === null ? file : `${file}:${line}`;
  return oneLine(at === '' ? `${place}: ${message}` : `${place}: ${at}: ${message}`);
}

/** The file's own text may be in it: no control characters reach the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** `['teams', 'a', 'escalation', 1]` → `teams.a.escalation[1]`. */
export function formatPath(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}
