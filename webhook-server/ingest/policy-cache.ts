/**
 * Policies of a configuration, made once for each team and service: every alert needs one, and its digest is a hash of
 * it all. Services that differ in nothing share one.
 */
import type { Config } from '../../config/config.ts';
import { policyFor } from '../../config/policy-for.ts';
import type { Policy } from '../../domain/kernel/policy.ts';

const cachedPolicies = new WeakMap<Config, Map<string, Policy>>();

/**
 * `service`: what the alert or the person named; one nobody configured changes nothing. Throws when the team does not
 * exist: the configuration check lets no route name such a team.
 */
export function cachedPolicy(config: Config, team: string, service: string | null): Policy {
  const policies = cachedPolicies.get(config) ?? new Map<string, Policy>();
  cachedPolicies.set(config, policies);
  // As many as are configured, whatever senders call their services.
  const configuredService = service !== null && config.services.has(service) ? service : null;
  const key = JSON.stringify([team, configuredService]);
  const kept = policies.get(key);
  if (kept) return kept;
  const policy = policyFor(config, team, service);
  if (!policy) throw new Error(`no team ${team} in the configuration`);
  const same = [...policies.values()].find(({ digest }) => digest === policy.digest) ?? policy;
  policies.set(key, same);
  return same;
}
