/** A person's ways of being paged, by the names that keys and deliveries have. Pure. */
import { USABLE_CONTACTS } from '../providers/vendors.ts';
import type { Config } from './config.ts';
import { contactSettingsOf } from './on-call.ts';

/** In order of preference; a second of a kind is called `webhook-2`. A service that escalates by itself has one. */
export function contactMethodsOf(config: Pick<Config, 'people'>, person: string): readonly string[] {
  const seen = new Map<string, number>();
  return contactSettingsOf(config, person).flatMap(({ kind }) => {
    const nth = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, nth);
    if (!USABLE_CONTACTS.has(kind)) return [];
    return [nth === 1 ? kind : `${kind}-${nth}`];
  });
}
