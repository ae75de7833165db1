/** The contacts of the last resort: made as people's are, and used past everything that people are paged by. */
import type { Contact } from '../../activities/ports.ts';
import { digest } from '../../config/config-digest.ts';
import type { Config } from '../../config/config.ts';
import type { ConfigSource } from '../../config/config-source.ts';
import { live, type Live } from '../../config/live.ts';
import { contactBook } from '../../providers/contacts.ts';
import { createVendors, type Vendors } from '../../providers/vendors.ts';

const NAME = 'last resort';

/** Stay the same through a reload that does not concern them: what each has been told hangs on them. */
export function liveLastResort(
  source: Pick<ConfigSource, 'current' | 'follow'>,
): Pick<Live<readonly Contact[]>, 'now' | 'close'> {
  const made = live<{ readonly of: string; readonly vendors: Vendors; readonly contacts: readonly Contact[] }>(source, {
    make: (config, before) => {
      const { lastResort, pagerduty, slack, mail } = config;
      const of = digest([lastResort?.contacts, pagerduty, slack, mail]);
      if (before?.of === of) return before;
      const vendors = createVendors(config);
      return { of, vendors, contacts: contactsOf(config, vendors) };
    },
    end: ({ vendors }) => vendors.close(),
  });
  return { now: () => made.now().contacts, close: () => made.close() };
}

function contactsOf({ lastResort, pagerduty }: Config, vendors: Vendors): readonly Contact[] {
  const people = new Map([[NAME, { contacts: lastResort?.contacts ?? [] }]]);
  const write = (text: string): void => void process.stdout.write(text);
  return contactBook({ config: { people, pagerduty }, vendors, write }, 'pagerduty:').get(NAME) ?? [];
}
