/** `people`: everybody who can be paged, and how. */
import type { z } from 'zod';
import { USABLE_CONTACTS } from '../../providers/vendors.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { id, mapOf, orEmpty, orNull, strict, text } from '../../runtime/setting-schemas.ts';
import type { Report, Section } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import { clockRange, timeZone } from '../primitives.ts';
import type { Path } from '../problems.ts';
import { checkContacts, contacts, type ContactSetting } from './contacts.ts';
import { timeZoneOf } from './organization.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly contacts: readonly ContactSetting[];
  readonly timeZone: string;
  /** `HH:MM-HH:MM` in the person's zone; may wrap midnight. */
  readonly quietHours: string | null;
}

const person = strict({
  name: orNull(text(100)),
  role: orNull(text(64)),
  contact: orEmpty(contacts),
  timeZone: orNull(timeZone),
  quietHours: orNull(clockRange),
});

type PersonParsed = z.output<typeof person>;

export const peopleSection: Section<ReadonlyMap<string, Person>, ReadonlyMap<string, PersonParsed>> = {
  schema: mapOf(id, person, 'people, e.g. ana: { contact: [terminal] }'),
  complete(people, draft, report) {
    if (draft.namesIn('people').has(ON_CALL)) {
      report([ON_CALL], '"onCall" means the team\'s on-call person: give this person another name');
    }
    for (const [personId, { name }] of people) {
      if ([personId, name].some((word) => word?.toLowerCase() === ADMIN)) {
        report(
          [personId],
          '"admin" is the name under which the admin token acts: give this person another key and name',
        );
      }
    }
    const complete = ([personId, { name, role, contact, timeZone: zone, quietHours }]: [string, PersonParsed]) => {
      checkContacts(contact, draft, report, [personId]);
      const own = { id: personId, name: name ?? personId, role, contacts: contact };
      return [personId, { ...own, timeZone: zone ?? timeZoneOf(draft), quietHours }] as const;
    };
    return new Map([...people].map(complete));
  },
  notSupportedYet: (people) =>
    [...people].flatMap(([personId, { contact }]) => {
      const unused = new Set(contact.map(({ kind }) => kind).filter((kind) => !USABLE_CONTACTS.has(kind)));
      return unused.size === 0 ? [] : [`people.${personId}.contact: ${[...unused].join(', ')} cannot be used yet`];
    }),
};

/** The key of the person who has `word` as key or name, in any case; null: nobody has. */
export function personCalled(people: Iterable<Pick<Person, 'id' | 'name'>>, word: string): string | null {
  const wanted = word.trim().toLowerCase();
  const found = [...people].find(({ id: key, name }) => [key, name].some((one) => one.toLowerCase() === wanted));
  return found?.id ?? null;
}

/** The name under which `TOCSIN_ADMIN_TOKEN` acts. */
const ADMIN = 'admin';

/** The name that means "the team's `onCall`". */
export const ON_CALL = 'onCall';

/** Whether a policy means people by `word` though it is nobody's name: `onCall`, a team, a schedule, an owner at PagerDuty. */
export function standsForPeople(
  { teams, schedules }: { readonly teams: ReadonlyMap<string, unknown>; readonly schedules: ReadonlySet<string> },
  word: string,
): boolean {
  const wanted = word.trim().toLowerCase();
  const names = [ON_CALL, ...teams.keys(), ...schedules];
  return wanted.startsWith(PAGERDUTY_OWNER_PREFIX) || names.some((name) => name.toLowerCase() === wanted);
}

/** What a policy calls a PagerDuty service that owns the escalation; no person can have such a name. */
export const PAGERDUTY_OWNER_PREFIX = 'pagerduty:';

/** `also`: names that are allowed here without being under `people`. */
export function checkPersonName(
  draft: ConfigDraft,
  name: string,
  report: Report,
  path: Path,
  also: readonly string[] = [],
): void {
  const known = draft.namesIn('people');
  if (known.has(name) || also.includes(name)) return;
  if (name === ON_CALL) return report(path, 'no onCall here: name a person');
  if (draft.namesIn('schedules').has(name)) {
    return report(path, `"${name}" is a schedule, and schedules come later: it would page nobody, name a person`);
  }
  report(path, `nobody under people is called "${name}": ${didYouMean(name, [...known, ...also])}`);
}
