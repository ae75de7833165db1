/** What every declaration by this server needs: a ULID, the team's policy, and defaults for the rest. */
import { randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';
import type { Config } from '../../config/config.ts';
import { policyFor } from '../../config/policy.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Policy } from '../../domain/kernel/policy.ts';

const pool = new Uint8Array(1024);
let used = pool.length;

/** By itself the library asks the system for randomness for each character: 50 µs for every alert. */
function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  used += 1;
  // 256 is a multiple of the 32 letters, so all are equally likely.
  return byte / 256;
}

/** `at`: epoch ms, by which ULIDs sort. */
export const newUlid = (at: number): string => ulid(at, random);

const cachedPolicies = new WeakMap<Config, Map<string, Policy>>();

/**
 * The policy of a team and service, built once for each configuration: every alert needs one, and its digest hashes all
 * of it. Services that do not differ share one. A `service` that is not configured changes nothing. Throws when the
 * team does not exist, which the configuration check rules out for routes.
 */
export function cachedPolicy(config: Config, team: string, service: string | null): Policy {
  const policies = cachedPolicies.get(config) ?? new Map<string, Policy>();
  cachedPolicies.set(config, policies);
  // Bounded by the configuration, whatever senders call their services.
  const configuredService = service !== null && config.services.has(service) ? service : null;
  const key = JSON.stringify([team, configuredService]);
  const cached = policies.get(key);
  if (cached) return cached;
  const policy = policyFor(config, team, service);
  if (!policy) throw new Error(`no team ${team} in the configuration`);
  const same = [...policies.values()].find(({ digest }) => digest === policy.digest) ?? policy;
  policies.set(key, same);
  return same;
}

/** A declaration by alerts: neither a test nor restricted, without a person; `known` gives the rest. */
export function declarationOf<Known extends Partial<Declaration>>(
  known: Known &
    Pick<Declaration, 'workflowId' | 'incidentId' | 'title' | 'summary' | 'severity' | 'team' | 'source' | 'policy'>,
): Declaration {
  return {
    severityGuessed: false,
    service: null,
    component: null,
    declaredBy: null,
    declarerIsOnCall: false,
    test: false,
    restricted: false,
    spooledAt: null,
    recurrenceOf: null,
    ...known,
  };
}
