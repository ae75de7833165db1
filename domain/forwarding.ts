/**
 * What a merged incident has to tell the one it is a part of: which of its alerts changed, and the next message about
 * them. Kept by fingerprint, so that it stays small however long nobody could be told. Pure.
 */
import type { AlertBatch, AlertReport, AlertState } from './alert.ts';
import type { EventOf, IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { Unforwarded, UnforwardedAlert } from './merge-messages.ts';
import { mergeTarget } from './merge-peers.ts';

const NOTHING: Unforwarded = { alerts: [], pages: [] };

/** `after` with what `event` adds to what the target does not know. */
export function withUnforwarded(after: Incident, event: IncidentEvent): Incident {
  const known = after.unforwarded ?? NOTHING;
  const forwards = mergeTarget(after) !== null;
  if (event.type === 'alerts-returned') return { ...after, unforwarded: withNews(known, after, event) };
  if (event.type === 'reopened' && after.unforwarded) return { ...after, unforwarded: null };
  if (!forwards) return after;
  const unforwarded = changed(known, after, event);
  return unforwarded === known ? after : { ...after, unforwarded };
}

function changed(known: Unforwarded, after: Incident, event: IncidentEvent): Unforwarded {
  switch (event.type) {
    case 'merged':
    case 'merge-moved':
      return withAll(known, after);
    case 'alerts-fired':
      return withNews(known, after, event);
    case 'alerts-joined':
      return withChanged(known, after, event.alerts.map(fingerprintOf), true);
    case 'alerts-cleared':
      return withChanged(known, after, event.alerts.map(fingerprintOf), false);
    case 'alerts-seen':
      return withChanged(known, after, seen(after, event), false);
    case 'absorbed-released':
      return { ...known, alerts: known.alerts.filter(({ fingerprint }) => Object.hasOwn(after.alerts, fingerprint)) };
    case 'fallback-paged':
      return { ...known, pages: [...known.pages, ...pagesOf(event)].slice(-PAGES_KEPT) };
    case 'alerts-forwarded':
      return {
        alerts: known.alerts.filter(
          ({ fingerprint, revision }) => revision > event.revision || !event.fingerprints.includes(fingerprint),
        ),
        pages: known.pages.slice(event.pages),
      };
    default:
      return known;
  }
}

/** Any alert will do to say that messages are whole again, or are not. */
function seen({ alerts }: Incident, { fingerprints }: EventOf<'alerts-seen'>): readonly string[] {
  return fingerprints.length > 0 ? fingerprints : Object.keys(alerts).slice(0, 1);
}

const PAGES_KEPT = 100;

/** Each page names one of the incidents, and no incident goes unnamed. */
function pagesOf({ deliveries, incidentIds }: EventOf<'fallback-paged'>): Unforwarded['pages'] {
  return deliveries.flatMap(({ to, method, key, at }, i) => {
    const incidentId = incidentIds[Math.min(i, incidentIds.length - 1)];
    return incidentId === undefined ? [] : [{ to, method, key, at, incidentId }];
  });
}

/** Everything there is, as it is now; what fired since the merge stays news. */
function withAll({ alerts, pages }: Unforwarded, { alerts: states, revision }: Incident): Unforwarded {
  const news = alerts.filter(({ joins }) => !joins);
  const isNews = new Set(news.map(fingerprintOf));
  const others = Object.keys(states).filter((fingerprint) => !isNews.has(fingerprint));
  return { alerts: [...news, ...others.map((fingerprint) => ({ fingerprint, revision, joins: true }))], pages };
}

function withNews(
  known: Unforwarded,
  { revision }: Incident,
  { alerts }: { readonly alerts: readonly AlertReport[] },
): Unforwarded {
  return withEntries(
    known,
    alerts.map(({ fingerprint, severity, title }) => ({ fingerprint, revision, joins: false, severity, title })),
  );
}

function withChanged(
  known: Unforwarded,
  { revision }: Incident,
  fingerprints: readonly string[],
  joins: boolean,
): Unforwarded {
  if (fingerprints.length === 0) return known;
  const before = new Map(known.alerts.map((entry) => [entry.fingerprint, entry]));
  return withEntries(
    known,
    fingerprints.map((fingerprint) => ({ ...(before.get(fingerprint) ?? { joins }), fingerprint, revision })),
  );
}

function withEntries({ alerts, pages }: Unforwarded, entries: readonly UnforwardedAlert[]): Unforwarded {
  const names = new Set(entries.map(fingerprintOf));
  return { alerts: [...alerts.filter(({ fingerprint }) => !names.has(fingerprint)), ...entries], pages };
}

const fingerprintOf = ({ fingerprint }: { readonly fingerprint: string }): string => fingerprint;

export interface Forward {
  /** Workflow id. */
  readonly to: string;
  readonly batch: AlertBatch;
  /** What is recorded once it has arrived. */
  readonly done: Omit<EventOf<'alerts-forwarded'>, 'at'>;
}

/** As much as goes into one signal, three bytes for each UTF-16 unit, and as many. */
const BATCH_BYTES = 192 * 1024;
const ALERTS_IN_A_BATCH = 500;

/** The next message to the target: news first. Null when it knows everything. */
export function nextForward(incident: Incident, at: number): Forward | null {
  const there = mergeTarget(incident);
  const { alerts = [], pages = [] } = incident.unforwarded ?? NOTHING;
  const first = alerts.find(({ joins }) => !joins) ?? alerts[0];
  if (there === null || (first === undefined && pages.length === 0)) return null;
  const alike = alerts.filter((entry) => entry.joins === first?.joins && sameSender(incident, entry, first));
  const reports = fitting(alike.flatMap((entry) => reportOf(incident, entry)));
  const { source, staleAfterMs } = senderOf(incident, first);
  const { workflowId, incidentId, revision, truncated } = incident;
  const sent = new Set(reports.map(fingerprintOf));
  // Of an alert that is gone there is nothing to tell.
  const done = alike.map(fingerprintOf).filter((name) => sent.has(name) || !Object.hasOwn(incident.alerts, name));
  return {
    to: there.workflowId,
    batch: {
      ...{ source, receivedAt: at, staleAfterMs, alerts: reports, truncated },
      from: { workflowId, incidentId, joins: first?.joins ?? false },
      ...(pages.length === 0 ? {} : { alreadyPaged: pages }),
    },
    done: { type: 'alerts-forwarded', fingerprints: done, revision, pages: pages.length },
  };
}

function stateOf({ alerts }: Incident, fingerprint: string): AlertState | undefined {
  return Object.hasOwn(alerts, fingerprint) ? alerts[fingerprint] : undefined;
}

function senderOf(incident: Incident, entry: UnforwardedAlert | undefined): { source: string; staleAfterMs: number } {
  const state = entry && stateOf(incident, entry.fingerprint);
  return { source: state?.source ?? incident.source, staleAfterMs: state?.staleAfterMs ?? 0 };
}

function sameSender(incident: Incident, one: UnforwardedAlert, other: UnforwardedAlert | undefined): boolean {
  const [a, b] = [senderOf(incident, one), senderOf(incident, other)];
  return a.source === b.source && a.staleAfterMs === b.staleAfterMs;
}

/** The alert as a sender would report it; none when it is gone. Labels only where they were kept. */
export function reportOf(
  incident: Incident,
  { fingerprint, severity, title }: Pick<UnforwardedAlert, 'fingerprint' | 'severity' | 'title'>,
): readonly AlertReport[] {
  const state = stateOf(incident, fingerprint);
  if (state === undefined) return [];
  const { status, startsAt, endsAt, group = incident.workflowId } = state;
  const kept = Object.hasOwn(incident.details, fingerprint) ? incident.details[fingerprint] : undefined;
  const { labels = {}, annotations = {}, links = {} } = kept ?? {};
  return [
    {
      ...{ fingerprint, status, startsAt, startGuessed: false, endsAt, labels, annotations, links, group },
      severity: severity ?? incident.severity,
      title: title ?? incident.title,
    },
  ];
}

/** The first of them that fit; one at the least. */
export function fitting(reports: readonly AlertReport[], bytes = BATCH_BYTES): readonly AlertReport[] {
  let left = bytes;
  const end = reports.findIndex((report, i) => {
    left -= 3 * JSON.stringify(report).length;
    return i > 0 && (left < 0 || i >= ALERTS_IN_A_BATCH);
  });
  return end < 0 ? reports : reports.slice(0, end);
}

/** What fires here and was never told to anybody who could act on it, though the target is over. */
export function undeliveredAlerts(incident: Incident): readonly AlertReport[] {
  if (mergeTarget(incident) !== null) return [];
  const { alerts } = incident.unforwarded ?? NOTHING;
  return alerts
    .filter(({ joins, severity }) => !joins && severity !== undefined)
    .flatMap((entry) => reportOf(incident, entry))
    .filter(({ status }) => status === 'firing')
    .map(({ group: _, ...report }) => report);
}
