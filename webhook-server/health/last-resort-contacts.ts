/** The contacts of the last resort: made as people's are, and used past everything that people are paged by. */
import type { Contact } from '../../activities/ports.ts';
import { digestOfSetting, type ConfigSource } from '../../config/config-source.ts';
import { reloadable, type Reloadable } from '../../config/reloadable.ts';
import { settingsOfKind, Vendors } from '../../providers/vendors.ts';

/** They stay the same through a reload that does not concern them, since each remembers what it has been told. */
export function liveLastResortContacts(
  source: Pick<ConfigSource, 'current' | 'prepareOnReload'>,
): Pick<Reloadable<readonly Contact[]>, 'current' | 'close'> {
  const made = reloadable<{ readonly of: string; readonly vendors: Vendors; readonly contacts: readonly Contact[] }>(
    source,
    {
      create: (config, before) => {
        const settings = config.lastResort.selfCheck?.contacts ?? [];
        const of = digestOfSetting([settings, settings.map(({ kind }) => settingsOfKind(kind, config.vendors))]);
        if (before?.of === of) return before;
        const vendors = new Vendors(config.vendors);
        return { of, vendors, contacts: vendors.contacts(settings) };
      },
      end: ({ vendors }) => vendors.close(),
    },
  );
  return { current: () => made.current().contacts, close: () => made.close() };
}
