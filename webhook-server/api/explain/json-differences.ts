/** Where two JSON values differ. Pure. */

/** A policy that was rewritten needs no longer list. */
const LISTED = 20;

/** Dotted paths, in the order of `a`; lists are compared whole. */
export function jsonDifferences(a: unknown, b: unknown, path = ''): readonly string[] {
  if (!isObject(a) || !isObject(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const below = names.flatMap((name) => jsonDifferences(a[name], b[name], path === '' ? name : `${path}.${name}`));
  return below.slice(0, LISTED);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
