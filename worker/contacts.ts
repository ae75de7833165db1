/** Ways to reach people, and services that escalate by themselves, as the configuration has them. */
import type { Contact } from '../activities/ports.ts';
import type { Config, ContactSetting, Person } from '../config/config.ts';
import { pagerdutyContact } from '../providers/pagerduty.ts';
import { slackContact } from '../providers/slack/contact.ts';
import { terminalContact } from '../providers/terminal.ts';
import { webhookContact } from '../providers/webhook.ts';
import type { Vendors } from './vendors.ts';

export interface ContactParts {
  readonly config: Config;
  readonly vendors: Vendors;
  /** The terminal; must not throw. */
  readonly write: (text: string) => void;
}

/** A person's contacts in order of preference; a second of a kind is called `webhook-2`. */
export function contactsOf({ contacts }: Person, parts: ContactParts): readonly Contact[] {
  const seen = new Map<string, number>();
  return contacts.flatMap((setting) => {
    const nth = (seen.get(setting.kind) ?? 0) + 1;
    seen.set(setting.kind, nth);
    const contact = contactOf(setting, nth === 1 ? setting.kind : `${setting.kind}-${nth}`, parts);
    return contact === null ? [] : [contact];
  });
}

/** Null: this version does not send by that kind; the start said so. */
function contactOf({ kind, target }: ContactSetting, method: string, parts: ContactParts): Contact | null {
  const { vendors, write } = parts;
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
      return pagerdutyService(parts.config, target, method);
    default:
      return null;
  }
}

/** The service of that name; null when it is not configured. */
export function pagerdutyService({ pagerduty }: Config, name: string, method: string): Contact | null {
  const service = pagerduty?.services.get(name);
  if (!pagerduty || !service) return null;
  return pagerdutyContact({ apiUrl: pagerduty.apiUrl, routingKey: service.routingKey }, method);
}
