/** `statusPage`: where the public looks. */
import { z } from 'zod';
import { vendorSections } from '../../providers/vendors.ts';
import { flag, link, orNull, strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

const statusPage = strict({
  /** Tocsin's own page at `/status`. */
  builtin: flag.default(true),
  /** Where the public looks; null: at the built-in one, if anywhere. */
  url: orNull(link),
  /** `auto`: the first public entry does not wait for an acknowledgement. */
  first: z.enum(['confirmed', 'auto'], { error: 'expected confirmed or auto' }).default('confirmed'),
  ...vendorSections('statusPage'),
});

export const statusPageSection: Section<z.output<typeof statusPage>> = {
  schema: statusPage.prefault({}),
  warnings({ builtin, statuspage }, { services }) {
    const spoken = new Set([...services.values()].map(({ component }) => component));
    const unused = [...(statuspage?.components.keys() ?? [])].filter((name) => !spoken.has(name));
    return [
      ...unused.map((name) => `statusPage.statuspage.components: no service has the component "${name}"`),
      ...(builtin || statuspage !== undefined
        ? []
        : ['statusPage: builtin is off and there is no statuspage, so the public is told nothing']),
    ];
  },
};
