/**
 * A new incident in an old run first pages by the policy that the run knows, then adopts the team's policy of today.
 * Any incident does so when somebody asks for it.
 */
import { notifications } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = "today's policy";
const GONE = 'the configuration has no such team any more';
const SAME = "it is today's already";

export function takeTodaysPolicy(run: IncidentRun): void {
  const by = run.incident.policyMoveRequestedBy;
  if ((!run.policyIsOld && by === null) || run.isCalling(CALL)) return;
  const { incidentId } = run.incident;
  run.call(
    CALL,
    () => {
      const { team, service } = run.incident;
      return notifications.currentPolicy({ team, service });
    },
    ({ policy }) => {
      if (run.incident.incidentId !== incidentId) return;
      run.policyIsOld = false;
      const at = Date.now();
      const changed = policy !== null && policy.digest !== run.incident.policy.digest;
      if (changed) run.record({ type: 'policy-moved', at, policy, by });
      else if (by !== null) run.record({ type: 'policy-kept', at, reason: policy === null ? GONE : SAME });
    },
    (reason) => {
      run.policyIsOld = false;
      const at = Date.now();
      run.record({ type: 'notification-failed', at, what: CALL, reason, givenUp: true });
      if (by !== null) run.record({ type: 'policy-kept', at, reason });
    },
  );
}
