/** People, teams and contacts as the configuration has them: the answer to "who is that, and how do I reach him". */
import type { Directory } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import { PAGERDUTY_OWNER_PREFIX, resolvePeople } from '../config/on-call.ts';
import { contactBook } from '../providers/contacts.ts';
import type { ContactParts } from '../providers/contacts.ts';
import { quietHoursEnd } from '../schedules/quiet-hours.ts';

export function createDirectory(parts: Omit<ContactParts, 'config'> & { readonly config: Config }): Directory {
  const { config } = parts;
  const contacts = contactBook(parts, PAGERDUTY_OWNER_PREFIX);
  return {
    resolve: (name, teamId) => {
      const people = resolvePeople(config, name, teamId);
      return { isKnown: people !== null, people: people ?? [] };
    },
    contacts: (person) => contacts.get(person) ?? [],
    displayName: (person) =>
      person.startsWith(PAGERDUTY_OWNER_PREFIX)
        ? `PagerDuty (${person.slice(PAGERDUTY_OWNER_PREFIX.length)})`
        : nameOf(config, person),
    quietUntil: (person, at) => {
      const found = config.people.get(person);
      return found?.quietHours ? quietHoursEnd(found.quietHours, found.timeZone, at) : null;
    },
  };
}

function nameOf({ people }: Config, person: string): string {
  return people.get(person)?.name ?? person;
}
