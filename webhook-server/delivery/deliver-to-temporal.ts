/** Telling Temporal what was seen: the rule of when an alert opens an incident and when it only tells one. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { ALERTS_SIGNAL, INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { splitIntoSignals, mergeRoutedAlerts, withAlerts } from './alert-batch.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { incidentStartOptions } from './start-options.ts';
import type { ResolvedBeforeFiring } from './tombstones.ts';

export interface DeliverToTemporalParts {
  readonly client: Client;
  readonly circuitBreaker: CircuitBreaker;
  readonly resolvedBeforeFiring: ResolvedBeforeFiring;
}

/** `open`: something fires, so a run is started where there is none; `tell`: only one that is there hears of it. */
export type DeliveryMode = 'start' | 'signal';

/**
 * Delivers routed alerts of one incident. True when an incident was opened or told: of everything that fires, where
 * something does. Throws what `Gate.call` throws.
 */
export type DeliverToTemporal = (routedAlerts: readonly RoutedAlerts[], mode: DeliveryMode) => Promise<boolean>;

export function createDeliverToTemporal({
  client,
  circuitBreaker,
  resolvedBeforeFiring,
}: DeliverToTemporalParts): DeliverToTemporal {
  const isFiring = ({ status }: AlertReport): boolean => status === 'firing';
  /** Its resolution came before it. */
  const isAlreadyResolved = ({ workflowId }: Declaration, alert: AlertReport): boolean =>
    isFiring(alert) && resolvedBeforeFiring.has(alert.group ?? workflowId, alert);

  return async (routedAlerts, mode) => {
    const { opening, batch } = mergeRoutedAlerts(routedAlerts);
    let delivered = false;
    for (const chunk of splitIntoSignals(batch)) {
      const unresolved = withAlerts(
        chunk,
        chunk.alerts.filter((alert) => !isAlreadyResolved(opening, alert)),
      );
      const fires = unresolved.alerts.some(isFiring);
      const sent =
        fires && mode === 'start'
          ? await startOrSignal(opening, unresolved)
          : await signalExisting(opening, fires ? unresolved : chunk);
      if (fires && !sent) return false;
      delivered ||= sent;
    }
    return delivered;
  };

  async function startOrSignal(opening: Declaration, batch: AlertBatch): Promise<true> {
    await circuitBreaker.callDurable(() =>
      client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
        ...incidentStartOptions(opening),
        signal: ALERTS_SIGNAL,
        signalArgs: [batch],
      }),
    );
    return true;
  }

  /** An all-clear must not open an incident. With none running nobody is told, and a late firing will find this out. */
  async function signalExisting({ workflowId }: Declaration, batch: AlertBatch): Promise<boolean> {
    try {
      await circuitBreaker.callDurable(() => client.workflow.getHandle(workflowId).signal(ALERTS_SIGNAL, batch));
      return true;
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      for (const alert of batch.alerts)
        if (!isFiring(alert)) resolvedBeforeFiring.add(alert.group ?? workflowId, alert);
      return false;
    }
  }
}
