/**
 * The alert changes that a merged incident must forward to its target, and the next message with them. Kept by
 * fingerprint, so that it stays small however long the target cannot be reached. Pure.
 */
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident, Merge } from '../kernel/incident.ts';
import type { UndeliveredAlerts, UndeliveredAlert } from '../kernel/merge-messages.ts';
import { mergeTarget } from '../kernel/merge-messages.ts';
import { alertDetailsOf, alertOf } from '../kernel/queries.ts';

const NOTHING: UndeliveredAlerts = { alerts: [], pages: [] };

/** The merge state with the undelivered alerts that `event`, which led to `after`, adds. */
export function undeliveredAfter(after: Incident, event: IncidentEvent): Merge {
  const { merge } = after;
  const known = merge.undeliveredAlerts ?? NOTHING;
  if (event.type === 'alerts-returned') return { ...merge, undeliveredAlerts: withNews(known, after, event) };
  if (event.type === 'reopened' && merge.undeliveredAlerts) return { ...merge, undeliveredAlerts: null };
  if (mergeTarget(after) === null) return merge;
  const undelivered = changed(known, after, event);
  return undelivered === known ? merge : { ...merge, undeliveredAlerts: undelivered };
}

function changed(known: UndeliveredAlerts, after: Incident, event: IncidentEvent): UndeliveredAlerts {
  switch (event.type) {
    case 'merged':
    case 'merge-target-changed':
      return withAll(known, after);
    case 'alerts-fired':
      return withNews(known, after, event);
    case 'alerts-joined':
      return withChanged(known, after, event.alerts.map(fingerprintOf), true);
    case 'alerts-cleared':
      return withChanged(known, after, event.alerts.map(fingerprintOf), false);
    case 'alert-changed':
      return withChanges(known, after, event);
    case 'alerts-seen':
      return withChanged(known, after, seen(after, event), false);
    case 'merged-incident-released':
      return {
        ...known,
        alerts: known.alerts.filter(({ fingerprint }) => {
          const state = alertOf(after, fingerprint);
          return state !== undefined && state.group !== event.from.workflowId;
        }),
      };
    case 'fallback-paged':
      return { ...known, pages: [...known.pages, ...pagesOf(event)].slice(-PAGES_KEPT) };
    case 'alerts-forwarded':
      return {
        alerts: known.alerts.filter(
          ({ fingerprint, stateVersion }) =>
            stateVersion > event.stateVersion || !event.fingerprints.includes(fingerprint),
        ),
        pages: known.pages.slice(event.pages),
      };
    default:
      return known;
  }
}

/** Any alert will do to carry the news that messages are complete again, or are not. */
function seen({ alerts }: Incident, { fingerprints }: EventOf<'alerts-seen'>): readonly string[] {
  return fingerprints.length > 0 ? fingerprints : Object.keys(alerts.states).slice(0, 1);
}

const PAGES_KEPT = 100;

/** Each page is paired with one of the incident ids, and no incident id is left out. */
function pagesOf({ deliveries, incidentIds }: EventOf<'fallback-paged'>): UndeliveredAlerts['pages'] {
  return deliveries.flatMap(({ to, method, key, at }, i) => {
    const incidentId = incidentIds[Math.min(i, incidentIds.length - 1)];
    return incidentId === undefined ? [] : [{ to, method, key, at, incidentId }];
  });
}

/** Marks every alert as undelivered in its current state; those that fired since the merge stay news. */
function withAll(
  { alerts, pages }: UndeliveredAlerts,
  { alerts: { states }, stateVersion }: Incident,
): UndeliveredAlerts {
  const news = alerts.filter(({ predatesMerge }) => !predatesMerge);
  const isNews = new Set(news.map(fingerprintOf));
  const others = Object.keys(states).filter((fingerprint) => !isNews.has(fingerprint));
  return {
    alerts: [...news, ...others.map((fingerprint) => ({ fingerprint, stateVersion, predatesMerge: true }))],
    pages,
  };
}

function withNews(
  known: UndeliveredAlerts,
  { stateVersion }: Incident,
  { alerts }: { readonly alerts: readonly AlertReport[] },
): UndeliveredAlerts {
  return withEntries(
    known,
    alerts.map(({ fingerprint, severity, title }) => ({
      fingerprint,
      stateVersion,
      predatesMerge: false,
      severity,
      title,
    })),
  );
}

function withChanged(
  known: UndeliveredAlerts,
  { stateVersion }: Incident,
  fingerprints: readonly string[],
  predatesMerge: boolean,
): UndeliveredAlerts {
  if (fingerprints.length === 0) return known;
  const before = new Map(known.alerts.map((entry) => [entry.fingerprint, entry]));
  return withEntries(
    known,
    fingerprints.map((fingerprint) => ({
      ...(before.get(fingerprint) ?? { predatesMerge }),
      fingerprint,
      stateVersion,
    })),
  );
}

/** The newest severity and words of alerts that changed. */
function withChanges(
  known: UndeliveredAlerts,
  { stateVersion }: Incident,
  { changes }: EventOf<'alert-changed'>,
): UndeliveredAlerts {
  const before = new Map(known.alerts.map((entry) => [entry.fingerprint, entry]));
  return withEntries(
    known,
    changes.map(({ alert: { fingerprint, severity, title } }) => ({
      ...(before.get(fingerprint) ?? { predatesMerge: false }),
      fingerprint,
      stateVersion,
      severity,
      title,
    })),
  );
}

function withEntries({ alerts, pages }: UndeliveredAlerts, entries: readonly UndeliveredAlert[]): UndeliveredAlerts {
  const names = new Set(entries.map(fingerprintOf));
  return { alerts: [...alerts.filter(({ fingerprint }) => !names.has(fingerprint)), ...entries], pages };
}

const fingerprintOf = ({ fingerprint }: { readonly fingerprint: string }): string => fingerprint;

export interface Forward {
  /** Workflow id. */
  readonly to: string;
  readonly batch: AlertBatch;
  /** The event to record once the message has arrived. */
  readonly done: Omit<EventOf<'alerts-forwarded'>, 'at'>;
}

/** The limits of one signal: size, at three bytes for each UTF-16 unit, and number of alerts. */
const BATCH_BYTES = 192 * 1024;
const ALERTS_IN_A_BATCH = 500;

/** The next message to the target: news first. Null when it knows everything. */
export function nextForward(incident: Incident, at: number): Forward | null {
  const there = mergeTarget(incident);
  const { alerts = [], pages = [] } = incident.merge.undeliveredAlerts ?? NOTHING;
  const first = alerts.find(({ predatesMerge }) => !predatesMerge) ?? alerts[0];
  if (there === null || (first === undefined && pages.length === 0)) return null;
  const alike = alerts.filter(
    (entry) => entry.predatesMerge === first?.predatesMerge && sameSender(incident, entry, first),
  );
  const reports = reportsThatFit(alike.flatMap((entry) => reportOf(incident, entry)));
  const { source, staleAfterMs } = senderOf(incident, first);
  const {
    workflowId,
    incidentId,
    stateVersion,
    alerts: { truncated },
  } = incident;
  const sent = new Set(reports.map(fingerprintOf));
  // An alert that no longer exists is not forwarded.
  const done = alike
    .map(fingerprintOf)
    .filter((name) => sent.has(name) || !Object.hasOwn(incident.alerts.states, name));
  return {
    to: there.workflowId,
    batch: {
      source,
      receivedAt: at,
      staleAfterMs,
      alerts: reports,
      truncated,
      byReceipt: true,
      from: { workflowId, incidentId, predatesMerge: first?.predatesMerge ?? false },
      ...(pages.length === 0 ? {} : { alreadyPaged: pages }),
    },
    done: { type: 'alerts-forwarded', fingerprints: done, stateVersion, pages: pages.length },
  };
}

function senderOf(incident: Incident, entry: UndeliveredAlert | undefined): { source: string; staleAfterMs: number } {
  const state = entry && alertOf(incident, entry.fingerprint);
  return { source: state?.source ?? incident.source, staleAfterMs: state?.staleAfterMs ?? 0 };
}

function sameSender(incident: Incident, one: UndeliveredAlert, other: UndeliveredAlert | undefined): boolean {
  const [a, b] = [senderOf(incident, one), senderOf(incident, other)];
  return a.source === b.source && a.staleAfterMs === b.staleAfterMs;
}

/** The alert as a source would report it; empty when it no longer exists. Labels only where they were kept. */
export function reportOf(
  incident: Incident,
  { fingerprint, severity, title }: Pick<UndeliveredAlert, 'fingerprint' | 'severity' | 'title'>,
): readonly AlertReport[] {
  const state = alertOf(incident, fingerprint);
  if (state === undefined) return [];
  const { status, startsAt, endsAt, receivedAt, group = incident.workflowId } = state;
  const kept = alertDetailsOf(incident, fingerprint);
  const { labels = {}, annotations = {}, links = {} } = kept ?? {};
  return [
    {
      fingerprint,
      status,
      startsAt,
      startGuessed: false,
      endsAt,
      labels,
      annotations,
      links,
      group,
      severity: severity ?? state.severity ?? incident.severity,
      title: title ?? kept?.title ?? incident.title,
      ...(receivedAt === undefined ? {} : { receivedAt }),
    },
  ];
}

/** The first reports that fit; at least one. */
export function reportsThatFit(reports: readonly AlertReport[], bytes = BATCH_BYTES): readonly AlertReport[] {
  let left = bytes;
  const end = reports.findIndex((report, i) => {
    left -= 3 * JSON.stringify(report).length;
    return i > 0 && (left < 0 || i >= ALERTS_IN_A_BATCH);
  });
  return end < 0 ? reports : reports.slice(0, end);
}

/** Alerts that fire here and that no open incident has been told of, because the target is over. */
export function firingUndeliveredAlerts(incident: Incident): readonly AlertReport[] {
  if (mergeTarget(incident) !== null) return [];
  const { alerts } = incident.merge.undeliveredAlerts ?? NOTHING;
  return alerts
    .filter(({ predatesMerge, severity }) => !predatesMerge && severity !== undefined)
    .flatMap((entry) => reportOf(incident, entry))
    .filter(({ status }) => status === 'firing')
    .map(({ group: _, ...report }) => report);
}
