/** The policy of one team as it is now: what a new incident takes with it, and what `movePolicy` asks for. */
import { type Policy } from '../domain/kernel/policy.ts';
import { digestOf } from '../runtime/canonical-json.ts';
import { type Config } from './config.ts';

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
    levels: owner === null ? escalationLevels : [[`pagerduty:${owner}`], ...escalationLevels],
    owner,
    leadership: leadership ?? [],
    rollbackFailed: heads.length > 0 ? heads : (leadership ?? []),
    severities: config.severities,
    monitoring: config.monitoring,
    firstPublicEntry: config.statusPage.first,
    ...stakeholderUpdatesOf(config, teamId, serviceId),
    ...evidenceOf(config, serviceId),
  };
  return { digest: digestOf(rules, 16), ...rules };
}

/** Who keeps evidence of it; nothing where nobody does. */
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
