/**
 * What a configuration is made of. `Section` is one top-level key of the file; `Config` is the whole after loading:
 * checked, defaults filled in, durations in milliseconds, secrets resolved. Only `load.ts` makes one.
 */
import type { z } from 'zod';
import type { VendorSettings } from '../providers/vendors.ts';
import type { ConfigDraft } from './draft.ts';
import type { Path } from './problems.ts';
import type * as SECTIONS from './sections/index.ts';

/**
 * One key of the file: what may be written there, what holds where nothing is, and what is doubtful. `Parsed` is what
 * the schema makes of it, `Value` what the rest of Tocsin sees. Names (of people, teams, services) are keys of Maps, so
 * that no name can be mistaken for a property of Object.
 */
export interface Section<Value, Parsed = Value> {
  readonly schema: z.ZodType<Parsed>;
  /**
   * Fills in defaults that come from other sections, and reports contradictions with them. The draft holds only what the
   * schemas accept. Required where `Value` is not `Parsed`.
   */
  complete?(parsed: Parsed, draft: ConfigDraft, report: Report): Value;
  /** Settings that this version does not act on, one line each. Called only if the file has the section. */
  notSupportedYet?(parsed: Parsed): readonly string[];
  /** Valid, but somebody will be sorry at 3 a.m. */
  warnings?(value: Value, config: Settings): readonly string[];
}

/** `path` starts at the section. `message` includes the remedy. */
export type Report = (path: Path, message: string) => void;

type Sections = typeof SECTIONS;
type ParsedOf<S> = S extends Section<infer _Value, infer Parsed> ? Parsed : never;
type ValueOf<S> = S extends Section<infer Value, infer _Parsed> ? Value : never;

/** What could be read of each section; a section of which nothing can be read is absent. */
export type ParsedSections = { readonly [K in keyof Sections]?: ParsedOf<Sections[K]> };

type OwnSettings = { readonly [K in keyof Sections]: ValueOf<Sections[K]> };

/** Every section of the file by its key. */
export interface Settings extends OwnSettings {
  /** The file's settings for vendors, by the vendor's name, wherever they appear. */
  readonly vendors: VendorSettings;
}

export interface Config extends Settings {
  /** The file it came from; null: the sample organization. */
  readonly file: string | null;
  /** Settings that this version reads but does not act on yet, one line each; printed at start. */
  readonly notSupportedYet: readonly string[];
  /** Valid but doubtful settings; printed at start and by `tocsin config check`. */
  readonly warnings: readonly string[];
}
