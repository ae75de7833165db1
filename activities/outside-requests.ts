/** Requests to the outside, one at a time: keep the evidence of an incident, or say what fires now. */
import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { DeliveryError, isFinalFailure, isRejectedByVendor } from '../runtime/failures.ts';
import type { Ports } from './ports.ts';
import type { NotificationActivities } from './types.ts';

const ATTEMPT_MS = 12_000;
const attemptSignal = (): AbortSignal => AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]);

/**
 * Tells a hook to keep evidence while it is still there. Fails, so that Temporal tries again, while the hook does not take
 * it; wrong settings may be mended meanwhile.
 */
export function createGatherEvidence({
  evidence,
  links,
}: Pick<Ports, 'evidence' | 'links'>): NotificationActivities['gatherEvidence'] {
  return async ({ hook: name, key, incident, from, to }) => {
    const hook = evidence.get(name);
    if (hook === undefined) return { problem: 'it is no longer in the configuration' };
    const url = links.incidentUnsigned(incident.workflowId);
    const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    try {
      await hook.gather({ key, incident, ...times, url }, attemptSignal());
      return { problem: null };
    } catch (err) {
      // Only our own errors go into the record: others' messages may hold addresses and secrets.
      const reason = err instanceof DeliveryError ? err.message : 'failed';
      if (isRejectedByVendor(err)) return { problem: reason };
      if (!(err instanceof DeliveryError)) log.warn('could not tell a hook to keep evidence', { name, error: err });
      throw ApplicationFailure.retryable(reason, 'EvidenceNotTaken');
    }
  };
}

/**
 * Asks monitoring itself about alerts that nobody has reported for too long. Fails, so that Temporal tries again, while the
 * source does not answer; one that refuses to be asked is `unknown` at once.
 */
export function createQueryAlertSource({
  alertSources,
}: Pick<Ports, 'alertSources'>): NotificationActivities['queryAlertSource'] {
  return async ({ source, fingerprints }) => {
    const api = alertSources.get(source);
    if (api === undefined) return { firing: [], answer: 'unknown' };
    try {
      const firingNow = await api.firing(attemptSignal());
      const firing = fingerprints.filter((fingerprint) => firingNow.has(fingerprint));
      return { firing, answer: 'gone', othersFiring: firingNow.size - firing.length };
    } catch (err) {
      const reason = err instanceof Error ? err.message : 'failed';
      if (!isFinalFailure(err)) throw ApplicationFailure.retryable(reason, 'SourceNotAsked');
      log.warn(`cannot ask ${source} what fires: see sources.${source}.api`, { reason });
      return { firing: [], answer: 'unknown' };
    }
  };
}
