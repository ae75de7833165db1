/** Merges routed alerts of one incident into one batch. Pure. */
import { isWorse } from '../../domain/kernel/severity.ts';
import type { AlertBatch, AlertReport, StormGroup } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Policy } from '../../domain/kernel/policy.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';

/** Different messages may merge into one signal as long as that keeps what each of them says about its group. */
const SIGNALS_BY_GROUP = 8;

/**
 * Routed alerts of one incident in parts that may share a signal: of one source and one of its groups, in the order in
 * which they were received. Where that would be very many signals, the groups are left out: their next messages name them.
 */
export function splitByGroup(received: readonly RoutedAlerts[]): readonly (readonly RoutedAlerts[])[] {
  const inOrder = [...received].sort((a, b) => a.receivedAt - b.receivedAt);
  const parts = splitWhere(inOrder, (a, b) => a.source !== b.source || a.messageGroup !== b.messageGroup);
  if (parts.length <= SIGNALS_BY_GROUP) return parts;
  const bySource = new Map<string, RoutedAlerts[]>();
  for (const { messageGroup: _, listed: _of, ...routed } of inOrder)
    bySource.set(routed.source, [...(bySource.get(routed.source) ?? []), routed]);
  return [...bySource.values()];
}

function splitWhere<T>(items: readonly T[], isBorder: (a: T, b: T) => boolean): readonly (readonly T[])[] {
  const parts: T[][] = [];
  for (const item of items) {
    const part = parts.at(-1);
    const last = part?.at(-1);
    if (part === undefined || last === undefined || isBorder(last, item)) parts.push([item]);
    else part.push(item);
  }
  return parts;
}

/**
 * All reports of one source in the order in which they were received; reports of an alert that follow each other and
 * say the same are one, the last. The declaration is that of the worst alert, so that an incident is not declared at a
 * low severity and raised at once.
 */
export function mergeRoutedAlerts(received: readonly RoutedAlerts[]): { declaration: Declaration; batch: AlertBatch } {
  const routedAlerts = received.map(withoutSuppression);
  const [first] = routedAlerts;
  if (first === undefined) throw new TypeError('nothing to merge');
  const newest = routedAlerts.reduce((a, b) => (b.receivedAt >= a.receivedAt ? b : a));
  const { source, receivedAt, messageGroup, listed } = newest;
  const lateCopyMs = Math.max(...routedAlerts.map((routed) => routed.lateCopyMs ?? 0));
  return {
    declaration: fitDeclaration(worstDeclaration(routedAlerts, first)),
    batch: {
      source,
      receivedAt,
      staleAfterMs: Math.max(...routedAlerts.map(({ staleAfterMs }) => staleAfterMs)),
      alerts: mergeReports(routedAlerts, receivedAt),
      truncated: Math.max(...routedAlerts.map(({ truncated }) => truncated)),
      byReceipt: true,
      ...(lateCopyMs > 0 ? { lateCopyMs } : {}),
      ...(messageGroup === undefined ? {} : { messageGroup }),
      ...(listed === undefined ? {} : { listed }),
      ...uniqueGroups(routedAlerts),
      ...uniquePages(routedAlerts),
    },
  };
}

/** A flip is kept: an alert that fires, resolves and fires again within one batch fires. */
function mergeReports(routedAlerts: readonly RoutedAlerts[], batchReceivedAt: number): readonly AlertReport[] {
  const reports = new Set<AlertReport>();
  const last = new Map<string, AlertReport>();
  for (const { alerts, receivedAt } of routedAlerts) {
    for (const alert of alerts) {
      const report = withReceivedAt(alert, receivedAt, batchReceivedAt);
      const key = `${alert.group ?? ''} ${alert.fingerprint}`;
      const before = last.get(key);
      if (before !== undefined && isSaidAgain(before, report)) reports.delete(before);
      reports.add(report);
      last.set(key, report);
    }
  }
  return [...reports];
}

function withReceivedAt(alert: AlertReport, receivedAt: number, batchReceivedAt: number): AlertReport {
  const at = alert.receivedAt ?? receivedAt;
  return at === batchReceivedAt || alert.receivedAt !== undefined ? alert : { ...alert, receivedAt: at };
}

/** The same firing or end of it, and not one that was worse before: that would be news. */
function isSaidAgain(before: AlertReport, { status, startsAt, startGuessed, severity }: AlertReport): boolean {
  const sameStart = before.startsAt === startsAt || (before.startGuessed && startGuessed);
  return before.status === status && sameStart && !isWorse(before.severity, severity);
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

const DECLARATION_BYTES = 32 * 1024;
const SUMMARY_UNITS = 2000;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

/** All declarations of a team share an immutable policy: it is measured once, not with every alert. */
const policyBytes = new WeakMap<Policy, number>();

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
