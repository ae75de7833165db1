/** `teams`: who is on call, who comes next, and when a team works. */
import { z } from 'zod';
import { PHONE_CONTACTS, QUIET_CONTACTS, USABLE_CONTACTS, type ContactKind } from '../../providers/vendors.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { channel, id, mapOf, orEmpty, orNull, strict, text } from '../../runtime/setting-schemas.ts';
import { knownRegionsFor } from '../../schedules/holidays.ts';
import { parseWeeklyHours } from '../../schedules/hours.ts';
import type { TeamCalendar } from '../../schedules/team-calendar.ts';
import type { Report, Section, Settings } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import { officeHours, personNames, timeZone } from '../primitives.ts';
import type { Path } from '../problems.ts';
import { timeZoneOf } from './organization.ts';
import { checkPersonName, ON_CALL, type Person } from './people.ts';

export interface Team {
  readonly id: string;
  /** People or schedules. */
  readonly onCall: readonly string[];
  readonly escalation: readonly (readonly string[])[];
  readonly leadership: readonly string[];
  /** The team's own chat channel, without `#`. */
  readonly channel: string | null;
  readonly calendar: TeamCalendar;
}

const calendarDay = text(10).refine(
  (day) => /^\d{4}-\d\d-\d\d$/.test(day) && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true,
  'expected a date such as "2026-12-24"',
);

const holidays = z.union(
  [text(32).regex(/^[A-Z]{2}(-[A-Za-z0-9]{1,12}){0,2}$/, 'expected a region such as DE-BE'), z.array(calendarDay)],
  { error: 'expected a region such as DE-BE, or a list of dates' },
);

const team = strict({
  onCall: orEmpty(personNames),
  escalation: z
    .array(personNames, { error: 'expected a list of levels, e.g. [onCall, bo, eve]' })
    .min(1, 'the escalation is empty: name at least one level, e.g. [onCall]')
    .max(50, 'too long: at most 50 levels')
    .prefault([ON_CALL]),
  leadership: orEmpty(personNames),
  channel: orNull(channel),
  hours: orNull(officeHours),
  holidays: orNull(holidays),
  timeZone: orNull(timeZone),
});

type TeamParsed = z.output<typeof team>;

export const teamsSection: Section<ReadonlyMap<string, Team>, ReadonlyMap<string, TeamParsed>> = {
  schema: mapOf(id, team, 'teams, e.g. platform: { onCall: ana }'),
  complete: (teams, draft, report) =>
    new Map(
      [...teams].map(([name, parsed]) => {
        checkTeam(name, parsed, draft, report);
        const { onCall, escalation, leadership, channel: ownChannel, hours, holidays: days, timeZone: zone } = parsed;
        const calendar = {
          hours: hours === null ? null : parseWeeklyHours(hours),
          timeZone: zone ?? timeZoneOf(draft),
          holidays: days,
        };
        return [name, { id: name, onCall, escalation, leadership, channel: ownChannel, calendar }];
      }),
    ),
  warnings: (teams, config) => [
    ...peopleWithoutPhone(teams, config),
    ...[...teams.values()].flatMap((each) => levelsWithoutContact(each, config)),
    ...[...teams.values()].flatMap(({ id: name, channel: own }) =>
      own === null || config.chat.slack
        ? []
        : [`teams.${name}.channel: there is no chat.slack, so nothing is posted there`],
    ),
  ],
};

/** Every name is defined, and the first and the last level each reach somebody whom this version can page. */
function checkTeam(name: string, team: TeamParsed, draft: ConfigDraft, report: Report): void {
  const hasOnCall = draft.isGiven('teams', name, 'onCall');
  const hasLevels = draft.isGiven('teams', name, 'escalation');
  if (!hasOnCall && !hasLevels) report([name], 'nobody would be paged: name somebody in onCall or escalation');
  const levels = hasLevels ? team.escalation : [];
  const also = hasOnCall ? [ON_CALL] : [];
  const check = (names: readonly string[], path: Path, others: readonly string[]): void =>
    names.forEach((person, i) => checkPersonName(draft, person, report, [...path, i], others));
  check(team.onCall, [name, 'onCall'], []);
  levels.forEach((level, i) =>
    level.forEach((person) => checkPersonName(draft, person, report, [name, 'escalation', i], also)),
  );
  check(team.leadership, [name, 'leadership'], also);
  checkReach(name, team, team.onCall, 'onCall', draft, (message) => report([name, 'onCall'], `the on-call ${message}`));
  const last = levels.length - 1;
  checkReach(name, team, levels[last] ?? [], 'escalation', draft, (message) =>
    report([name, 'escalation', last], `the last level ${message}`),
  );
  checkHolidays(team.holidays, (message) => report([name, 'holidays'], message));
}

/** The on-call and the last level must each reach somebody; a level in between may be empty-handed. */
function checkReach(
  teamId: string,
  { onCall }: TeamParsed,
  names: readonly string[],
  key: 'onCall' | 'escalation',
  draft: ConfigDraft,
  say: (message: string) => void,
): void {
  const people = names.flatMap((name) => (name === ON_CALL ? onCall : [name]));
  // An undefined name is a finding already; a broken person or list may reach somebody once mended.
  const isOnCallBroken = names.includes(ON_CALL) && draft.isBroken('teams', teamId, 'onCall');
  const mayBeMended =
    isOnCallBroken || draft.isBroken('teams', teamId, key) || people.some((name) => isUnknownOrBroken(name, draft));
  if (
    people.length === 0 ||
    mayBeMended ||
    people.some((name) => isReachable(draft.sections.people?.get(name)?.contact))
  )
    return;
  const ways = [...USABLE_CONTACTS].join(', ').replace(/, (?=[^,]*$)/, ' or ');
  say(`names nobody who can be paged: give ${people.join(' or ')} a contact this version can use (${ways})`);
}

function isUnknownOrBroken(name: string, draft: ConfigDraft): boolean {
  if (!draft.sections.people?.has(name)) return true;
  // Without a contact, any mistake of the person may be a misspelt one.
  return draft.isBroken('people', name, ...(draft.isGiven('people', name, 'contact') ? ['contact'] : []));
}

const isReachable = (contacts: readonly { readonly kind: ContactKind }[] = []): boolean =>
  contacts.some(({ kind }) => USABLE_CONTACTS.has(kind));

/** A misspelt region would have no holidays at all. */
function checkHolidays(region: TeamParsed['holidays'], say: (message: string) => void): void {
  const known = typeof region === 'string' ? knownRegionsFor(region) : null;
  if (known === null) return;
  say(
    `no holidays are known for ${String(region)}: ${didYouMean(String(region), known)} A list of dates will do as well`,
  );
}

type Teams = ReadonlyMap<string, Team>;

/** Everybody whom a SEV1 pages. Only what works in this version counts: a number nobody can call yet rings no phone. */
function peopleWithoutPhone(teams: Teams, { people, organization }: Settings): readonly string[] {
  const names = [...teams.values()].flatMap(({ onCall, escalation, leadership }) => [
    ...onCall,
    ...escalation.flat(),
    ...(leadership.length > 0 ? leadership : organization.leadership),
  ]);
  const paged = [...new Set(names)].flatMap((name) => people.get(name) ?? []);
  const without = paged.filter((person) => !usableKinds(person).some((kind) => PHONE_CONTACTS.has(kind)));
  const withoutSound = without.filter((person) => {
    const kinds = usableKinds(person);
    return kinds.length > 0 && kinds.every((kind) => QUIET_CONTACTS.has(kind));
  });
  const grade = [...PHONE_CONTACTS].filter((kind) => USABLE_CONTACTS.has(kind)).join(', ');
  const said = (who: readonly Person[], how: string): readonly string[] =>
    who.length === 0 ? [] : [`people: paged for a SEV1 ${how}: ${who.map((person) => person.id).join(', ')}`];
  return [
    ...said(without, `without a phone-grade method (in this version: ${grade})`),
    ...said(withoutSound, `by methods that make no noise only (${[...QUIET_CONTACTS].join(', ')})`),
  ];
}

const usableKinds = (person: Person | undefined): readonly ContactKind[] =>
  (person?.contacts ?? []).map(({ kind }) => kind).filter((kind) => USABLE_CONTACTS.has(kind));

/** A level in between that reaches nobody is passed at once; the check refuses only the first and the last. */
function levelsWithoutContact({ id: name, escalation, onCall }: Team, { people }: Settings): readonly string[] {
  return escalation.flatMap((level, index) => {
    const behind = level.flatMap((person) => (person === ON_CALL ? onCall : [person]));
    const isReached = behind.some((person) => usableKinds(people.get(person)).length > 0);
    return isReached ? [] : [`teams.${name}.escalation[${index}]: reaches nobody, so the next level is paged at once`];
  });
}
