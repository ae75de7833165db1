/** Who is behind a name in a policy, and how each person is paged: looked up when paging, never frozen. Pure. */
import { USABLE_CONTACTS } from '../providers/vendors.ts';
import type { Config } from './config.ts';
import type { ContactSetting } from './sections/contacts.ts';
import type { Team } from './sections/teams.ts';

/** What a policy calls a PagerDuty service that owns the escalation; no person can have such a name. */
export const PAGERDUTY_OWNER_PREFIX = 'pagerduty:';

/** People behind a person, an owner of escalations, a team, or `onCall` of `teamId`. Null: the name is gone. */
export function resolvePeople(config: Config, name: string, teamId: string): readonly string[] | null {
  if (config.people.has(name) || isOwner(config, name)) return [name];
  const team = config.teams.get(name === 'onCall' ? teamId : name);
  return team === undefined ? null : team.onCall.filter((person) => config.people.has(person));
}

/** The levels of a team's escalation, each person once a level; names that are gone are left out. */
export function levelsOf(config: Config, { id, escalation }: Team): readonly (readonly string[])[] {
  return escalation.map((names) => [...new Set(names.flatMap((name) => resolvePeople(config, name, id) ?? []))]);
}

function isOwner({ vendors }: Config, name: string): boolean {
  return (
    name.startsWith(PAGERDUTY_OWNER_PREFIX) &&
    vendors.pagerduty?.services.has(name.slice(PAGERDUTY_OWNER_PREFIX.length)) === true
  );
}

/** A PagerDuty service that owns an escalation is paged like a person with one contact. */
export function contactSettingsOf({ people }: Pick<Config, 'people'>, person: string): readonly ContactSetting[] {
  if (!person.startsWith(PAGERDUTY_OWNER_PREFIX)) return people.get(person)?.contacts ?? [];
  return [{ kind: 'pagerduty', target: person.slice(PAGERDUTY_OWNER_PREFIX.length) }];
}

/** The names of a person's methods in keys and deliveries, in order of preference; a second of a kind is `webhook-2`. */
export function contactMethodsOf(config: Pick<Config, 'people'>, person: string): readonly string[] {
  const seen = new Map<string, number>();
  return contactSettingsOf(config, person).flatMap(({ kind }) => {
    const nth = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, nth);
    if (!USABLE_CONTACTS.has(kind)) return [];
    return [nth === 1 ? kind : `${kind}-${nth}`];
  });
}
