/** The contacts of the last resort: made as people's are, and used past everything that people are paged by. */
import type { Contact } from '../../activities/ports.ts';
import type { Config } from '../../config/config.ts';
import { contactBook } from '../../providers/contacts.ts';
import type { Vendors } from '../../providers/vendors.ts';

const NAME = 'last resort';

export function lastResortContacts({ lastResort, pagerduty }: Config, vendors: Vendors): readonly Contact[] {
  const people = new Map([[NAME, { contacts: lastResort?.contacts ?? [] }]]);
  const write = (text: string): void => void process.stdout.write(text);
  return contactBook({ config: { people, pagerduty }, vendors, write }, 'pagerduty:').get(NAME) ?? [];
}
