/**
 * Delivers the routed alerts of one incident to its workflow, which they may start: merged into one batch, and split
 * into signals of bounded size.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import {
  ALERTS_SIGNAL,
  INCIDENT_WORKFLOW,
  memoOf,
  startSummary,
  TASK_QUEUES,
  type IncidentInput,
} from '../../workflows/contract.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import type { Circuit } from './circuit-breaker.ts';
import { EndedFirings } from './ended-firings.ts';
import { mergeRoutedAlerts, splitByGroup } from './merge-alerts.ts';
import { ALERT_BYTES, ENVELOPE_BYTES, splitAlerts } from './split-alerts.ts';

/** `start`: starts a run if none exists and something fires; `signal`: only reaches an existing run. */
export type DeliveryMode = 'start' | 'signal';

export interface DeliverToTemporalParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly now: () => number;
  /** Temporal has acknowledged these. */
  readonly onDelivered: (routedAlerts: readonly RoutedAlerts[]) => void;
}

const isFiring = ({ status }: AlertReport): boolean => status === 'firing';

/** Delivers to a workflow: opens an incident, or only reaches one that exists. */
export class DeliverToTemporal {
  private readonly parts: DeliverToTemporalParts;
  private readonly endedFirings: EndedFirings;

  constructor(parts: DeliverToTemporalParts) {
    this.parts = parts;
    this.endedFirings = new EndedFirings(parts.now);
  }

  /**
   * Delivers routed alerts of one incident. True when a run took all of them, or all firing ones. Throws what
   * `CircuitBreaker.callDurable` throws.
   */
  async deliver(routedAlerts: readonly RoutedAlerts[], mode: DeliveryMode): Promise<boolean> {
    let delivered = false;
    const parts = splitByGroup(routedAlerts);
    for (const part of parts) {
      const { declaration, batch } = mergeRoutedAlerts(part);
      for (const chunk of splitIntoSignals(batch)) {
        const fires = this.withoutEnded(declaration, chunk);
        if (fires !== null && mode === 'start') await this.startOrSignal(declaration, fires);
        else if (!(await this.signalExisting(declaration, fires ?? chunk))) {
          if (fires !== null) return false;
          continue;
        }
        delivered = true;
      }
    }
    if (delivered) this.parts.onDelivered(parts.flat());
    return delivered;
  }

  /** The batch without firings that had ended before they arrived; null: nothing in it fires. */
  private withoutEnded({ workflowId }: Declaration, batch: AlertBatch): AlertBatch | null {
    const alerts = batch.alerts.filter(
      (alert) => !isFiring(alert) || !this.endedFirings.hasEnded(workflowId, alert, batch),
    );
    const lastReports = new Map(alerts.map((alert) => [`${alert.group ?? ''} ${alert.fingerprint}`, alert]));
    return [...lastReports.values()].some(isFiring) ? withAlerts(batch, alerts) : null;
  }

  private async startOrSignal(declaration: Declaration, batch: AlertBatch): Promise<void> {
    const { client, circuitBreaker } = this.parts;
    await circuitBreaker.callDurable(() =>
      client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
        ...incidentStartOptions(declaration),
        signal: ALERTS_SIGNAL,
        signalArgs: [batch],
      }),
    );
  }

  /** Resolved alerts must not open an incident. Without a run they reach nobody, but a late firing will not page. */
  private async signalExisting({ workflowId }: Declaration, batch: AlertBatch): Promise<boolean> {
    const { client, circuitBreaker } = this.parts;
    try {
      await circuitBreaker.callDurable(() => client.workflow.getHandle(workflowId).signal(ALERTS_SIGNAL, batch));
      return true;
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      for (const alert of batch.alerts) if (!isFiring(alert)) this.endedFirings.add(workflowId, alert, batch);
      return false;
    }
  }
}

/** A signal's JSON. Temporal refuses 2 MB and calls 4 MB a rate limit; a history holds many of these. */
export const SIGNAL_BYTES = 256 * 1024;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

/** The batch with only `alerts`. Keeps those of its groups that have their own incident or fire in `alerts`. */
function withAlerts(batch: AlertBatch, alerts: readonly AlertReport[]): AlertBatch {
  if (batch.groups === undefined) return { ...batch, alerts };
  const joining = new Set(alerts.filter(isFiring).map(({ group }) => group));
  return {
    ...batch,
    alerts,
    groups: batch.groups.filter(({ workflowId, hasOwnIncident }) => hasOwnIncident || joining.has(workflowId)),
  };
}

/**
 * The batch as signals of at most `limit` bytes of JSON. Firing alerts go first, so that it never looks as if all had
 * resolved. Every signal carries the number of alerts that the sender left out, and the last one what the message lists.
 */
export function splitIntoSignals(whole: AlertBatch, limit = SIGNAL_BYTES): AlertBatch[] {
  const { listed, alreadyPaged: _, ...rest } = whole;
  const listedBytes = listed === undefined ? 0 : bytesOf(listed);
  const carriesList = listed !== undefined && listedBytes <= limit / 2;
  const isSmall = bytesOf(whole) <= Math.min(ALERT_BYTES, limit - ENVELOPE_BYTES);
  const pieces = isSmall ? [whole.alerts] : splitAlerts(whole, carriesList ? limit - listedBytes : limit);
  const { listed: _of, ...first } = whole;
  const signals = pieces.map((alerts, index) => withAlerts(index === 0 ? first : rest, alerts));
  return carriesList ? signals.map((one, n) => (n === signals.length - 1 ? { ...one, listed } : one)) : signals;
}

/**
 * How an incident's workflow is started, by alerts or by a person. Without search attributes: an attribute unknown to
 * the server would make it refuse the start, so the workflow sets them later.
 */
export function incidentStartOptions(declaration: Declaration) {
  return {
    workflowId: declaration.workflowId,
    taskQueue: TASK_QUEUES.incidents,
    args: [{ declaration }] as [IncidentInput],
    memo: { ...memoOf(declaration) },
    staticSummary: startSummary(declaration),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
}
