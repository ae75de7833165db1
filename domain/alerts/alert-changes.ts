/** News in the repeat of an alert that fires: another severity, other words, or other digits only. RUNBOOK §3. Pure. */
import type { AlertDetails, AlertReport, AlertState } from '../kernel/alert.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { isWorse } from '../kernel/severity.ts';
import { alertOf, alertDetailsOf } from '../kernel/queries.ts';
import { withoutDigits } from '../kernel/text.ts';

/** The events of `repeats`, each compared with the newest report before it. */
export function alertChangeEvents(
  incident: Incident,
  repeats: readonly AlertReport[],
  at: number,
): readonly IncidentEvent[] {
  const changes: EventOf<'alert-changed'>['changes'][number][] = [];
  const restated: AlertReport[] = [];
  for (const alert of repeats) {
    const known = alertOf(incident, alert.fingerprint);
    if (known?.severity === undefined || isOlder(alert, known)) continue;
    const kind = kindOfNews(known.severity, alertDetailsOf(incident, alert.fingerprint), alert);
    if (kind === 'words') changes.push({ alert, severityBefore: known.severity });
    else if (kind === 'digits') restated.push(alert);
  }
  const changed: readonly IncidentEvent[] =
    changes.length === 0 ? [] : [{ type: 'alert-changed', at, changes, ...newTitle(incident, changes) }];
  return restated.length === 0 ? changed : [...changed, { type: 'alerts-restated', at, alerts: restated }];
}

/** The alerts of `event` that are worse than they said before. */
export function worsenedAlerts({ changes }: EventOf<'alert-changed'>): readonly AlertReport[] {
  return changes.flatMap(({ alert, severityBefore }) => (isWorse(alert.severity, severityBefore) ? [alert] : []));
}

function isOlder({ receivedAt = 0 }: AlertReport, known: AlertState): boolean {
  return receivedAt < (known.receivedAt ?? known.lastReportedAt);
}

/** Null: nothing is new. An alert whose details are not kept can only change its severity. */
function kindOfNews(
  severity: AlertReport['severity'],
  known: AlertDetails | undefined,
  alert: AlertReport,
): 'words' | 'digits' | null {
  if (alert.severity !== severity) return 'words';
  if (known === undefined) return null;
  const before = textOf({ ...known, title: known.title ?? alert.title });
  const now = textOf(alert);
  if (before === now) return null;
  return withoutDigits(before) === withoutDigits(now) ? 'digits' : 'words';
}

type Words = Pick<AlertReport, 'title' | 'labels' | 'annotations'>;

function textOf({ title, labels, annotations }: Words): string {
  const sorted = (set: Words['labels']): readonly (readonly [string, string])[] =>
    Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([title, sorted(labels), sorted(annotations)]);
}

/** If the incident is called as one of the alerts was, it is called as that alert is now. */
function newTitle(
  incident: Incident,
  changes: EventOf<'alert-changed'>['changes'],
): Pick<EventOf<'alert-changed'>, 'title'> {
  if (incident.declaredBy !== null) return {};
  const named = changes.find(({ alert }) => namesIncident(incident, alert.fingerprint));
  return named === undefined || named.alert.title === incident.title ? {} : { title: named.alert.title };
}

/** `disk 90% full` names the incident `disk 85% full` if no other alert could: its digits have changed since. */
function namesIncident(incident: Incident, fingerprint: string): boolean {
  const known = alertDetailsOf(incident, fingerprint)?.title;
  if (known === undefined || known === incident.title) return known !== undefined;
  const called = withoutDigits(incident.title);
  const isLike = (title: string | undefined): boolean => title !== undefined && withoutDigits(title) === called;
  return isLike(known) && Object.values(incident.alerts.details).filter(({ title }) => isLike(title)).length === 1;
}
