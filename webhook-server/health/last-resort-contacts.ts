/** The contacts of the last resort: made as people's are, and used past everything that people are paged by. */
import type { Contact } from '../../activities/ports.ts';
import { digestOfSetting } from '../../config/config-digest.ts';
import type { Config } from '../../config/config.ts';
import type { ConfigSource } from '../../config/config-source.ts';
import { reloadable, type Reloadable } from '../../config/reloadable.ts';
import { contactBook } from '../../providers/contacts.ts';
import { createVendors, type Vendors } from '../../providers/vendors.ts';

const NAME = 'last resort';

/** Stay the same through a reload that does not concern them: what each has been told hangs on them. */
export function liveLastResortContacts(
  source: Pick<ConfigSource, 'current' | 'prepareOnReload'>,
): Pick<Reloadable<readonly Contact[]>, 'current' | 'close'> {
  const made = reloadable<{ readonly of: string; readonly vendors: Vendors; readonly contacts: readonly Contact[] }>(
    source,
    {
      create: (config, before) => {
        const { lastResort, pagerduty, slack, mail } = config;
        const of = digestOfSetting([lastResort?.contacts, pagerduty, slack, mail]);
        if (before?.of === of) return before;
        const vendors = createVendors(config);
        return { of, vendors, contacts: lastResortContacts(config, vendors) };
      },
      end: ({ vendors }) => vendors.close(),
    },
  );
  return { current: () => made.current().contacts, close: () => made.close() };
}

function lastResortContacts({ lastResort, pagerduty }: Config, vendors: Vendors): readonly Contact[] {
  const people = new Map([[NAME, { contacts: lastResort?.contacts ?? [] }]]);
  const write = (text: string): void => void process.stdout.write(text);
  return contactBook({ config: { people, pagerduty }, vendors, write }, 'pagerduty:').get(NAME) ?? [];
}
