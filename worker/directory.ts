/** People, teams and contacts as the configuration has them: the answer to "who is that, and how do I reach him". */
import type { Contact, Directory } from '../activities/ports.ts';
import type { Config, ContactSetting, Person } from '../config/config.ts';
import { terminalContact } from '../providers/terminal.ts';
import { webhookContact } from '../providers/webhook.ts';
import { isWithin } from '../schedules/quiet-hours.ts';

/** `write` is the terminal; it must not throw. */
export function createDirectory(config: Config, write: (text: string) => void): Directory {
  const contacts = new Map([...config.people].map(([id, person]) => [id, contactsOf(person, write)]));
  return {
    resolve: (name, teamId) => {
      const people = namesBehind(config, name, teamId);
      return { known: people !== null, people: people ?? [] };
    },
    contacts: (person) => contacts.get(person) ?? [],
    displayName: (person) => config.people.get(person)?.name ?? person,
    isQuiet: (person, at) => {
      const found = config.people.get(person);
      return found?.quietHours ? isWithin(found.quietHours, found.timeZone, at) : false;
    },
  };
}

/** A person stands for himself, `onCall` and a team for whoever is on call there; null: the name is gone. */
function namesBehind(config: Config, name: string, teamId: string): readonly string[] | null {
  if (config.people.has(name)) return [name];
  const team = config.teams.get(name === 'onCall' ? teamId : name);
  return team === undefined ? null : team.onCall.filter((person) => config.people.has(person));
}

function contactsOf({ contacts }: Person, write: (text: string) => void): readonly Contact[] {
  const seen = new Map<string, number>();
  return contacts.flatMap((setting) => {
    const nth = (seen.get(setting.kind) ?? 0) + 1;
    seen.set(setting.kind, nth);
    const contact = contactOf(setting, nth === 1 ? setting.kind : `${setting.kind}-${nth}`, write);
    return contact === null ? [] : [contact];
  });
}

/** Null: this version does not send by that kind; the start said so. */
function contactOf({ kind, target }: ContactSetting, method: string, write: (text: string) => void): Contact | null {
  if (kind === 'webhook') return webhookContact(target, method);
  if (kind === 'terminal') return terminalContact(method, write);
  return null;
}
