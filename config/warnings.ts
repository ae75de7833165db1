/** Legal, but somebody will be sorry at 3 a.m. */
import {
  PHONE_CONTACTS,
  QUIET_CONTACTS,
  USABLE_CONTACTS,
  VENDOR_PLACES,
  type ContactKind,
} from '../providers/vendors.ts';
import { ON_CALL } from './checks/people.ts';
import { type Config, type Person } from './config.ts';
import { isLoopback } from './environment.ts';

type UncheckedConfig = Omit<Config, 'warnings' | 'notSupportedYet'>;

/** `inline`: secrets written in the file, as paths. Empty for the sample organization, which is not meant to last. */
export function warningsOf(config: UncheckedConfig, inline: readonly string[]): readonly string[] {
  const written = inline.map(
    (path) => `${path}: a secret in the file itself; write "\${NAME}" or "\${file:/run/secrets/name}" instead`,
  );
  const people = [...peopleWithoutPhone(config), ...emptyLevels(config)];
  return [...written, ...people, ...channelsWithoutChat(config), ...loopbackPublicUrl(config), ...noSources(config)];
}

/** Everybody whom a SEV1 pages. */
function pagedPeople(config: UncheckedConfig): readonly Person[] {
  const names = [...config.teams.values()].flatMap((team) => [
    ...team.onCall,
    ...team.escalation.flat(),
    ...(team.leadership.length > 0 ? team.leadership : config.organization.leadership),
  ]);
  return [...new Set(names)].flatMap((name) => config.people.get(name) ?? []);
}

const usableKinds = (person: Person | undefined): readonly ContactKind[] =>
  (person?.contacts ?? []).map(({ kind }) => kind).filter((kind) => USABLE_CONTACTS.has(kind));

const namesOf = (people: readonly Person[]): string => people.map(({ id }) => id).join(', ');

/** Only what works in this version counts: a number nobody can call yet rings no phone. */
function peopleWithoutPhone(config: UncheckedConfig): readonly string[] {
  const paged = pagedPeople(config);
  const without = paged.filter((person) => !usableKinds(person).some((kind) => PHONE_CONTACTS.has(kind)));
  const withoutSound = without.filter((person) => {
    const kinds = usableKinds(person);
    return kinds.length > 0 && kinds.every((kind) => QUIET_CONTACTS.has(kind));
  });
  const grade = [...PHONE_CONTACTS].filter((kind) => USABLE_CONTACTS.has(kind)).join(', ');
  const quiet = [...QUIET_CONTACTS].join(', ');
  return [
    ...(without.length > 0
      ? [`people: paged for a SEV1 without a phone-grade method (in this version: ${grade}): ${namesOf(without)}`]
      : []),
    ...(withoutSound.length > 0
      ? [`people: paged for a SEV1 by methods that make no noise only (${quiet}): ${namesOf(withoutSound)}`]
      : []),
  ];
}

/** A level in between that reaches nobody is passed at once; the check refuses only the first and the last. */
function emptyLevels(config: UncheckedConfig): readonly string[] {
  return [...config.teams.values()].flatMap(({ id, escalation, onCall }) =>
    escalation.flatMap((level, index) => {
      const people = level.flatMap((name) => (name === ON_CALL ? onCall : [name]));
      const usable = people.some((name) => usableKinds(config.people.get(name)).length > 0);
      return usable ? [] : [`teams.${id}.escalation[${index}]: reaches nobody, so the chain goes on at once`];
    }),
  );
}

/** Channels without a chat, and components that nobody speaks of. */
function channelsWithoutChat({
  organization,
  teams,
  services,
  vendors,
  statusPage,
}: UncheckedConfig): readonly string[] {
  const isConfigured = (section: string): boolean =>
    VENDOR_PLACES.some((place) => place.section === section && vendors[place.name] !== null);
  const named = [
    ...(organization.releasesChannel === null ? [] : ['organization.releasesChannel']),
    ...[...teams.values()].flatMap(({ id, channel }) => (channel === null ? [] : [`teams.${id}.channel`])),
  ];
  const spoken = new Set([...services.values()].map(({ component }) => component));
  const unused = [...(vendors.statuspage?.components.keys() ?? [])].filter((name) => !spoken.has(name));
  return [
    ...(isConfigured('chat') ? [] : named.map((at) => `${at}: there is no chat.slack, so nothing is posted there`)),
    ...unused.map((name) => `statusPage.statuspage.components: no service has the component "${name}"`),
    ...(statusPage.builtin || isConfigured('statusPage')
      ? []
      : ['statusPage: builtin is off and there is no statuspage, so the public is told nothing']),
  ];
}

function loopbackPublicUrl({ publicUrl }: UncheckedConfig): readonly string[] {
  if (!isLoopback(new URL(publicUrl).hostname)) return [];
  return [`publicUrl: ${publicUrl} opens on this machine only, and so do the links in pages`];
}

function noSources({ sources }: UncheckedConfig): readonly string[] {
  return sources.size > 0 ? [] : ['sources: none configured, so no alert can arrive; people can still declare'];
}
