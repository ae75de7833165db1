/**
 * Alerts in the spool that page at once, by group: the state from which fallback paging decides whom to page. Rebuilt
 * from the spool after a restart. Keeps only what a page needs.
 */
import { type PagedIncident, firstLabels } from '../../../domain/escalation/page-requests.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { Policy } from '../../../domain/kernel/policy.ts';
import { type Severity, isWorse, worstOf } from '../../../domain/kernel/severity.ts';
import { truncate } from '../../../domain/kernel/text.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { type FiringId, firingId, isAfterEnd } from './firings.ts';

/** The alerts of one message about one group that page at once. */
export interface PagingAlerts {
  readonly declaration: Pick<
    Declaration,
    'workflowId' | 'incidentId' | 'title' | 'summary' | 'team' | 'service' | 'policy'
  >;
  /** The worst of its alerts. */
  readonly severity: Severity;
  /** When they page if they are still here, epoch ms; `Infinity` while nobody must be paged. */
  dueAt: number;
  /** When their maintenance ends, epoch ms; 0: not suppressed. */
  readonly notBefore: number;
  /** Worst first, and in the same sequence on every server. */
  readonly firings: readonly FiringId[];
  readonly alerts: PagedIncident['alerts'];
}

/** A group with something to page about. */
export interface FallbackGroup {
  readonly workflowId: string;
  readonly messages: PagingAlerts[];
  /** Firings that have not resolved. */
  open: number;
  /** Its escalation level, from 1, and since when somebody there has been reached; null: nobody yet. */
  level: number;
  levelSince: number | null;
  /** Whether the last page reached a person. */
  readonly attempts: Map<string, { readonly reached: boolean; readonly at: number }>;
  /** The next check, epoch ms. */
  checkAt: number;
}

/** Beyond this number, pages name groups without the labels of their alerts. */
const MAX_DETAILED_GROUPS = 500;
const ALERTS_SHOWN = 5;
/** Fewer than the dedup log remembers. Beyond these nobody is paged: by then on-call has thousands of alerts. */
const OPEN_AT_MOST = 20_000;
const TITLE_LENGTH = 300;
const SUMMARY_LENGTH = 500;

/** Temporal had it before it went down. */
type IsAlreadyDelivered = (alert: AlertReport, firing: FiringId, routed: RoutedAlerts) => boolean;

export class FallbackGroups {
  /** Alerts have been spooled since this process started. */
  isUsed = false;
  private readonly isAlreadyDelivered: IsAlreadyDelivered;
  private readonly groups = new Map<string, FallbackGroup>();
  private readonly open = new Map<FiringId, FallbackGroup>();
  /** Resolved in the spool, and when that was received: a firing that came before it pages nobody. */
  private readonly cleared = new Map<FiringId, number>();
  /** When alerts without a start of their own started. */
  private readonly startedAt = new Map<string, number>();
  private readonly acknowledged = new Map<string, Severity>();
  /** By digest, since each message read back from the spool brings its own copy. */
  private readonly policies = new Map<string, Policy>();

  constructor(isAlreadyDelivered: IsAlreadyDelivered) {
    this.isAlreadyDelivered = isAlreadyDelivered;
  }

  /** Adds spooled alerts, which page at `dueAt`. Returns their group if any of them are new. */
  add(routed: RoutedAlerts, dueAt: number, notBefore = 0): FallbackGroup | null {
    this.isUsed = true;
    const { declaration, alerts } = routed;
    const { workflowId } = declaration;
    for (const alert of alerts) if (alert.status === 'resolved') this.clear(routed, alert);
    const newAlerts = alerts
      .filter((alert) => pagesAtOnce(declaration, alert) && this.isNewFiring(routed, alert))
      .sort(worstFirst);
    const broughtForward = this.pageSooner(routed, { dueAt, notBefore });
    if (newAlerts.length === 0 || this.open.size >= OPEN_AT_MOST) return broughtForward;
    const group = this.groups.get(workflowId) ?? newFallbackGroup(workflowId);
    for (const alert of newAlerts)
      if (alert.startGuessed) this.startedAt.set(alertKey(workflowId, alert), alert.startsAt);
    const message = this.pagingAlertsOf(routed, newAlerts, { dueAt, notBefore });
    for (const firing of message.firings) this.open.set(firing, group);
    group.open += message.firings.length;
    group.messages.push(message);
    group.checkAt = Math.min(group.checkAt, dueAt);
    this.groups.set(workflowId, group);
    return group;
  }

  /** Temporal has them, or they are moot: nobody is paged about them any more. */
  remove({ declaration: { workflowId }, alerts }: RoutedAlerts): void {
    for (const alert of alerts) {
      const id = this.idOf(workflowId, alert);
      if (alert.status === 'resolved') this.cleared.delete(id);
      if (alert.startGuessed) this.startedAt.delete(alertKey(workflowId, alert));
      this.close(id);
    }
  }

  allGroups(): Iterable<FallbackGroup> {
    return this.groups.values();
  }

  groupOf(workflowId: string): FallbackGroup | undefined {
    return this.groups.get(workflowId);
  }

  isOpen(firing: FiringId): boolean {
    return this.open.has(firing);
  }

  /** Identifies an alert's firing: without a start of its own, the one that its fingerprint started. */
  idOf(workflowId: string, alert: AlertReport): FiringId {
    const startsAt = alert.startGuessed ? this.startedAt.get(alertKey(workflowId, alert)) : undefined;
    return firingId(workflowId, startsAt === undefined ? alert : { ...alert, startsAt });
  }

  /** Somebody has acknowledged the group. */
  acknowledge(workflowId: string): void {
    const severities = this.groups.get(workflowId)?.messages.map(({ severity }) => severity) ?? [];
    // The acknowledged alerts are unknown: whatever pages counts as worse.
    this.acknowledged.set(workflowId, worstOf(severities) ?? 'SEV4');
  }

  unacknowledge(workflowId: string): void {
    this.acknowledged.delete(workflowId);
  }

  /** Alerts worse than this page anyway; null: nobody has acknowledged the group. */
  acknowledgedSeverity(workflowId: string): Severity | null {
    return this.acknowledged.get(workflowId) ?? null;
  }

  private clear({ declaration: { workflowId }, receivedAt }: RoutedAlerts, alert: AlertReport): void {
    const id = this.idOf(workflowId, alert);
    if (alert.startGuessed) this.startedAt.delete(alertKey(workflowId, alert));
    else this.cleared.set(id, alert.receivedAt ?? receivedAt);
    this.close(id);
  }

  private close(id: FiringId): void {
    const group = this.open.get(id);
    this.open.delete(id);
    if (group === undefined) return;
    group.open -= 1;
    if (group.open === 0) this.groups.delete(group.workflowId);
  }

  private isNewFiring(routed: RoutedAlerts, alert: AlertReport): boolean {
    const id = this.idOf(routed.declaration.workflowId, alert);
    if (this.open.has(id)) return false;
    const endedAt = this.cleared.get(id);
    return endedAt === undefined ? !this.isAlreadyDelivered(alert, id, routed) : isAfterEnd(endedAt, routed);
  }

  /** Alerts that await the end of maintenance, when a new report has an earlier end, or none. */
  private pageSooner(
    { declaration: { workflowId }, alerts }: RoutedAlerts,
    { dueAt, notBefore }: Pick<PagingAlerts, 'dueAt' | 'notBefore'>,
  ): FallbackGroup | null {
    const group = this.groups.get(workflowId);
    if (group === undefined) return null;
    const reportedFirings = new Set(
      alerts.filter(({ status }) => status === 'firing').map((alert) => this.idOf(workflowId, alert)),
    );
    const isSuppressedLonger = (message: PagingAlerts): boolean =>
      message.notBefore > notBefore && message.firings.some((firing) => reportedFirings.has(firing));
    if (!group.messages.some(isSuppressedLonger)) return null;
    const now = group.messages.map((message) =>
      isSuppressedLonger(message) ? { ...message, notBefore, dueAt: Math.max(notBefore, dueAt) } : message,
    );
    group.messages.splice(0, now.length, ...now);
    group.checkAt = Math.min(group.checkAt, dueAt);
    return group;
  }

  private pagingAlertsOf(
    { declaration }: RoutedAlerts,
    alerts: readonly AlertReport[],
    times: Pick<PagingAlerts, 'dueAt' | 'notBefore'>,
  ): PagingAlerts {
    const { workflowId, incidentId, title, summary, team, service } = declaration;
    const policy = this.policies.get(declaration.policy.digest) ?? declaration.policy;
    this.policies.set(policy.digest, policy);
    const isDetailed = this.groups.size < MAX_DETAILED_GROUPS;
    return {
      declaration: {
        workflowId,
        incidentId,
        team,
        service,
        policy,
        title: truncate(title, TITLE_LENGTH),
        summary: isDetailed ? truncate(summary, SUMMARY_LENGTH) : '',
      },
      severity: worstOf(alerts.map(({ severity }) => severity)) ?? declaration.severity,
      ...times,
      firings: [...new Set(alerts.map((alert) => this.idOf(workflowId, alert)))],
      alerts: isDetailed ? alerts.slice(0, ALERTS_SHOWN).map(alertForPage) : [],
    };
  }
}

const alertKey = (workflowId: string, { fingerprint }: AlertReport): string =>
  JSON.stringify([workflowId, fingerprint]);

function newFallbackGroup(workflowId: string): FallbackGroup {
  return { workflowId, messages: [], open: 0, level: 1, levelSince: null, attempts: new Map(), checkAt: Infinity };
}

/** Only alerts that would make their incident page when declared; a test pages nobody while Temporal is down. */
function pagesAtOnce({ test, policy }: Declaration, { status, severity }: AlertReport): boolean {
  return !test && status === 'firing' && policy.severities[severity].pageAfterMs === 0;
}

function worstFirst(a: AlertReport, b: AlertReport): number {
  if (a.severity !== b.severity) return isWorse(a.severity, b.severity) ? -1 : 1;
  if (a.startsAt !== b.startsAt) return a.startsAt - b.startsAt;
  return a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0;
}

function alertForPage({ labels, links }: AlertReport): PagedIncident['alerts'][number] {
  return { labels: firstLabels(labels), links };
}

/** Parts of the routed alerts, each with the time until which it is suppressed (epoch ms; 0: not suppressed). */
export function splitBySuppressionEnd(
  routed: RoutedAlerts,
): readonly (readonly [notBefore: number, part: RoutedAlerts])[] {
  if (routed.alerts.every(({ suppressedBy }) => suppressedBy === undefined)) return [[0, routed]];
  const parts = new Map<number, AlertReport[]>();
  for (const alert of routed.alerts) {
    const until = Math.max(0, ...(alert.suppressedBy ?? []).map((one) => one.until));
    parts.set(until, [...(parts.get(until) ?? []), alert]);
  }
  return [...parts].map(([until, alerts]) => [until, { ...routed, alerts }]);
}
