/**
 * Policies of a configuration, made once for each team and owner of the escalation: every alert needs one, and its
 * digest is a hash of it all.
 */
import type { Config } from '../config/config.ts';
import { ownerOf, policyFor } from '../config/policy.ts';
import type { Policy } from '../domain/policy.ts';

const made = new WeakMap<Config, Map<string, Policy>>();

/**
 * `service`: what the alert or the person named; one nobody configured changes nothing. Throws when the team does not
 * exist: the configuration check lets no route name such a team.
 */
export function policyOf(config: Config, team: string, service: string | null): Policy {
  const policies = made.get(config) ?? new Map<string, Policy>();
  made.set(config, policies);
  // By owner, not by service: as many as are configured, whatever strangers call their services.
  const key = JSON.stringify([team, ownerOf(config, service)]);
  const kept = policies.get(key);
  if (kept) return kept;
  const policy = policyFor(config, team, service);
  if (!policy) throw new Error(`no team ${team} in the configuration`);
  policies.set(key, policy);
  return policy;
}
