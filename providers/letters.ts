/** Ways to stakeholders, who are told and never paged: mail, Slack, webhooks. */
import type { StakeholderContact } from '../activities/ports.ts';
import type { LetterKind } from './contact-settings.ts';
import { call } from './http.ts';
import { slackLetters } from './slack/letter.ts';
import type { Vendors } from './vendors.ts';

interface LetterSettings {
  readonly stakeholders: ReadonlyMap<
    string,
    { readonly contacts: readonly { readonly kind: LetterKind; readonly target: string }[] }
  >;
}

interface LetterParts {
  readonly config: LetterSettings;
  readonly vendors: Vendors;
}

/** By name; a name that is gone has no ways. */
export function letterBook({ config, vendors }: LetterParts): {
  readonly contacts: (name: string) => readonly StakeholderContact[];
} {
  const book = new Map(
    [...config.stakeholders].map(([name, { contacts }]) => {
      const seen = new Map<LetterKind, number>();
      const ways = contacts.flatMap(({ kind, target }): readonly StakeholderContact[] => {
        const nth = (seen.get(kind) ?? 0) + 1;
        seen.set(kind, nth);
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
  kind: LetterKind,
  target: string,
  method: string,
  { slack, mailer }: Vendors,
): StakeholderContact | null {
  switch (kind) {
    case 'email':
      return mailer?.letters(target, method) ?? null;
    case 'slack':
      return slack && slackLetters(slack, target, method);
    case 'webhook':
      return webhookLetters(target, method);
  }
}

/** `POST` with the letter as JSON, `Idempotency-Key` set to its key. */
function webhookLetters(url: string, method: string): StakeholderContact {
  return {
    method,
    send: async ({ key, audience, to, subject, text, incident }, signal) => {
      const body = { key, kind: 'letter', audience, to, subject, text, incident };
      await call('webhook', { method: 'POST', url, body, headers: { 'idempotency-key': key } }, signal);
    },
  };
}
