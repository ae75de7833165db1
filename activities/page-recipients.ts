/**
 * Whom a page reaches, and when it may make noise. SEV1 and SEV2 always may; a milder page waits for the team's hours and
 * for the end of a person's quiet hours, and until then uses quiet methods only.
 */
import { quietUntil } from '../domain/escalation/quiet-hours.ts';
import { OUTSIDE_ESCALATION, type PageTarget } from '../domain/kernel/outbox.ts';
import type { Calendars, Contact, Directory, Ports } from './ports.ts';
import type { PageActivityInput, PageActivityResult } from './types.ts';

export interface Recipient {
  readonly person: string;
  readonly level: number;
  readonly attempt: number;
}

/** The people behind the names of a page request, each once, at the first level that names them. */
function recipientsOf(
  directory: Directory,
  { incident, pageRequest }: PageActivityInput,
  at: number,
): { readonly people: readonly Recipient[]; readonly unknown: readonly string[] } {
  const unknown = new Set<string>();
  const peopleNamedBy = (names: readonly string[]) =>
    names.flatMap((name) => {
      const { isKnown, people } = directory.resolve(name, incident.team, at);
      if (!isKnown) unknown.add(name);
      return people;
    });
  // That may be a token bound to nobody, or somebody who left: then nobody else would hear of it.
  const peopleOf = ({ level, names }: PageTarget): readonly string[] => {
    const people = peopleNamedBy(names);
    const isNobody = people.length === 0 && names.length > 0 && level === OUTSIDE_ESCALATION;
    return isNobody ? directory.resolve('onCall', incident.team, at).people : people;
  };
  const alreadyCovered = new Set(peopleNamedBy(pageRequest.except));
  const people: Recipient[] = [];
  for (const target of pageRequest.targets) {
    const { level, attempt } = target;
    for (const person of peopleOf(target)) {
      if (alreadyCovered.has(person)) continue;
      alreadyCovered.add(person);
      people.push({ person, level, attempt });
    }
  }
  return { people, unknown: [...unknown] };
}

/** A person and the methods that this request may use, in order. */
export interface PageablePerson {
  readonly recipient: Recipient;
  readonly contacts: readonly Contact[];
  /** One after the other; else all at once. */
  readonly inSequence: boolean;
}

/** Whom a request pages at `at` and how, and what its answer says of them. */
export function pageablePeople(
  ports: Ports,
  request: PageActivityInput,
  at: number,
): { readonly people: readonly PageablePerson[] } & Pick<PageActivityResult, 'methods' | 'unknownNames' | 'audibleAt'> {
  const { directory } = ports;
  const found = recipientsOf(directory, request, at);
  const { method } = request.pageRequest;
  const people = found.people.flatMap((recipient): readonly PageablePerson[] => {
    const { person } = recipient;
    if (request.test && directory.quietUntil(person, at) !== null) return [];
    const isQuiet = pageQuietUntil(ports, request, person, at) !== null;
    const contacts = directory.contacts(person).filter(({ quiet }) => quiet || !isQuiet);
    // Quiet methods need not go one after the other.
    if (method === 'all' || isQuiet) return [{ recipient, contacts, inSequence: false }];
    return [{ recipient, contacts: contacts.slice(method), inSequence: true }];
  });
  return {
    people,
    methods: Math.max(0, ...found.people.map(({ person }) => directory.contacts(person).length)),
    unknownNames: found.unknown,
    audibleAt: audibleAtFor(ports, request, found.people, at),
  };
}

interface AudibilityPorts {
  readonly calendars: Pick<Calendars, 'audibleFrom'>;
  readonly directory: Pick<Directory, 'quietUntil'>;
}

/** Until when a page at `at` may make no noise for `person`, epoch ms; null: it may now. */
export function pageQuietUntil(
  { calendars, directory }: AudibilityPorts,
  { incident, pageRequest, test }: PageActivityInput,
  person: string,
  at: number,
): number | null {
  const quietTimes = {
    teamFrom: (then: number) => calendars.audibleFrom(incident.team, then),
    quietUntil: (then: number) => directory.quietUntil(person, then),
  };
  return quietUntil({ severity: incident.severity, reason: pageRequest.reason, test }, quietTimes, at);
}

/** When the first of `people` may be disturbed; null when one of them may be now, or nobody can be reached anyway. */
function audibleAtFor(
  ports: Ports,
  request: PageActivityInput,
  people: readonly Recipient[],
  at: number,
): number | null {
  const reachable = people.filter(({ person }) => ports.directory.contacts(person).length > 0);
  const times = reachable.map(({ person }) => pageQuietUntil(ports, request, person, at) ?? at);
  const first = times.length === 0 ? at : Math.min(...times);
  return first > at ? first : null;
}
