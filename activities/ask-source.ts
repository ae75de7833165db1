/** Asks monitoring itself about alerts that nobody has heard of for too long. */
import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFinal } from './failures.ts';
import type { Ports } from './ports.ts';
import type { NotificationActivities } from './types.ts';

const ATTEMPT_MS = 12_000;

/** Fails, so that Temporal tries again, while the source does not answer; one that will not is `unknown` at once. */
export function createAskSource({ alertSources }: Pick<Ports, 'alertSources'>): NotificationActivities['askSource'] {
  return async ({ source, fingerprints }) => {
    const api = alertSources.get(source);
    if (api === undefined) return { firing: [], answer: 'unknown' };
    try {
      const there = await api.firing(AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]));
      return { firing: fingerprints.filter((fingerprint) => there.has(fingerprint)), answer: 'gone' };
    } catch (err) {
      const reason = err instanceof Error ? err.message : 'failed';
      if (!isFinal(err)) throw ApplicationFailure.retryable(reason, 'SourceNotAsked');
      log.warn(`${source} does not let itself be asked: see sources.${source}.api`, { reason });
      return { firing: [], answer: 'unknown' };
    }
  };
}
