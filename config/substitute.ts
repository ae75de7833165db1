/**
 * `${NAME}` from the environment and `${file:/path}` from a file, inside text values only and after parsing, so that
 * no secret can add a key. `$${` is a plain `${`.
 */
import { isAbsolute } from 'node:path';
import { type Finding, type Path } from './problems.ts';
import { readSmallFile } from '../runtime/files.ts';

export type ProcessEnv = Readonly<Record<string, string | undefined>>;

const SECRET_FILE_LIMIT = 64 * 1024;
const REFERENCE = /\$?\$\{([^{}]*)\}/g;

export interface Substituted {
  readonly tree: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
  /** True when the value at `path` came from outside the file, at least in part. */
  readonly fromOutside: (path: Path) => boolean;
}

/** Replaces every reference in `tree`; a value with a missing one is left as it is written. */
export function substitute(tree: Substituted['tree'], env: ProcessEnv): Substituted {
  const findings: Finding[] = [];
  const outside = new Set<string>();
  const visit = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]));
    }
    if (typeof value !== 'string' || !value.includes('${')) return value;
    return value.replace(REFERENCE, (written, name: string) => {
      if (written.startsWith('$$')) return written.slice(1);
      outside.add(JSON.stringify(path));
      const found = lookUpVariable(name, env);
      if ('value' in found) return found.value;
      findings.push({ path, message: found.missing });
      return written;
    });
  };
  return {
    tree: visit(tree, []) as Substituted['tree'],
    findings,
    fromOutside: (path) => outside.has(JSON.stringify(path)),
  };
}

function lookUpVariable(name: string, env: ProcessEnv): { readonly value: string } | { readonly missing: string } {
  if (name.startsWith('file:')) return lookUpFile(name.slice('file:'.length));
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { missing: `\${${name}} is no name: write \${NAME}, \${file:/path}, or $\${ for a plain \${` };
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined && value.trim() !== '') return { value: value.toWellFormed() };
  const state = value === undefined ? 'is not set' : 'is empty';
  return { missing: `the environment variable ${name} ${state}: set it, or write \${file:/path/to/it}` };
}

function lookUpFile(path: string): { readonly value: string } | { readonly missing: string } {
  if (!isAbsolute(path)) return { missing: `\${file:${path}}: write the whole path, from /` };
  const read = readSmallFile(path, SECRET_FILE_LIMIT);
  if ('reason' in read) return { missing: `the file ${path} ${read.reason}` };
  const value = read.text.replace(/\r?\n$/, '');
  return value.trim() === '' ? { missing: `the file ${path} is empty: write the value into it` } : { value };
}
