/**
 * An incident by the organization's YAML template, with every time in full. What the template has no place for is below
 * `record`, in short: the JSON export has each page, message and repeat. Pure.
 */
import { stringify } from 'yaml';
import { detectedBy } from '../../domain/kernel/declaration.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import { MESSAGE_KINDS } from '../../domain/kernel/projection.ts';
import { plainText } from '../../domain/kernel/text.ts';
import { foldTimeline } from '../../domain/kernel/timeline.ts';
import type { WholeRecord } from '../records.ts';
import { msBetween, type DocumentFormat } from './document-format.ts';
import { firingsOf } from './firings.ts';

const MINUTE_MS = 60_000;

/** What nobody has said is null, for people to fill in. */
export function toYaml(whole: WholeRecord, format: DocumentFormat): string {
  const { incident: view } = whole;
  const incident = {
    id: view.reference,
    severity: view.highestSeverity,
    title: view.title,
    started_at: view.detectedAt ?? view.declaredAt,
    detected_by: detectedBy(view.declaredBy, format.nameOf),
    resolved_at: view.resolvedAt,
    impact: impactOf(view),
    root_cause: view.cause?.text ?? null,
    resolution: view.resolution,
    timeline: timelineOf(whole, format),
    action_items: (view.actionItems ?? []).map(({ text }) => text),
    ...(view.recurrenceOf === null ? {} : { recurrence_of: view.recurrenceOf }),
  };
  // By the rules of YAML 1.1, so that readers of either version see a text where there is one: "no", "12:30", a date.
  return stringify(
    { incident, record: recordOf(whole, format) },
    { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 },
  );
}

function impactOf({ impact, detectedAt, declaredAt, resolvedAt }: WholeRecord['incident']) {
  const lastedMs = msBetween(detectedAt ?? declaredAt, resolvedAt);
  return {
    users_affected: impact?.usersAffected ?? null,
    revenue_lost: impact?.revenueLost ?? null,
    duration_minutes: lastedMs === null ? null : Math.round(lastedMs / MINUTE_MS),
    data_loss: impact?.dataLoss ?? null,
    description: impact?.summary ?? null,
  };
}

function timelineOf({ timeline }: WholeRecord, { nameOf }: DocumentFormat) {
  return foldTimeline(timeline).map(({ entries, text }) => {
    const [{ at, by }] = entries;
    const event = plainText(text, undefined, nameOf);
    return { time: at, event, ...(by === null ? {} : { by: nameOf(by) }) };
  });
}

function recordOf(whole: WholeRecord, { nameOf, urlOf }: DocumentFormat) {
  const { incident, timeline, cut, messages } = whole;
  const name = (person: string | null): string | null => (person === null ? null : nameOf(person));
  const { roles, cause, alertCount, alerts } = incident;
  const pages = incident.deliveries.filter(isPage);
  const numberOf = (state: string): number => pages.filter((page) => page.state === state).length;
  return {
    incident_id: incident.id,
    url: urlOf(incident.workflowId),
    ...{ phase: incident.phase, outcome: incident.outcome, severity_now: incident.severity },
    ...{ team: incident.team, service: incident.service, source: incident.source },
    ...{ ticket: incident.ticket, channel: incident.channel },
    roles: {
      incident_commander: name(roles.ic),
      technical_lead: name(roles.technicalLead),
      communications_lead: name(roles.communicationsLead),
      scribe: name(roles.scribe),
    },
    times: {
      declared: incident.declaredAt,
      acknowledged: incident.acknowledgedAt,
      cause_identified: cause?.at ?? null,
      mitigation_started: incident.mitigationStartedAt,
      mitigated: incident.mitigatedAt,
      closed: incident.closedAt,
    },
    acknowledged_by: name(incident.acknowledgedBy),
    people_involved: (incident.peopleInvolved ?? []).map(nameOf),
    alerts: alerts.map((alert) => alertOf(whole, alert)),
    ...(alertCount > alerts.length ? { more_alerts: alertCount - alerts.length } : {}),
    pages: {
      accepted: numberOf('accepted'),
      failed: numberOf('failed'),
      people: [...new Set(pages.map(({ to }) => nameOf(to)))],
    },
    messages: Object.fromEntries(
      MESSAGE_KINDS.map((kind) => [kind.replace('-', '_'), messages.filter((message) => message.kind === kind).length]),
    ),
    timeline_entries: timeline.length + cut,
  };
}

/** Firings as intervals of ISO 8601; one without an end has none. */
function alertOf(whole: WholeRecord, alert: WholeRecord['incident']['alerts'][number]) {
  const { earlier, firings } = firingsOf(whole, alert);
  return {
    name: alert.labels['alertname'] ?? alert.fingerprint,
    status: alert.status,
    ...(earlier === 0 ? {} : { earlier_firings: earlier }),
    fired: firings.map(({ from, to }) => (to === null ? from : `${from}/${to}`)),
  };
}
