/** Tells a hook outside to keep the evidence of an incident, while it is still there. */
import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { DeliveryError, isRejectedByVendor } from '../runtime/failures.ts';
import type { Ports } from './ports.ts';
import type { NotificationActivities } from './types.ts';

const ATTEMPT_MS = 12_000;

/** Fails, so that it is tried again, while the hook does not take it; wrong settings may be mended meanwhile. */
export function createGatherEvidence({
  evidence,
  links,
}: Pick<Ports, 'evidence' | 'links'>): NotificationActivities['gatherEvidence'] {
  return async ({ hook: name, key, incident, from, to }) => {
    const hook = evidence.get(name);
    if (hook === undefined) return { problem: 'it is no longer in the configuration' };
    const url = links.incident(incident.workflowId);
    const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    try {
      const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]);
      await hook.gather({ key, incident, ...times, url }, signal);
      return { problem: null };
    } catch (err) {
      const reason = reasonOf(err);
      if (isRejectedByVendor(err)) return { problem: reason };
      if (!(err instanceof DeliveryError)) log.warn('a hook could not be told to keep evidence', { name, error: err });
      throw ApplicationFailure.retryable(reason, 'EvidenceNotTaken');
    }
  };
}

/** Only what our own errors say goes into the record: anybody else's words may hold addresses, and secrets. */
function reasonOf(err: unknown): string {
  return err instanceof DeliveryError ? err.message : 'failed';
}
