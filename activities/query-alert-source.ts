/** Asks monitoring itself about alerts that nobody has heard of for too long. */
import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFinalFailure } from '../runtime/failures.ts';
import type { Ports } from './ports.ts';
import type { NotificationActivities } from './types.ts';

const ATTEMPT_MS = 12_000;

/** Fails, so that Temporal tries again, while the source does not answer; one that will not is `unknown` at once. */
export function createQueryAlertSource({
  alertSources,
}: Pick<Ports, 'alertSources'>): NotificationActivities['queryAlertSource'] {
  return async ({ source, fingerprints }) => {
    const api = alertSources.get(source);
    if (api === undefined) return { firing: [], answer: 'unknown' };
    try {
      const firingNow = await api.firing(AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]));
      return { firing: fingerprints.filter((fingerprint) => firingNow.has(fingerprint)), answer: 'gone' };
    } catch (err) {
      const reason = err instanceof Error ? err.message : 'failed';
      if (!isFinalFailure(err)) throw ApplicationFailure.retryable(reason, 'SourceNotAsked');
      log.warn(`${source} does not let itself be asked: see sources.${source}.api`, { reason });
      return { firing: [], answer: 'unknown' };
    }
  };
}
