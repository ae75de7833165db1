/** Delivers alerts to a workflow: opens an incident, or only reaches one that exists. */
import { WorkflowNotFoundError, type Client, type WorkflowOptions } from '@temporalio/client';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import {
  ALERTS_SIGNAL,
  INCIDENT_WORKFLOW,
  TASK_QUEUES,
  type IncidentInput,
  type IncidentMemo,
} from '../../workflows/contract.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { splitIntoSignals, mergeRoutedAlerts, withAlerts } from './alert-batch.ts';
import type { Circuit } from './circuit-breaker.ts';

/** `start`: starts a run if none exists and something fires; `signal`: only reaches an existing run. */
export type DeliveryMode = 'start' | 'signal';

export interface DeliverToTemporalParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly resolvedBeforeFiring: ResolvedBeforeFiring;
  /** Temporal has acknowledged these. */
  readonly onDelivered: (routedAlerts: readonly RoutedAlerts[]) => void;
}

const isFiring = ({ status }: AlertReport): boolean => status === 'firing';

export class DeliverToTemporal {
  private readonly parts: DeliverToTemporalParts;

  constructor(parts: DeliverToTemporalParts) {
    this.parts = parts;
  }

  /**
   * Delivers routed alerts of one incident. True when a run took all of them, or all firing ones. Throws what
   * `CircuitBreaker.callDurable` throws.
   */
  async deliver(routedAlerts: readonly RoutedAlerts[], mode: DeliveryMode): Promise<boolean> {
    const { declaration, batch } = mergeRoutedAlerts(routedAlerts);
    let delivered = false;
    for (const chunk of splitIntoSignals(batch)) {
      const unresolved = withAlerts(
        chunk,
        chunk.alerts.filter((alert) => !this.isAlreadyResolved(declaration, alert)),
      );
      const fires = unresolved.alerts.some(isFiring);
      const sent =
        fires && mode === 'start'
          ? await this.startOrSignal(declaration, unresolved)
          : await this.signalExisting(declaration, fires ? unresolved : chunk);
      if (fires && !sent) return false;
      delivered ||= sent;
    }
    if (delivered) this.parts.onDelivered(routedAlerts);
    return delivered;
  }

  private async startOrSignal(declaration: Declaration, batch: AlertBatch): Promise<true> {
    const { client, circuitBreaker } = this.parts;
    await circuitBreaker.callDurable(() =>
      client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
        ...incidentStartOptions(declaration),
        signal: ALERTS_SIGNAL,
        signalArgs: [batch],
      }),
    );
    return true;
  }

  /** Resolved alerts must not open an incident. Without a run they reach nobody, but a late firing will not page. */
  private async signalExisting({ workflowId }: Declaration, batch: AlertBatch): Promise<boolean> {
    const { client, circuitBreaker, resolvedBeforeFiring } = this.parts;
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

  private isAlreadyResolved({ workflowId }: Declaration, alert: AlertReport): boolean {
    return isFiring(alert) && this.parts.resolvedBeforeFiring.has(alert.group ?? workflowId, alert);
  }
}

const KEPT_MS = 10 * 60 * 1000;
const KEPT_AT_MOST = 50_000;

/**
 * Alerts that resolved before their firing arrived, remembered for ten minutes: messages can arrive out of sequence, and
 * a late firing must not page. In memory: after a restart the worst case is one page too many.
 */
export class ResolvedBeforeFiring {
  /** Key → when to forget it, soonest first. */
  private readonly kept = new Map<string, number>();
  private readonly now: () => number;
  private readonly limit: number;

  constructor(now: () => number = Date.now, limit = KEPT_AT_MOST) {
    this.now = now;
    this.limit = limit;
  }

  add(workflowId: string, alert: AlertReport): void {
    const key = keyOf(workflowId, alert);
    this.kept.delete(key); // moves the key to the end
    this.kept.set(key, this.now() + KEPT_MS);
    for (const [oldest, until] of this.kept) {
      if (until > this.now() && this.kept.size <= this.limit) return;
      this.kept.delete(oldest);
    }
  }

  has(workflowId: string, alert: AlertReport): boolean {
    return (this.kept.get(keyOf(workflowId, alert)) ?? -Infinity) > this.now();
  }
}

const keyOf = (workflowId: string, { fingerprint, startsAt }: AlertReport): string =>
  JSON.stringify([workflowId, fingerprint, startsAt]);

/** The server refuses a start whose summary exceeds 400 bytes. */
const SUMMARY_BYTES = 200;
const MEMO_UNITS = 250;

/**
 * How an incident's workflow is started, by alerts or by a person. Without search attributes: an attribute unknown to
 * the server would make it refuse the start, so the workflow sets them later.
 */
export function incidentStartOptions(declaration: Declaration): {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [IncidentInput];
  readonly memo: Record<string, unknown>;
  readonly staticSummary: string;
} & Pick<WorkflowOptions, 'workflowIdReusePolicy'> {
  const { workflowId, incidentId, title, severity, team } = declaration;
  const memo: IncidentMemo = { incidentId, title: title.slice(0, MEMO_UNITS).toWellFormed(), severity, team };
  return {
    workflowId,
    taskQueue: TASK_QUEUES.incidents,
    args: [{ declaration }],
    memo: { ...memo },
    staticSummary: truncateToBytes(title, SUMMARY_BYTES),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  };
}

/** The longest prefix of `text` that fits into `bytes` of UTF-8. */
export function truncateToBytes(text: string, bytes: number): string {
  const whole = Buffer.from(text.toWellFormed(), 'utf8');
  if (whole.length <= bytes) return whole.toString('utf8');
  let end = bytes;
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end -= 1; // not in the middle of a character
  return whole.subarray(0, end).toString('utf8');
}
