/**
 * The file as far as it can be read: of a person, a route or a section with a mistake everything that is right is kept, so
 * that one mistake does not hide the others. The checks across sections run on this, and so does the building of the
 * configuration.
 */
import { type z } from 'zod';
import { toFindings, valueAt } from './schema-issues.ts';
import { type Finding, type Path } from './config-problems.ts';
import { readablePart } from './readable-part.ts';
import {
  fileSchema,
  type FileInput,
  type PersonInput,
  type RouteInput,
  type ServiceInput,
  type TeamInput,
} from './schema/config-file.ts';

type Entries<T> = ReadonlyMap<string, T | null>;

/** An entry of which nothing can be read is null. */
export interface ConfigDraft {
  /** Everything but the four sections below; one of which nothing can be read is absent. */
  readonly otherSections: Partial<Omit<FileInput, 'people' | 'teams' | 'services' | 'routes'>>;
  readonly people: Entries<PersonInput>;
  readonly teams: Entries<TeamInput>;
  readonly services: Entries<ServiceInput>;
  readonly routes: readonly (RouteInput | null)[];
  /** Something at that place, or in it, is a finding already: what is missing there may only be misspelt. */
  readonly isBroken: (path: Path) => boolean;
  /** Names under `schedules`. */
  readonly schedules: ReadonlySet<string>;
}

export interface DraftResult {
  readonly draft: ConfigDraft;
  readonly findings: readonly Finding[];
  /** Where in the file a path of the draft is. */
  readonly origin: (path: Path) => Path;
}

const { shape } = fileSchema;
/** The sections that are read entry by entry. */
const ENTRIES: readonly string[] = ['people', 'teams', 'services', 'routes'];

/** Reads the plain values of a file. `missing`: values that the environment did not give. Never throws. */
export function readDraft(tree: Readonly<Record<string, unknown>>, missing: readonly Finding[]): DraftResult {
  // A section whose every line is commented out is no section.
  const present = Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
  const parsedFile = fileSchema.safeParse(present);
  const findings = parsedFile.success ? [] : toFindings(parsedFile.error.issues, present);
  const origins = new Map<string, Origin>();
  const readSection = <S extends z.ZodType>(schema: S, value: unknown, ...at: Path): z.output<S> | null => {
    const { data, origin } = readablePart(schema, value);
    origins.set(JSON.stringify(at), origin);
    return data;
  };
  const entries = <S extends z.ZodType>(section: string, schema: S): Entries<z.output<S>> =>
    new Map(
      Object.entries(mappingOf(present[section])).map(([name, value]) => [
        name,
        readSection(schema, value, section, name),
      ]),
    );
  const { routes } = present;
  const draft: ConfigDraft = {
    otherSections: readRest(present, readSection),
    people: entries('people', shape.people.valueType),
    teams: entries('teams', shape.teams.valueType),
    services: entries('services', shape.services.unwrap().valueType),
    routes: Array.isArray(routes)
      ? routes.map((route, i) => readSection(shape.routes.element, route, 'routes', i))
      : [],
    isBroken: (path) => [...findings, ...missing].some((finding) => isWithinPath(finding.path, path)),
    schedules: new Set(Object.keys(mappingOf(valueAt(present, ['schedules'])))),
  };
  return { draft, findings, origin: (path) => originIn(origins, path) };
}

type Origin = (path: Path) => Path;
type Read = <S extends z.ZodType>(schema: S, value: unknown, ...at: Path) => z.output<S> | null;

/** `path` is `place`, or lies in it. */
export const isWithinPath = (path: Path, parentPath: Path): boolean => parentPath.every((step, i) => step === path[i]);

/** An entry of a section, or a section, was read by itself: its origin knows the rest of the path. */
function originIn(origins: ReadonlyMap<string, Origin>, path: Path): Path {
  const length = ENTRIES.includes(String(path[0])) ? 2 : 1;
  const at = path.slice(0, length);
  const origin = origins.get(JSON.stringify(at));
  return origin === undefined ? path : [...at, ...origin(path.slice(length))];
}

function readRest(tree: Readonly<Record<string, unknown>>, readSection: Read): ConfigDraft['otherSections'] {
  const sections = Object.entries(shape).flatMap(([key, schema]) => {
    if (ENTRIES.includes(key) || !Object.hasOwn(tree, key)) return [];
    const data = readSection(schema, tree[key], key);
    return data === null ? [] : [[key, data] as const];
  });
  return Object.fromEntries(sections);
}

function mappingOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
