/** `paging`: how people are paged, beside what their severity says. */
import { countOrOff, orNull, strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';
import { duration, orOff } from '../primitives.ts';

interface Paging {
  /** Not acted on yet. */
  readonly bundleAfter: number | null;
  /** For how long people called by name, and leadership, are called again; null: they are called once. */
  readonly pursueForMs: number | null;
}

export const pagingSection: Section<Paging> = {
  schema: strict({ bundleAfter: orNull(countOrOff(1_000_000_000)), pursueFor: orOff(duration).prefault('15m') })
    .transform(({ bundleAfter, pursueFor }) => ({ bundleAfter, pursueForMs: pursueFor }))
    .prefault({}),
  notSupportedYet: ({ bundleAfter }) =>
    bundleAfter === null ? [] : ['paging.bundleAfter: pages to one person are not bundled yet; each comes by itself'],
};
