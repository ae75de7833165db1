/** Ways to reach people, and services that escalate by themselves: from settings to contacts. */
import type { Contact } from '../activities/ports.ts';
import type { ContactKind } from './contact-settings.ts';
import { pagerdutyContact } from './pagerduty/pagerduty.ts';
import { slackContact } from './slack/contact.ts';
import { terminalContact } from './terminal/terminal.ts';
import type { Vendors } from './vendors.ts';
import { webhookContact } from './webhook/webhook.ts';

interface Setting {
  readonly kind: ContactKind;
  /** URL of a webhook, address of a mail …; empty for the terminal. */
  readonly target: string;
}

/** What of the configuration says how people are reached. */
export interface ContactSettings {
  readonly people: ReadonlyMap<string, { readonly contacts: readonly Setting[] }>;
  readonly pagerduty: {
    readonly apiUrl: string;
    readonly services: ReadonlyMap<string, { readonly routingKey: string }>;
  } | null;
}

export interface ContactParts {
  readonly config: ContactSettings;
  readonly vendors: Vendors;
  /** The terminal; must not throw. */
  readonly write: (text: string) => void;
}

/**
 * Everybody's contacts by name, in order of preference. A service of PagerDuty that owns an escalation is paged like a
 * person with one contact, and is called `owner` and its name.
 */
export function contactBook(parts: ContactParts, owner: string): ReadonlyMap<string, readonly Contact[]> {
  const { config } = parts;
  return new Map<string, readonly Contact[]>([
    ...[...config.people].map(([id, { contacts }]) => [id, contactsOf(contacts, parts)] as const),
    ...[...(config.pagerduty?.services.keys() ?? [])].map(
      (name) => [`${owner}${name}`, present(pagerdutyService(config, name, 'pagerduty'))] as const,
    ),
  ]);
}

/** A second of a kind is called `webhook-2`. */
function contactsOf(settings: readonly Setting[], parts: ContactParts): readonly Contact[] {
  const countByKind = new Map<string, number>();
  return settings.flatMap((setting) => {
    const nth = (countByKind.get(setting.kind) ?? 0) + 1;
    countByKind.set(setting.kind, nth);
    return present(contactOf(setting, nth === 1 ? setting.kind : `${setting.kind}-${nth}`, parts));
  });
}

const present = (contact: Contact | null): readonly Contact[] => (contact === null ? [] : [contact]);

/** Null: this version does not send by that kind; the start said so. */
function contactOf(
  { kind, target }: Setting,
  method: string,
  { config, vendors, write }: ContactParts,
): Contact | null {
  switch (kind) {
    case 'webhook':
      return webhookContact(target, method);
    case 'terminal':
      return terminalContact(method, write);
    case 'slack':
      return vendors.slack && slackContact(vendors.slack, target, method);
    case 'email':
      return vendors.mailer?.contact(target, method) ?? null;
    case 'pagerduty':
      return pagerdutyService(config, target, method);
    default:
      return null;
  }
}

/** Null when no service of that name is configured. */
function pagerdutyService({ pagerduty }: ContactSettings, name: string, method: string): Contact | null {
  const service = pagerduty?.services.get(name);
  if (!pagerduty || !service) return null;
  return pagerdutyContact({ apiUrl: pagerduty.apiUrl, routingKey: service.routingKey }, method);
}
