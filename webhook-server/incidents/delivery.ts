/** Telling Temporal what was seen: the rule of when an alert opens an incident and when it only tells one. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AlertBatch } from '../../domain/alert.ts';
import type { Opening } from '../../domain/opening.ts';
import { ALERTS_SIGNAL, INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import type { Sighting } from '../gateway.ts';
import { chunksOf, mergeSightings } from './batch.ts';
import type { Gate } from './gate.ts';
import { startOptions } from './start.ts';
import type { Tombstones } from './tombstones.ts';

export interface DeliveryParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly tombstones: Tombstones;
}

/** Delivers sightings of one incident. True when an incident was opened or told. Throws what `Gate.call` throws. */
export type Deliver = (sightings: readonly Sighting[]) => Promise<boolean>;

export function createDelivery({ client, gate, tombstones }: DeliveryParts): Deliver {
  return async (sightings) => {
    const { opening, batch } = mergeSightings(sightings);
    let told = false;
    for (const chunk of chunksOf(batch)) {
      const isNews = ({ status }: { status: string }): boolean => status === 'firing';
      const fresh = chunk.alerts.filter((alert) => !isNews(alert) || !tombstones.has(opening.workflowId, alert));
      const sent = fresh.some(isNews) ? await open(opening, { ...chunk, alerts: fresh }) : await tell(opening, chunk);
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
      for (const alert of batch.alerts) if (alert.status === 'resolved') tombstones.add(workflowId, alert);
      return false;
    }
  }
}
