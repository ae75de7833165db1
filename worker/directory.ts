/** People, teams and contacts as the configuration has them: the answer to "who is that, and how do I reach him". */
import type { Directory } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import { OWNER, peopleBehind } from '../config/on-call.ts';
import { contactBook } from '../providers/contacts.ts';
import type { ContactParts } from '../providers/contacts.ts';
import { quietUntil } from '../schedules/quiet-hours.ts';

export function createDirectory(parts: Omit<ContactParts, 'config'> & { readonly config: Config }): Directory {
  const { config } = parts;
  const contacts = contactBook(parts, OWNER);
  return {
    resolve: (name, teamId) => {
      const people = peopleBehind(config, name, teamId);
      return { known: people !== null, people: people ?? [] };
    },
    contacts: (person) => contacts.get(person) ?? [],
    displayName: (person) =>
      person.startsWith(OWNER) ? `PagerDuty (${person.slice(OWNER.length)})` : nameOf(config, person),
    quietUntil: (person, at) => {
      const found = config.people.get(person);
      return found?.quietHours ? quietUntil(found.quietHours, found.timeZone, at) : null;
    },
  };
}

function nameOf({ people }: Config, person: string): string {
  return people.get(person)?.name ?? person;
}
