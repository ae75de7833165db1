/**
 * What waits in the spool and pages at once, group by group: the memory from which the edge decides whom to page.
 * Rebuilt from the spool after a restart. Keeps no more than a page needs.
 */
import type { AlertReport } from '../../domain/alert.ts';
import type { Opening } from '../../domain/opening.ts';
import { firstLabels, type PagedIncident } from '../../domain/paged-incident.ts';
import type { Policy } from '../../domain/policy.ts';
import { isWorse, worstOf, type Severity } from '../../domain/severity.ts';
import { clip } from '../../domain/text.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { firingId, type FiringId } from './firing.ts';

/** The alerts of one message about one group that page at once. */
export interface Sighted {
  readonly opening: Pick<Opening, 'workflowId' | 'incidentId' | 'title' | 'summary' | 'team' | 'service' | 'policy'>;
  /** The worst of its alerts. */
  readonly severity: Severity;
  /** When it is paged if it is still here, epoch ms; `Infinity` while nobody is to be. */
  dueAt: number;
  /** Maintenance holds it back until then, epoch ms; 0: it does not. */
  readonly notBefore: number;
  /** Worst first, and in the same order on every server. */
  readonly firings: readonly FiringId[];
  readonly alerts: PagedIncident['alerts'];
}

/** A group with something to page about. */
export interface Case {
  readonly workflowId: string;
  readonly sighted: Sighted[];
  /** Firings that are not over. */
  open: number;
  /** Where its chain stands, from 1, and since when somebody at that level has been reached; null: nobody yet. */
  level: number;
  levelSince: number | null;
  /** What came of paging a person, the last time. */
  readonly attempts: Map<string, { readonly reached: boolean; readonly at: number }>;
  /** When it must be looked at again, epoch ms. */
  nextLook: number;
}

export interface Cases {
  /** the alerts of one message for one incident that the spool has; it is paged at `dueAt`. The case, when it is news. */
  add(routed: RoutedAlerts, dueAt: number, notBefore?: number): Case | null;
  /** Temporal has it, or nobody needs it: its alerts are over here. */
  remove(routed: RoutedAlerts): void;
  all(): Iterable<Case>;
  of(workflowId: string): Case | undefined;
  isOpen(firing: FiringId): boolean;
  /** Which firing an alert is: one without a start of its own is the one that its fingerprint began. */
  idOf(workflowId: string, alert: AlertReport): FiringId;
  /** Somebody has the group. */
  readonly acknowledge: (workflowId: string) => void;
  readonly unacknowledge: (workflowId: string) => void;
  /** How bad it may get before anybody is paged all the same; null: nobody has it. */
  acknowledged(workflowId: string): Severity | null;
}

/** Beyond these, pages name groups without the labels of their alerts. */
const DETAILED_CASES = 500;
const ALERTS_SHOWN = 5;
/** Fewer than the seen-log remembers. Beyond these nobody is paged: whoever is on call has had thousands of names by then. */
const OPEN_AT_MOST = 20_000;
const TITLE_LENGTH = 300;
const SUMMARY_LENGTH = 500;

/** `isKnown`: Temporal had it before it went away. */
export function createCases(isKnown: (alert: AlertReport, firing: FiringId, workflowId: string) => boolean): Cases {
  const cases = new Map<string, Case>();
  const open = new Map<FiringId, Case>();
  /** Resolved in the spool: a firing that comes late wakes nobody. */
  const cleared = new Set<FiringId>();
  /** Alerts without a start: where each began. */
  const begun = new Map<string, number>();
  const acknowledged = new Map<string, Severity>();
  /** One of each: those read back from the spool are all different objects. */
  const policies = new Map<string, Policy>();

  const placeOf = (workflowId: string, { fingerprint }: AlertReport): string =>
    JSON.stringify([workflowId, fingerprint]);

  function idOf(workflowId: string, alert: AlertReport): FiringId {
    const startsAt = alert.startGuessed ? begun.get(placeOf(workflowId, alert)) : undefined;
    return firingId(workflowId, startsAt === undefined ? alert : { ...alert, startsAt });
  }

  function clear(workflowId: string, alert: AlertReport): void {
    const id = idOf(workflowId, alert);
    if (alert.startGuessed) begun.delete(placeOf(workflowId, alert));
    else cleared.add(id);
    close(id);
  }

  function close(id: FiringId): void {
    const one = open.get(id);
    open.delete(id);
    if (one === undefined) return;
    one.open -= 1;
    if (one.open === 0) cases.delete(one.workflowId);
  }

  function isNews(workflowId: string, alert: AlertReport): boolean {
    const id = idOf(workflowId, alert);
    return !open.has(id) && !cleared.has(id) && !isKnown(alert, id, workflowId);
  }

  /** It waits for the end of maintenance, and what is heard now knows of an earlier one, or of none. */
  function lookSooner(
    { opening: { workflowId }, alerts }: RoutedAlerts,
    { dueAt, notBefore }: Pick<Sighted, 'dueAt' | 'notBefore'>,
  ): Case | null {
    const one = cases.get(workflowId);
    if (one === undefined) return null;
    const heard = new Set(alerts.filter(({ status }) => status === 'firing').map((alert) => idOf(workflowId, alert)));
    const isHeldLonger = (sighted: Sighted): boolean =>
      sighted.notBefore > notBefore && sighted.firings.some((firing) => heard.has(firing));
    if (!one.sighted.some(isHeldLonger)) return null;
    const now = one.sighted.map((sighted) =>
      isHeldLonger(sighted) ? { ...sighted, notBefore, dueAt: Math.max(notBefore, dueAt) } : sighted,
    );
    one.sighted.splice(0, now.length, ...now);
    one.nextLook = Math.min(one.nextLook, dueAt);
    return one;
  }

  function sightedOf(
    { opening }: RoutedAlerts,
    alerts: readonly AlertReport[],
    times: Pick<Sighted, 'dueAt' | 'notBefore'>,
  ): Sighted {
    const { workflowId, incidentId, title, summary, team, service } = opening;
    const policy = policies.get(opening.policy.digest) ?? opening.policy;
    policies.set(policy.digest, policy);
    const isDetailed = cases.size < DETAILED_CASES;
    return {
      opening: {
        ...{ workflowId, incidentId, team, service, policy },
        title: clip(title, TITLE_LENGTH),
        summary: isDetailed ? clip(summary, SUMMARY_LENGTH) : '',
      },
      severity: worstOf(alerts.map(({ severity }) => severity)) ?? opening.severity,
      ...times,
      firings: [...new Set(alerts.map((alert) => idOf(workflowId, alert)))],
      alerts: isDetailed ? alerts.slice(0, ALERTS_SHOWN).map(shown) : [],
    };
  }

  return {
    add(routed, dueAt, notBefore = 0) {
      const { opening, alerts } = routed;
      const { workflowId } = opening;
      for (const alert of alerts) if (alert.status === 'resolved') clear(workflowId, alert);
      const news = alerts.filter((alert) => pagesAtOnce(opening, alert) && isNews(workflowId, alert)).sort(worstFirst);
      const sooner = lookSooner(routed, { dueAt, notBefore });
      if (news.length === 0 || open.size >= OPEN_AT_MOST) return sooner;
      const one = cases.get(workflowId) ?? newCase(workflowId);
      for (const alert of news) if (alert.startGuessed) begun.set(placeOf(workflowId, alert), alert.startsAt);
      const sighted = sightedOf(routed, news, { dueAt, notBefore });
      for (const firing of sighted.firings) open.set(firing, one);
      one.open += sighted.firings.length;
      one.sighted.push(sighted);
      one.nextLook = Math.min(one.nextLook, dueAt);
      cases.set(workflowId, one);
      return one;
    },
    remove({ opening: { workflowId }, alerts }) {
      for (const alert of alerts) {
        const id = idOf(workflowId, alert);
        if (alert.status === 'resolved') cleared.delete(id);
        if (alert.startGuessed) begun.delete(placeOf(workflowId, alert));
        close(id);
      }
    },
    all: () => cases.values(),
    of: (workflowId) => cases.get(workflowId),
    isOpen: (firing) => open.has(firing),
    idOf,
    acknowledge(workflowId) {
      const severities = cases.get(workflowId)?.sighted.map(({ severity }) => severity) ?? [];
      // Nothing is known of what he has: whatever pages is worse.
      acknowledged.set(workflowId, worstOf(severities) ?? 'SEV4');
    },
    unacknowledge: (workflowId) => void acknowledged.delete(workflowId),
    acknowledged: (workflowId) => acknowledged.get(workflowId) ?? null,
  };
}

function newCase(workflowId: string): Case {
  return { workflowId, sighted: [], open: 0, level: 1, levelSince: null, attempts: new Map(), nextLook: Infinity };
}

/** Only what the incident would page at its declaration; a test wakes nobody while Temporal is away. */
function pagesAtOnce({ test, policy }: Opening, { status, severity }: AlertReport): boolean {
  return !test && status === 'firing' && policy.severities[severity].pageAfterMs === 0;
}

function worstFirst(a: AlertReport, b: AlertReport): number {
  if (a.severity !== b.severity) return isWorse(a.severity, b.severity) ? -1 : 1;
  if (a.startsAt !== b.startsAt) return a.startsAt - b.startsAt;
  return a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0;
}

function shown({ labels, links }: AlertReport): PagedIncident['alerts'][number] {
  return { labels: firstLabels(labels), links };
}
