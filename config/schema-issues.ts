/** The schema's complaints → findings: one for each mistake, at its place, in words that say what to write. */
import { type z } from 'zod';
import { type Finding, type Path } from './config-problems.ts';

type Issue = z.core.$ZodIssue;

/** `tree` is what was judged: a missing value reads differently from a wrong one. */
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
    const missing = valueAt(tree, path) === undefined;
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

/** The value at `path`; undefined when there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
