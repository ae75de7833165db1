/** A fresh episode of a lingering run pages by the policy it knows, then takes the one the team has today. */
import { courtesies } from './proxies.ts';
import type { IncidentRun } from './run.ts';

const CALL = "today's policy";

export function takeTodaysPolicy(run: IncidentRun): void {
  if (!run.policyIsOld) return;
  run.policyIsOld = false;
  run.call(
    CALL,
    () => {
      const { team, service } = run.incident;
      return courtesies.currentPolicy({ team, service });
    },
    ({ policy }) => {
      const changed = policy !== null && policy.digest !== run.incident.policy.digest;
      if (changed) run.record({ type: 'policy-moved', at: Date.now(), policy, by: null });
    },
    (reason) => run.record({ type: 'courtesy-failed', at: Date.now(), what: CALL, reason, givenUp: true }),
  );
}
