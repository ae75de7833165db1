/**
 * The file as far as it can be read: of a section with a mistake everything that is right is kept, so that one mistake
 * does not hide the others. What the sections say of each other is judged on this, and the configuration is made of it.
 */
import { vendorSettingsIn, type VendorSettings } from '../providers/vendors.ts';
import type { ParsedSections } from './config.ts';
import { ALL_SECTIONS, fileSchema } from './file-schema.ts';
import { isWithinPath, toFindings, valueAt, type Finding, type Path } from './problems.ts';
import { readablePart, UNREADABLE } from './readable-part.ts';
import type { ProcessEnv } from './substitute.ts';

export interface DraftOrigin {
  /** Null: the sample organization. */
  readonly file: string | null;
  readonly env: ProcessEnv;
}

type Tree = Readonly<Record<string, unknown>>;

export class ConfigDraft {
  readonly sections: ParsedSections;
  readonly vendors: VendorSettings;
  readonly file: string | null;
  readonly env: ProcessEnv;
  /** The schema's findings, and what the environment lacks. */
  readonly findings: readonly Finding[];
  readonly #tree: Tree;
  readonly #origins = new Map<string, (path: Path) => Path>();

  /** Reads the plain values of a file. `missing`: values that the environment did not give. Never throws. */
  constructor(tree: Tree, missing: readonly Finding[], { file, env }: DraftOrigin) {
    // A section whose every line is commented out is no section.
    this.#tree = Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
    this.file = file;
    this.env = env;
    const parsed = fileSchema.safeParse(this.#tree);
    const wrong = parsed.success ? [] : toFindings(parsed.error.issues, this.#tree);
    // What the schema thinks of a value whose `${NAME}` is missing is noise: that has its finding already.
    this.findings = [...missing, ...wrong.filter(({ path }) => !missing.some((each) => isWithinPath(each.path, path)))];
    this.sections = Object.fromEntries(
      Object.entries(ALL_SECTIONS).flatMap(([key, { schema }]) => {
        const { data, origin } = readablePart(schema, this.#tree[key]);
        this.#origins.set(key, origin);
        return data === UNREADABLE ? [] : [[key, data]];
      }),
    );
    this.vendors = vendorSettingsIn(this.sections);
  }

  /** Something is written there, be it right or wrong. */
  readonly isGiven = (...path: string[]): boolean => valueAt(this.#tree, path) !== undefined;

  /** There is a finding at this path or below it: what is missing there may only be misspelt. */
  readonly isBroken = (...path: Path): boolean =>
    this.findings.some((finding) => isWithinPath(finding.path, this.originOf(path)));

  /** The names that a section defines, those of which nothing can be read among them. */
  namesIn(section: 'people' | 'teams' | 'services' | 'schedules'): ReadonlySet<string> {
    const given = this.#tree[section];
    return new Set(typeof given === 'object' && !Array.isArray(given) ? Object.keys(given ?? {}) : []);
  }

  /** Where in the file a path of the draft is: lists have closed the gaps that mistakes have left. */
  originOf([key, ...rest]: Path): Path {
    const origin = this.#origins.get(String(key));
    return key === undefined ? [] : [key, ...(origin?.(rest) ?? rest)];
  }
}
