/**
 * Delivers the routed alerts of one incident to its workflow, which they may start: merged into one batch, and split
 * into signals of bounded size.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { isWorse } from '../../domain/kernel/severity.ts';
import type { AlertBatch, AlertReport, StormGroup } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Policy } from '../../domain/kernel/policy.ts';
import {
  ALERTS_SIGNAL,
  INCIDENT_WORKFLOW,
  TASK_QUEUES,
  type IncidentInput,
  type IncidentMemo,
} from '../../workflows/contract.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import type { Circuit } from './circuit-breaker.ts';
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
  private readonly resolvedBeforeFiring: ResolvedBeforeFiring;

  constructor(parts: DeliverToTemporalParts) {
    this.parts = parts;
    this.resolvedBeforeFiring = new ResolvedBeforeFiring(parts.now);
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
    const { client, circuitBreaker } = this.parts;
    try {
      await circuitBreaker.callDurable(() => client.workflow.getHandle(workflowId).signal(ALERTS_SIGNAL, batch));
      return true;
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      for (const alert of batch.alerts)
        if (!isFiring(alert)) this.resolvedBeforeFiring.add(alert.group ?? workflowId, alert);
      return false;
    }
  }

  private isAlreadyResolved({ workflowId }: Declaration, alert: AlertReport): boolean {
    return isFiring(alert) && this.resolvedBeforeFiring.has(alert.group ?? workflowId, alert);
  }
}

/** A signal's JSON. Temporal refuses 2 MB and calls 4 MB a rate limit; a history holds many of these. */
export const SIGNAL_BYTES = 256 * 1024;
const DECLARATION_BYTES = 32 * 1024;
const SUMMARY_UNITS = 2000;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

/** All declarations of a team share an immutable policy: it is measured once, not with every alert. */
const policyBytes = new WeakMap<Policy, number>();

/**
 * Every alert once by (fingerprint, start), as last reported, except that firing never undoes resolved. The declaration
 * is that of the worst alert, so that an incident is not declared at a low severity and raised at once.
 */
export function mergeRoutedAlerts(received: readonly RoutedAlerts[]): { declaration: Declaration; batch: AlertBatch } {
  const routedAlerts = received.map(withoutSuppression);
  const [first] = routedAlerts;
  if (first === undefined) throw new TypeError('nothing to merge');
  const alerts = new Map<string, AlertReport>();
  const worst = worstDeclaration(routedAlerts, first);
  let newest = first;
  for (const routed of routedAlerts) {
    if (routed.receivedAt >= newest.receivedAt) newest = routed;
    for (const alert of routed.alerts) {
      const key = `${alert.group ?? ''} ${alert.startsAt} ${alert.fingerprint}`;
      if (alert.status === 'firing' && alerts.get(key)?.status === 'resolved') continue;
      alerts.delete(key); // keeps alerts in the order of their reports
      alerts.set(key, alert);
    }
  }
  return {
    declaration: fitDeclaration(worst),
    batch: {
      source: newest.source,
      receivedAt: newest.receivedAt,
      staleAfterMs: Math.max(...routedAlerts.map(({ staleAfterMs }) => staleAfterMs)),
      alerts: [...alerts.values()],
      truncated: Math.max(...routedAlerts.map(({ truncated }) => truncated)),
      ...uniqueGroups(routedAlerts),
      ...uniquePages(routedAlerts),
    },
  };
}

/** Suppressed alerts count only where nothing else fires. */
function worstDeclaration(routedAlerts: readonly RoutedAlerts[], first: RoutedAlerts): Declaration {
  const notSuppressed = routedAlerts.filter(({ alerts }) =>
    alerts.some(({ status, suppressedBy }) => status === 'firing' && !suppressedBy),
  );
  const suppressed = routedAlerts.filter(({ declaration }) => declaration.suppressed);
  const candidates = notSuppressed.length > 0 ? notSuppressed : suppressed.length > 0 ? suppressed : routedAlerts;
  return candidates.reduce(
    (worst, { declaration }) => (isWorse(declaration.severity, worst.severity) ? declaration : worst),
    (candidates[0] ?? first).declaration,
  );
}

/** Somebody was paged about these alerts while Temporal was down, so their maintenance was over by then. */
function withoutSuppression(routed: RoutedAlerts): RoutedAlerts {
  if ((routed.alreadyPaged ?? []).length === 0) return routed;
  const { suppressed: _, ...declaration } = routed.declaration;
  return { ...routed, declaration, alerts: routed.alerts.map(({ suppressedBy: _over, ...alert }) => alert) };
}

/** Each fallback page once. */
function uniquePages(routedAlerts: readonly RoutedAlerts[]): Pick<AlertBatch, 'alreadyPaged'> {
  const pages = routedAlerts.flatMap(({ alreadyPaged = [] }) => alreadyPaged);
  const once = new Map(pages.map((page) => [`${page.incidentId} ${page.method} ${page.key}`, page]));
  return once.size === 0 ? {} : { alreadyPaged: [...once.values()] };
}

/** Each group once, with its worst severity. */
function uniqueGroups(routedAlerts: readonly RoutedAlerts[]): Pick<AlertBatch, 'groups'> {
  const groups = new Map<string, StormGroup>();
  for (const group of routedAlerts.flatMap((routed) => routed.groups ?? [])) {
    const known = groups.get(group.workflowId);
    if (known === undefined || isWorse(group.severity, known.severity)) groups.set(group.workflowId, group);
  }
  return groups.size === 0 ? {} : { groups: [...groups.values()] };
}

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
 * resolved. Every signal carries the number of alerts that the sender left out.
 */
export function splitIntoSignals(batch: AlertBatch, limit = SIGNAL_BYTES): AlertBatch[] {
  const isSmall = bytesOf(batch) <= Math.min(ALERT_BYTES, limit - ENVELOPE_BYTES);
  const { alreadyPaged: _, ...rest } = batch;
  const pieces = isSmall ? [batch.alerts] : splitAlerts(batch, limit);
  return pieces.map((alerts, index) => withAlerts(index === 0 ? batch : rest, alerts));
}

function fitDeclaration(declaration: Declaration): Declaration {
  const { policy, ...rest } = declaration;
  if (bytesOfPolicy(policy) + bytesOf(rest) <= DECLARATION_BYTES) return declaration;
  return {
    ...declaration,
    title: declaration.title.slice(0, 500).toWellFormed(),
    summary: declaration.summary.slice(0, SUMMARY_UNITS).toWellFormed(),
  };
}

function bytesOfPolicy(policy: Policy): number {
  const bytes = policyBytes.get(policy) ?? bytesOf(policy);
  policyBytes.set(policy, bytes);
  return bytes;
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
export function incidentStartOptions(declaration: Declaration) {
  const { workflowId, incidentId, title, severity, team } = declaration;
  const memo: IncidentMemo = { incidentId, title: title.slice(0, MEMO_UNITS).toWellFormed(), severity, team };
  return {
    workflowId,
    taskQueue: TASK_QUEUES.incidents,
    args: [{ declaration }] as [IncidentInput],
    memo: { ...memo },
    staticSummary: truncateToBytes(title, SUMMARY_BYTES),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
}

/** The longest prefix of `text` that fits into `bytes` of UTF-8. */
export function truncateToBytes(text: string, bytes: number): string {
  const whole = Buffer.from(text.toWellFormed(), 'utf8');
  if (whole.length <= bytes) return whole.toString('utf8');
  let end = bytes;
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end -= 1; // not in the middle of a character
  return whole.subarray(0, end).toString('utf8');
}
