/** Names under `queries` and `actions`: what they do is for the version that runs them. */
import { type Config } from './config.ts';
import { type ConfigDraft } from './draft.ts';

export function toActionAndQueryNames({
  queries,
  actions,
}: ConfigDraft['otherSections']): Pick<Config, 'queries' | 'actions'> {
  return { queries: namesIn(queries), actions: namesIn(actions) };
}

/** The keys of a mapping; the `name`s of a list. */
function namesIn(section: unknown): ReadonlySet<string> {
  if (typeof section !== 'object' || section === null) return new Set();
  if (!Array.isArray(section)) return new Set(Object.keys(section));
  const names = section.map((entry: unknown) => (entry as { readonly name?: unknown } | null)?.name);
  return new Set(names.filter((name) => typeof name === 'string'));
}
