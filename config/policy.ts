/** The policy of one team as it is now: what a new incident takes with it, and what `movePolicy` asks for. */
import { type Policy } from '../domain/policy.ts';
import { digestOf } from './canonical-json.ts';
import { type Config } from './config.ts';

const HEAD_OF_ENGINEERING = 'head-of-engineering';

/** Null when there is no such team. Names stay names: they are looked up when somebody is paged. */
export function policyFor(config: Config, teamId: string): Policy | null {
  const team = config.teams.get(teamId);
  if (!team) return null;
  const levels = team.escalation;
  const leadership = [team.leadership, config.organization.leadership, levels.at(-1) ?? []].find((l) => l.length > 0);
  const heads = [...config.people.values()].filter(({ role }) => role === HEAD_OF_ENGINEERING).map(({ id }) => id);
  const rules: Omit<Policy, 'digest'> = {
    levels,
    leadership: leadership ?? [],
    rollbackFailed: heads.length > 0 ? heads : (leadership ?? []),
    severities: config.severities,
    monitoring: config.monitoring,
    firstPublicEntry: config.statusPageFirst,
  };
  return { digest: digestOf(rules, 16), ...rules };
}
