/**
 * An alert that joins an open incident, worse or not. One that is about something else, another service or another team,
 * must not be a line on the timeline that nobody reads. RUNBOOK §3. Pure.
 */
import type { AlertReport } from '../kernel/alert.ts';
import type { EventOf } from '../kernel/events.ts';
import type { Alerts, Incident } from '../kernel/incident.ts';
import { ownValue } from '../kernel/queries.ts';
import { isWorse } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';

const SUBJECTS_KEPT = 100;
const NAME_LENGTH = 100;
const SHOWN = 5;

/** What `fired` adds to the services, alerts and teams that the incident has heard of. */
export function withSubjects(incident: Incident, fired: readonly AlertReport[]): Pick<Alerts, 'subjects'> {
  if (!fired.some(({ receivedAt }) => receivedAt !== undefined)) return {};
  const all = [...subjectsOf(incident), ...fired.flatMap((alert) => subjectsIn(incident, alert))];
  return { subjects: [...new Set(all)].slice(-SUBJECTS_KEPT) };
}

/**
 * What is said, and who is paged, about alerts in `fired` that concern another service or team than those before. Null:
 * none does. `before`: as it was before they fired.
 */
export function joinedEvent(
  before: Incident,
  fired: readonly AlertReport[],
  at: number,
): EventOf<'service-joined'> | null {
  if (before.test || before.alerts.storm !== undefined || isFirst(before)) return null;
  const known = new Set(subjectsOf(before));
  const others = fired.filter((alert) => subjectsIn(before, alert).some((subject) => !known.has(subject)));
  if (others.length === 0) return null;
  // The page about a worse alert, or about a recurrence, names it.
  const told = others.filter(({ severity }) => before.phase !== 'monitoring' && !isWorse(severity, before.severity));
  const services = others.flatMap((alert) => serviceOf(alert) ?? []);
  return {
    type: 'service-joined',
    at,
    titles: others.slice(0, SHOWN).map(({ title }) => title),
    count: others.length,
    services: [...new Set(services)].slice(0, SHOWN),
    notifies: told.length > 0,
    teams: teamsToPage(before, others),
  };
}

/** It has heard of no alert of its own; those of the incident before it do not count. */
function isFirst({ alerts }: Incident): boolean {
  return alerts.subjects === undefined && Object.keys(alerts.details).length === 0;
}

/** Teams of the alerts' own routes, where such an alert pages at once. */
function teamsToPage({ team: own, policy }: Incident, alerts: readonly AlertReport[]): readonly string[] {
  const paging = alerts.filter(({ severity }) => policy.severities[severity].pageAfterMs === 0);
  return [...new Set(paging.flatMap(({ team }) => (team === undefined || team === own ? [] : [team])))];
}

function serviceOf({ service, labels }: AlertReport): string | undefined {
  const name = service ?? ownValue(labels, 'service');
  return name === undefined || name === '' ? undefined : truncate(name, NAME_LENGTH);
}

/** Without a service, an alert is known by its name. */
function subjectsIn({ team: own }: Incident, alert: AlertReport): readonly string[] {
  const service = serviceOf(alert);
  const name = ownValue(alert.labels, 'alertname') ?? '';
  const subject = service === undefined ? `alert ${truncate(name, NAME_LENGTH)}` : `service ${service}`;
  return alert.team === undefined || alert.team === own ? [subject] : [subject, `team ${alert.team}`];
}

/** Those known so far; of an incident that 0.2 began, those of the alerts whose labels it keeps. */
function subjectsOf(incident: Incident): readonly string[] {
  const { alerts, service } = incident;
  const own = service === null ? [] : [`service ${truncate(service, NAME_LENGTH)}`];
  if (alerts.subjects !== undefined) return [...own, ...alerts.subjects];
  const kept = Object.values(alerts.details).map(({ labels }) => {
    const named = ownValue(labels, 'service');
    return named === undefined || named === '' ? `alert ${labels['alertname'] ?? ''}` : `service ${named}`;
  });
  return [...own, ...kept];
}
