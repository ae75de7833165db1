/** Policies of a configuration, made once for each team: every alert needs one, and its digest is a hash of it all. */
import type { Config } from '../config/config.ts';
import { policyFor } from '../config/policy.ts';
import type { Policy } from '../domain/policy.ts';

const made = new WeakMap<Config, Map<string, Policy>>();

/** Throws when the team does not exist: the configuration check lets no route name such a team. */
export function policyOf(config: Config, team: string): Policy {
  const policies = made.get(config) ?? new Map<string, Policy>();
  made.set(config, policies);
  const kept = policies.get(team);
  if (kept) return kept;
  const policy = policyFor(config, team);
  if (!policy) throw new Error(`no team ${team} in the configuration`);
  policies.set(team, policy);
  return policy;
}
