/** People, teams and contacts as the configuration has them: the answer to "who is that, and how do I reach him". */
import type { Contact, Directory } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import { isWithin } from '../schedules/quiet-hours.ts';
import { contactsOf, pagerdutyService } from './contacts.ts';
import type { ContactParts } from './contacts.ts';

/** What a policy calls a PagerDuty service that owns the escalation; no person can have such a name. */
const OWNER = 'pagerduty:';

export function createDirectory(parts: ContactParts): Directory {
  const { config } = parts;
  const contacts = new Map<string, readonly Contact[]>([
    ...[...config.people].map(([id, person]) => [id, contactsOf(person, parts)] as const),
    ...owners(config),
  ]);
  return {
    resolve: (name, teamId) => {
      const people = contacts.has(name) ? [name] : onCallBehind(config, name, teamId);
      return { known: people !== null, people: people ?? [] };
    },
    contacts: (person) => contacts.get(person) ?? [],
    displayName: (person) =>
      person.startsWith(OWNER) ? `PagerDuty (${person.slice(OWNER.length)})` : nameOf(config, person),
    isQuiet: (person, at) => {
      const found = config.people.get(person);
      return found?.quietHours ? isWithin(found.quietHours, found.timeZone, at) : false;
    },
  };
}

/** A service that escalates by itself is paged like a person with one contact. */
function owners(config: Config): readonly (readonly [string, readonly Contact[]])[] {
  return [...(config.pagerduty?.services.keys() ?? [])].flatMap((name) => {
    const contact = pagerdutyService(config, name, 'pagerduty');
    return contact === null ? [] : [[`${OWNER}${name}`, [contact]] as const];
  });
}

/** `onCall` and a team stand for whoever is on call there; null: the name is gone. */
function onCallBehind(config: Config, name: string, teamId: string): readonly string[] | null {
  const team = config.teams.get(name === 'onCall' ? teamId : name);
  return team === undefined ? null : team.onCall.filter((person) => config.people.has(person));
}

function nameOf({ people }: Config, person: string): string {
  return people.get(person)?.name ?? person;
}
