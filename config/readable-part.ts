/**
 * What a schema can still read of a value that has mistakes, so that one mistake does not hide the others: what is wrong
 * is taken out, piece by piece, until the rest can be read.
 */
import { type z } from 'zod';
import { isWithinPath, toFindings, valueAt, type Path } from './problems.ts';

export const UNREADABLE = Symbol('unreadable');

export interface ReadablePart<T> {
  /** `UNREADABLE`: nothing could be kept. */
  readonly data: T | typeof UNREADABLE;
  /** Where something of `data` stands in the value as it was given: lists have closed the gaps. */
  readonly origin: (path: Path) => Path;
}

/** Taking something out may make its surroundings wrong, a few times over. */
const ROUNDS = 20;
/** Each takes a few readings; beyond them the surroundings of what is missing are taken out. */
const STAND_INS_AT_MOST = 30;

/** Never throws; leaves `value` as it is. */
export function readablePart<S extends z.ZodType>(schema: S, value: unknown): ReadablePart<z.output<S>> {
  const root: unknown = structuredClone(value);
  const indices = new WeakMap<object, number[]>();
  let standIns = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const read = schema.safeParse(root);
    if (read.success) return { data: read.data, origin: (path) => originalPath(root, path, indices) };
    const wrong = toFindings(read.error.issues, root).flatMap(({ path }): readonly Path[] => {
      if (path.length === 0 || valueAt(root, path) !== undefined) return [path];
      // What is required and missing gets a stand-in, so that the rest of its mapping can be judged.
      const isMended = standIns++ < STAND_INS_AT_MOST && standIn(schema, root, path);
      return isMended ? [] : [path.slice(0, -1)];
    });
    if (wrong.some(({ length }) => length === 0)) break;
    for (const path of lastFirst(wrong)) takeOut(root, path, indices);
  }
  return { data: UNREADABLE, origin: (path) => path };
}

/** Each place once, and none in another that goes as well; of a list the last first, so that the others keep their index. */
function lastFirst(paths: readonly Path[]): readonly Path[] {
  const places = new Map(paths.map((path) => [JSON.stringify(path), path]));
  const isInAnother = (path: Path): boolean =>
    path.some((_, i) => i > 0 && places.has(JSON.stringify(path.slice(0, i))));
  return [...places.values()]
    .filter((path) => !isInAnother(path))
    .sort(byPlace)
    .reverse();
}

function byPlace(a: Path, b: Path): number {
  const i = a.findIndex((step, at) => step !== b[at]);
  const [one, other] = [a[i], b[i]];
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one) < String(other) ? -1 : 1;
}

const STAND_INS: readonly unknown[] = [
  '1h', // a duration, a name, a text, a token
  'https://stand-in.invalid',
  { webhook: 'https://stand-in.invalid' },
];

function standIn(schema: z.ZodType, root: unknown, path: Path): boolean {
  const parent = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent) || typeof key !== 'string') return false;
  const mapping = parent as Record<string, unknown>;
  for (const candidate of STAND_INS) {
    mapping[key] = candidate;
    const read = schema.safeParse(root);
    const isWrong =
      !read.success && toFindings(read.error.issues, root).some((found) => isWithinPath(found.path, path));
    if (!isWrong) return true;
  }
  delete mapping[key];
  return false;
}

function takeOut(root: unknown, path: Path, indices: WeakMap<object, number[]>): void {
  const parent = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof parent !== 'object' || parent === null || key === undefined) return;
  if (!Array.isArray(parent)) {
    delete (parent as Record<string | number, unknown>)[key];
    return;
  }
  const kept = indices.get(parent) ?? parent.map((_, i) => i);
  kept.splice(Number(key), 1);
  parent.splice(Number(key), 1);
  indices.set(parent, kept);
}

function originalPath(root: unknown, path: Path, indices: WeakMap<object, number[]>): Path {
  return path.map((step, i) => {
    const parent = valueAt(root, path.slice(0, i));
    const kept = typeof parent === 'object' && parent !== null ? indices.get(parent) : undefined;
    return typeof step === 'number' ? (kept?.[step] ?? step) : step;
  });
}
