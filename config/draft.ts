/**
 * The file entry by entry: a broken person or route is null here (and a finding), so that one mistake does not hide
 * the others. The checks across sections run on this, and so does the building of the configuration.
 */
import { type z } from 'zod';
import { toFindings, valueAt } from './issues.ts';
import { type Finding } from './problems.ts';
import {
  fileSchema,
  type FileInput,
  type PersonInput,
  type RouteInput,
  type ServiceInput,
  type TeamInput,
} from './schema/file.ts';

type Entries<T> = ReadonlyMap<string, T | null>;

export interface Draft {
  /** Everything but the four sections below; a broken section is absent. */
  readonly rest: Partial<Omit<FileInput, 'people' | 'teams' | 'services' | 'routes'>>;
  readonly people: Entries<PersonInput>;
  readonly teams: Entries<TeamInput>;
  readonly services: Entries<ServiceInput>;
  readonly routes: readonly (RouteInput | null)[];
  /** Sections that are there and wrong, so that what they hold is not known. */
  readonly broken: ReadonlySet<string>;
  /** Names under `schedules`. */
  readonly schedules: ReadonlySet<string>;
}

export interface Reading {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
}

const { shape } = fileSchema;
/** The sections that are read entry by entry. */
const ENTRIES: readonly string[] = ['people', 'teams', 'services', 'routes'];

/** Reads the plain values of a file. Never throws. */
export function readDraft(tree: Readonly<Record<string, unknown>>): Reading {
  // A section whose every line is commented out is no section.
  const present = Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
  const whole = fileSchema.safeParse(present);
  const findings = whole.success ? [] : toFindings(whole.error.issues, present);
  const schedules = valueAt(present, ['schedules']);
  const rest = readRest(present);
  return {
    findings,
    draft: {
      rest,
      broken: new Set(Object.keys(present).filter((key) => !ENTRIES.includes(key) && !Object.hasOwn(rest, key))),
      people: readEntries(present.people, shape.people.valueType),
      teams: readEntries(present.teams, shape.teams.valueType),
      services: readEntries(present.services, shape.services.unwrap().valueType),
      routes: Array.isArray(present.routes)
        ? present.routes.map((route) => shape.routes.element.safeParse(route).data ?? null)
        : [],
      schedules: new Set(isMapping(schedules) ? Object.keys(schedules) : []),
    },
  };
}

function readRest(tree: Readonly<Record<string, unknown>>): Draft['rest'] {
  const sections = Object.entries(shape).flatMap(([key, schema]) => {
    if (ENTRIES.includes(key) || !Object.hasOwn(tree, key)) return [];
    const read = schema.safeParse(tree[key]);
    return read.success ? [[key, read.data] as const] : [];
  });
  return Object.fromEntries(sections);
}

function readEntries<S extends z.ZodType>(section: unknown, schema: S): Entries<z.output<S>> {
  if (!isMapping(section)) return new Map();
  return new Map(Object.entries(section).map(([name, value]) => [name, schema.safeParse(value).data ?? null]));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
