/** Ways to stakeholders, who are told and never paged: mail, Slack, webhooks. */
import type { StakeholderContact } from '../activities/ports.ts';
import type { StakeholderUpdateKind } from './contact-settings.ts';
import { callVendor } from './shared/http.ts';
import { slackStakeholderUpdates } from './slack/stakeholder-update.ts';
import type { Vendors } from './vendors.ts';

interface StakeholderUpdateSettings {
  readonly stakeholders: ReadonlyMap<
    string,
    { readonly contacts: readonly { readonly kind: StakeholderUpdateKind; readonly target: string }[] }
  >;
}

interface StakeholderUpdateParts {
  readonly config: StakeholderUpdateSettings;
  readonly vendors: Vendors;
}

/** By name; a name that is gone has no ways. */
export function stakeholderUpdateBook({ config, vendors }: StakeholderUpdateParts): {
  readonly contacts: (name: string) => readonly StakeholderContact[];
} {
  const book = new Map(
    [...config.stakeholders].map(([name, { contacts }]) => {
      const countByKind = new Map<StakeholderUpdateKind, number>();
      const ways = contacts.flatMap(({ kind, target }): readonly StakeholderContact[] => {
        const nth = (countByKind.get(kind) ?? 0) + 1;
        countByKind.set(kind, nth);
        const way = wayOf(kind, target, nth === 1 ? kind : `${kind}-${nth}`, vendors);
        return way === null ? [] : [way];
      });
      return [name, ways] as const;
    }),
  );
  return { contacts: (name) => book.get(name) ?? [] };
}

/** Null where the vendor is not configured: the configuration's check insists that it is. */
function wayOf(
  kind: StakeholderUpdateKind,
  target: string,
  method: string,
  { slack, mailer }: Vendors,
): StakeholderContact | null {
  switch (kind) {
    case 'email':
      return mailer?.stakeholderUpdates(target, method) ?? null;
    case 'slack':
      return slack && slackStakeholderUpdates(slack, target, method);
    case 'webhook':
      return webhookStakeholderUpdates(target, method);
  }
}

/** `POST` with the stakeholder update as JSON, `Idempotency-Key` set to its key. */
function webhookStakeholderUpdates(url: string, method: string): StakeholderContact {
  return {
    method,
    send: async ({ key, audience, to, subject, text, incident }, signal) => {
      const body = { key, kind: 'stakeholder-update', audience, to, subject, text, incident };
      await callVendor('webhook', { method: 'POST', url, body, headers: { 'idempotency-key': key } }, signal);
    },
  };
}
