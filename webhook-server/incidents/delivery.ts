/** Telling Temporal what was seen: the rule of when an alert opens an incident and when it only tells one. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AlertBatch, AlertReport } from '../../domain/alert.ts';
import type { Opening } from '../../domain/opening.ts';
import { ALERTS_SIGNAL, INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { chunksOf, mergeRoutedAlerts, withAlerts } from './batch.ts';
import type { Gate } from './gate.ts';
import { startOptions } from './start.ts';
import type { Tombstones } from './tombstones.ts';

export interface DeliveryParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly tombstones: Tombstones;
}

/** `open`: something fires, so a run is started where there is none; `tell`: only one that is there hears of it. */
export type How = 'open' | 'tell';

/**
 * Delivers routed alerts of one incident. True when an incident was opened or told: of everything that fires, where
 * something does. Throws what `Gate.call` throws.
 */
export type Deliver = (routedAlerts: readonly RoutedAlerts[], how: How) => Promise<boolean>;

export function createDelivery({ client, gate, tombstones }: DeliveryParts): Deliver {
  const isNews = ({ status }: AlertReport): boolean => status === 'firing';
  /** Its resolution came before it. */
  const isMoot = ({ workflowId }: Opening, alert: AlertReport): boolean =>
    isNews(alert) && tombstones.has(alert.group ?? workflowId, alert);

  return async (routedAlerts, how) => {
    const { opening, batch } = mergeRoutedAlerts(routedAlerts);
    let told = false;
    for (const chunk of chunksOf(batch)) {
      const fresh = withAlerts(
        chunk,
        chunk.alerts.filter((alert) => !isMoot(opening, alert)),
      );
      const fires = fresh.alerts.some(isNews);
      const sent = fires && how === 'open' ? await open(opening, fresh) : await tell(opening, fires ? fresh : chunk);
      if (fires && !sent) return false;
      told ||= sent;
    }
    return told;
  };

  async function open(opening: Opening, batch: AlertBatch): Promise<true> {
    await gate.call(() =>
      client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
        ...startOptions(opening),
        signal: ALERTS_SIGNAL,
        signalArgs: [batch],
      }),
    );
    return true;
  }

  /** An all-clear must not open an incident. With none running nobody is told, and a late firing will find this out. */
  async function tell({ workflowId }: Opening, batch: AlertBatch): Promise<boolean> {
    try {
      await gate.call(() => client.workflow.getHandle(workflowId).signal(ALERTS_SIGNAL, batch));
      return true;
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      for (const alert of batch.alerts) if (!isNews(alert)) tombstones.add(alert.group ?? workflowId, alert);
      return false;
    }
  }
}
