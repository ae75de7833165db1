/** `lastResort`: what happens when Tocsin's own way from alert to page is broken. */
import { z } from 'zod';
import { USABLE_CONTACTS } from '../../providers/vendors.ts';
import { callable, orEmpty, orNull, SECRETS, strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';
import { duration, orOff } from '../primitives.ts';
import { checkContacts, contacts, type ContactSetting } from './contacts.ts';

export interface LastResort {
  /** How long a paging alert waits for Temporal before the webhook server pages by itself; null: it never does. */
  readonly fallbackPagingAfterMs: number | null;
  /** Null: switched off. */
  readonly selfCheck: SelfCheckSetting | null;
}

export interface SelfCheckSetting {
  /** The external monitor that waits for our pings; null: there is none. A secret: anyone who has it can ping for us. */
  readonly pingUrl: string | null;
  /** How often the server checks the whole way from alert to page. */
  readonly everyMs: number;
  /** Told by the server itself when that way is broken. */
  readonly contacts: readonly ContactSetting[];
}

const settings = strict({
  /** Longer than Temporal takes to start again; nobody waits much longer than for a page as usual. */
  after: orOff(duration).prefault('5s'),
  heartbeat: orNull(callable.clone().register(SECRETS, {})),
  every: duration.prefault('5m'),
  contact: orEmpty(contacts),
}).transform(({ after, heartbeat, every, contact }): LastResort => ({
  fallbackPagingAfterMs: after,
  selfCheck: { pingUrl: heartbeat, everyMs: every, contacts: contact },
}));

export const lastResortSection: Section<LastResort> = {
  schema: z
    .union([z.literal('off').transform(() => ({ fallbackPagingAfterMs: null, selfCheck: null })), settings], {
      error: 'expected { heartbeat: "https://…", contact: [{ webhook: "https://…" }] }, or off',
    })
    .prefault({}),
  complete(lastResort, draft, report) {
    const given = lastResort.selfCheck?.contacts ?? [];
    given.forEach(({ kind }, index) => {
      if (USABLE_CONTACTS.has(kind)) return;
      report(['contact', index], `${kind} cannot be used yet: name one of ${[...USABLE_CONTACTS].join(', ')}`);
    });
    checkContacts(given, draft, report, []);
    return lastResort;
  },
};
