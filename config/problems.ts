/** The problems of a configuration: all at once, each with its path and what to do about it. */

import type { z } from 'zod';

/** Where in the tree: keys of mappings and indices of lists, from the top. */
export type Path = readonly (string | number)[];

/** A mistake before its line is known. `message` includes the remedy. */
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

type Issue = z.core.$ZodIssue;

/**
 * The schema's complaints: one finding for each mistake, at its place. `tree` is what was judged: a missing value reads
 * differently from a wrong one.
 */
export function toFindings(issues: readonly Issue[], tree: unknown, base: Path = []): readonly Finding[] {
  return issues.flatMap((issue): readonly Finding[] => {
    const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (issue.code === 'unrecognized_keys') {
      const remedies = issue.message.split('\n');
      return issue.keys.map((key, index) => ({ path: [...path, key], message: remedies[index] ?? 'unknown key' }));
    }
    if (issue.code === 'invalid_key') {
      return [{ path, message: issue.issues.map(({ message }) => message).join('; ') }];
    }
    const branch = issue.code === 'invalid_union' ? meantBranch(issue.errors) : null;
    if (branch) return toFindings(branch, tree, path);
    const missing = issue.code !== 'custom' && valueAt(tree, path) === undefined;
    return [{ path, message: missing ? `required but missing: ${issue.message}` : issue.message }];
  });
}

/** The branch whose kind (text, list, mapping) was right: its complaints are the useful ones. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const wrongKind = ({ code, path }: Issue): boolean =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union');
  const meant = branches.filter((issues) => !issues.some(wrongKind));
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

/** `path` is `place`, or below it. */
export const isWithinPath = (path: Path, place: Path): boolean => place.every((step, i) => step === path[i]);

/** The value at `path`; undefined when there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
