/**
 * The policy of one team as it is now, frozen into a new incident; and who is behind its names and how each person is
 * paged, looked up when paging and never frozen. Pure.
 */
import { type Policy } from '../domain/kernel/policy.ts';
import { USABLE_CONTACTS } from '../providers/vendors.ts';
import { digestOf } from '../runtime/digests.ts';
import type { Config } from './config.ts';
import type { ContactSetting } from './sections/contacts.ts';
import { PAGERDUTY_OWNER_PREFIX } from './sections/people.ts';
import type { Team } from './sections/teams.ts';

const HEAD_OF_ENGINEERING = 'head-of-engineering';

/**
 * Null when there is no such team. Names stay names: they are looked up when somebody is paged. A service that
 * PagerDuty escalates for has `pagerduty:<name>` as level 1, a name that no person can have, and the team's levels after
 * it; a service nobody configured has no such owner.
 */
export function policyFor(config: Config, teamId: string, serviceId: string | null = null): Policy | null {
  const team = config.teams.get(teamId);
  if (!team) return null;
  const owner = ownerOf(config, serviceId);
  const escalationLevels = team.escalation;
  const leadership = [team.leadership, config.organization.leadership, escalationLevels.at(-1) ?? []].find(
    (l) => l.length > 0,
  );
  const heads = [...config.people.values()].filter(({ role }) => role === HEAD_OF_ENGINEERING).map(({ id }) => id);
  const rules: Omit<Policy, 'digest'> = {
    levels: owner === null ? escalationLevels : [[`${PAGERDUTY_OWNER_PREFIX}${owner}`], ...escalationLevels],
    owner,
    leadership: leadership ?? [],
    rollbackFailed: heads.length > 0 ? heads : (leadership ?? []),
    ...(config.paging.pursueForMs === null ? {} : { pursueForMs: config.paging.pursueForMs }),
    severities: config.severities,
    monitoring: config.monitoring,
    firstPublicEntry: config.statusPage.first,
    publicPromises: true,
    ...stakeholderUpdatesOf(config, teamId, serviceId),
    ...evidenceOf(config, serviceId),
  };
  return { digest: digestOf(rules, 16), ...rules };
}

function evidenceOf({ evidence }: Config, serviceId: string | null): Pick<Policy, 'evidence'> {
  const hooks = [...evidence.values()].filter(
    ({ services }) => services === null || (serviceId !== null && services.includes(serviceId)),
  );
  return hooks.length === 0 ? {} : { evidence: hooks.map(({ name, severities }) => ({ name, severities })) };
}

/** Who gets its stakeholder updates, and which texts the file replaces; empty where there are none. */
function stakeholderUpdatesOf(
  { stakeholders, templates }: Config,
  teamId: string,
  serviceId: string | null,
): Pick<Policy, 'stakeholders' | 'templates'> {
  const matchingStakeholders = [...stakeholders.values()].filter(
    ({ teams, services }) =>
      (teams?.includes(teamId) ?? true) && (services === null || (serviceId !== null && services.includes(serviceId))),
  );
  const stakeholderPolicies = matchingStakeholders.map(({ name, audience, severities, restricted }) => ({
    name,
    audience,
    severities,
    restricted,
  }));
  return {
    ...(stakeholderPolicies.length === 0 ? {} : { stakeholders: stakeholderPolicies }),
    ...(templates.size === 0 ? {} : { templates: [...templates.keys()] }),
  };
}

/** Name of the PagerDuty service that owns the escalation of `serviceId`, or null. */
function ownerOf(config: Config, serviceId: string | null): string | null {
  return serviceId === null ? null : (config.services.get(serviceId)?.pagerduty ?? null);
}

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
