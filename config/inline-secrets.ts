/** Which values of a file are secrets, and which of them stand in it in the clear. */
import { VENDOR_PLACES } from '../providers/vendors.ts';
import { valueAt } from './schema-issues.ts';
import { formatPath, type Path } from './config-problems.ts';

/** `*` is any key or index. */
const SECRETS: readonly (readonly string[])[] = [
  ['sources', '*', 'token'],
  ['sources', '*', 'api', 'token'],
  ['sources', 'grafana', 'hmacSecret'],
  ['sources', 'pagerdutyEvents', 'routingKeys', '*'],
  ['tickets', 'jira', 'token'],
  ['heartbeats', '*', 'token'],
  ['evidence', '*', 'token'],
  ['lastResort', 'heartbeat'],
  ...VENDOR_PLACES.flatMap(({ secrets }) => secrets),
];

/** Addresses that may carry a password before the `@`. */
const ADDRESSES: readonly (readonly string[])[] = [
  ...VENDOR_PLACES.flatMap(({ addresses }) => addresses),
  ['people', '*', 'contact', '*', 'webhook'],
  ['lastResort', 'contact', '*', 'webhook'],
  ['evidence', '*', 'webhook'],
  ['stakeholders', '*', 'contact', '*', 'webhook'],
  ['stakeholders', '*', 'contact', 'webhook'],
];

/** Paths, as text, of secrets written in the file itself. `fromOutside`: the value came from env or a file. */
export function inlineSecrets(tree: unknown, fromOutside: (path: Path) => boolean): readonly string[] {
  const inline = (path: Path): boolean => {
    const value = valueAt(tree, path);
    return typeof value === 'string' && value !== 'none' && value !== '' && !fromOutside(path);
  };
  const hasPassword = (path: Path): boolean => {
    const value = valueAt(tree, path);
    return typeof value === 'string' && URL.canParse(value) && new URL(value).password !== '';
  };
  return [
    ...SECRETS.flatMap((pattern) => expand(tree, pattern)).filter(inline),
    ...ADDRESSES.flatMap((pattern) => expand(tree, pattern)).filter((path) => inline(path) && hasPassword(path)),
  ].map(formatPath);
}

function expand(tree: unknown, pattern: readonly string[]): readonly Path[] {
  return pattern.reduce<readonly Path[]>(
    (paths, step) => paths.flatMap((path) => (step === '*' ? children(tree, path) : [[...path, step]])),
    [[]],
  );
}

function children(tree: unknown, path: Path): readonly Path[] {
  const value = valueAt(tree, path);
  if (Array.isArray(value)) return value.map((_, index) => [...path, index]);
  return typeof value === 'object' && value !== null ? Object.keys(value).map((key) => [...path, key]) : [];
}
