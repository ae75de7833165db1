/** An incident as the outside sees it. Pure. */
import { postmortemDueAt } from '../post-incident/action-items.ts';
import { acknowledgeBy } from '../escalation/business-day.ts';
import { nextUpdate, updateDueAt } from '../communications/update-schedule.ts';
import { draftLateAt, owesPostmortem } from '../post-incident/follow-ups.ts';
import { nextEscalationStep } from '../escalation/escalation.ts';
import type { Delivery, EntryAlert, Incident, TimelineEntry } from '../kernel/incident.ts';
import { incidentIdsOf } from '../kernel/merge-messages.ts';
import { alertCount, alertOf, alertDetailsOf } from '../kernel/queries.ts';
import type { IncidentProjection, RecordedAlert, RecordedDelivery } from './projection.ts';
import { reviewFindings } from '../post-incident/reviews.ts';
import { detectedAt } from '../kernel/queries.ts';
import { missingRoles } from '../kernel/roles.ts';
import { isMajor } from '../kernel/severity.ts';
import { nextCalls } from '../escalation/calls.ts';
import { nextInactivity } from '../escalation/inactivity.ts';
import type { IncidentStanding, IncidentView, TimelineEntryView, TimelineView } from './view.ts';
import { joinList } from '../kernel/text.ts';
import { nextInMonitoring } from '../mitigation/monitoring-window.ts';

export interface Deadline {
  readonly kind: string;
  readonly at: number;
  readonly text: string;
}

/** What happens next and when, soonest first. */
export function deadlines(incident: Incident): readonly Deadline[] {
  const found: (Deadline | null)[] = [...escalationDeadlines(incident), monitoringDeadline(incident)];
  for (const audience of ['internal', 'public'] as const) {
    const at = updateDueAt(incident, audience);
    if (at !== null) found.push({ kind: `${audience}-update`, at, text: `${audience} update due` });
  }
  const update = nextUpdate(incident);
  if (update?.act === 'report-unpublished')
    found.push({ kind: 'public-entry', at: update.at, text: 'first public entry due, once somebody acknowledges' });
  if (update?.act === 'go-public') found.push({ kind: 'public-entry', at: update.at, text: 'first public entry' });
  const acknowledgeAt = acknowledgeBy(incident);
  if (acknowledgeAt !== null) found.push({ kind: 'acknowledge', at: acknowledgeAt, text: ACKNOWLEDGE_TEXT });
  const inactivity = nextInactivity(incident);
  if (inactivity !== null)
    found.push({ kind: 'inactivity', at: inactivity.at, text: INACTIVITY_TEXTS[inactivity.act] });
  found.push(...callDeadlines(incident), ...followUpDeadlines(incident));
  return found.filter((deadline) => deadline !== null).sort((a, b) => a.at - b.at);
}

const ACKNOWLEDGE_TEXT = 'to be acknowledged, else the ticket and the chat are reminded';

const INACTIVITY_TEXTS = {
  ask: 'those who have it are asked whether they are still on it',
  page: 'they are paged unless there is activity first',
  escalate: 'the next level is paged unless there is activity first',
} as const;

/** The next step of the notification rules, and the next level behind it. */
function escalationDeadlines(incident: Incident): readonly Deadline[] {
  const due = nextEscalationStep(incident);
  const { escalation: chain } = incident;
  if (due === null || chain.nextLevelAt === null) return [];
  const escalation: Deadline = { kind: 'escalation', at: chain.nextLevelAt, text: nextLevelText(incident) };
  if (due.act === 'next-level') return [escalation];
  return [{ kind: 'page-again', at: due.at, text: `level ${chain.level} is paged again` }, escalation];
}

function nextLevelText({ escalation, policy, severity, test }: Incident): string {
  const { level, cycleInRun } = escalation;
  if (level < policy.levels.length) return `level ${level + 1} is paged unless somebody acknowledges`;
  const { passes } = policy.severities[severity];
  if (test || (passes !== null && cycleInRun >= passes)) return 'the escalation ends: nobody is left to page';
  const who = isMajor(severity) ? 'all levels are' : 'level 1 is';
  return `${who} paged again unless somebody acknowledges`;
}

/** People called beside the escalation. */
function callDeadlines(incident: Incident): readonly Deadline[] {
  return nextCalls(incident).map(({ call, act, at }) => {
    const { reason, names } = call;
    const who = reason === 'leadership' ? 'leadership' : joinList(names);
    const text = act === 'repeat' ? `${who} is called again` : `Tocsin stops calling ${who}: no answer`;
    return { kind: 'call', at, text };
  });
}

/** What the post-incident flow waits for; after the handover the run no longer knows. */
function followUpDeadlines(incident: Incident): readonly Deadline[] {
  const { phase, postIncident } = incident;
  if (phase !== 'resolved' || postIncident.handedOver || postIncident.followUps === undefined) return [];
  const found: Deadline[] = [];
  const draftAt = draftLateAt(incident);
  if (draftAt !== null) found.push({ kind: 'draft', at: draftAt, text: 'export and post-mortem draft due' });
  const dueAt = postmortemDueAt(incident);
  if (dueAt !== null && owesPostmortem(incident)) {
    found.push({ kind: 'postmortem', at: dueAt, text: 'post-mortem due' });
  }
  const at = postIncident.followUps.review?.days[0].at ?? null;
  if (at === null) return found;
  const { postmortem, items } = reviewFindings(incident, at);
  const isSaying = postmortem !== null || items.length > 0;
  return isSaying ? [...found, { kind: 'reminder', at, text: 'reminder of what is left to do' }] : found;
}

function monitoringDeadline(incident: Incident): Deadline | null {
  const due = nextInMonitoring(incident);
  if (due === null) return null;
  const texts = {
    ask: 'the IC is asked to confirm that it is over',
    resolve: 'resolves if no alert fires before then',
    'end-test': 'the test ends',
  };
  return { kind: 'monitoring-end', at: due.at, text: texts[due.act] };
}

function rfc(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** All but the long lists and the number. */
export function projectionOf(incident: Incident): IncidentProjection {
  const states = Object.values(incident.alerts.states);
  const { workflowId, incidentId, title, summary, severity, highestSeverity, severityGuessed, phase, outcome } =
    incident;
  const { test, restricted, team, service, component, source, declaredBy, roles, communications } = incident;
  return {
    workflowId,
    id: incidentId,
    title,
    summary,
    severity,
    highestSeverity,
    severityGuessed,
    phase,
    outcome,
    test,
    restricted,
    team,
    service,
    component,
    source,
    declaredBy,
    roles,
    rolesWanted: missingRoles(incident),
    wentPublic: incident.communications.publicSchedule !== null,
    updateEveryMs: test ? null : incident.policy.severities[severity].updateEveryMs,
    monitoring: shownMonitoring(incident),
    impact: incident.impact,
    cause: shownCause(incident),
    decision: incident.mitigation.decision,
    actionItems: incident.postIncident.actionItems.map((item) => ({
      ...item,
      addedAt: new Date(item.addedAt).toISOString(),
      doneAt: rfc(item.doneAt),
    })),
    postmortem: shownPostmortem(incident),
    peopleInvolved: incident.involved,
    alertCount: alertCount(incident),
    firingCount: states.filter(({ status }) => status === 'firing').length,
    truncatedAlerts: incident.alerts.truncated,
    deadlines: deadlines(incident).map(({ kind, at, text }) => ({ kind, at: new Date(at).toISOString(), text })),
    ...shownCalls(incident),
    detectedAt: rfc(detectedAt(incident)),
    declaredAt: new Date(incident.declaredAt).toISOString(),
    acknowledgeDueAt: rfc(incident.escalation.responseTargets?.acknowledgeDueAt ?? null),
    acknowledgedAt: rfc(incident.acknowledgedAt),
    acknowledgedBy: incident.acknowledgedBy,
    publicDueAt: rfc(incident.escalation.responseTargets?.publicDueAt ?? null),
    mitigationStartedAt: rfc(incident.mitigation.startedAt),
    mitigatedAt: rfc(incident.mitigation.mitigatedAt),
    resolvedAt: rfc(incident.resolvedAt),
    closedAt: rfc(incident.closedAt),
    resolution: incident.mitigation.resolution,
    recurrenceOf: incident.recurrenceOf,
    mergedInto: incident.merge.mergedInto,
    ...mergedToOf(incident),
    channel: communications.refs['channel'] ?? null,
    ticket: communications.refs['ticket'] ?? null,
    flapping: incident.alerts.flapping,
    seq: incident.projection.seq,
  };
}

function shownCause({ cause }: Incident): NonNullable<IncidentProjection['cause']> | null {
  return cause === undefined ? null : { ...cause, at: new Date(cause.at).toISOString() };
}

function shownCalls({ escalation: { calledFor } }: Incident): Pick<IncidentProjection, 'calledFor'> {
  if (calledFor === undefined) return {};
  const calls = Object.entries(calledFor);
  return {
    calledFor: Object.fromEntries(calls.map(([to, call]) => [to, { ...call, at: new Date(call.at).toISOString() }])),
  };
}

function shownMonitoring({
  mitigation: { monitoringWindow },
}: Incident): NonNullable<IncidentProjection['monitoring']> | null {
  if (monitoringWindow === null) return null;
  const { startedAt, confirmed } = monitoringWindow;
  return { since: new Date(startedAt).toISOString(), confirmed };
}

function shownPostmortem(incident: Incident): IncidentProjection['postmortem'] {
  const { postIncident } = incident;
  const dueAt = postmortemDueAt(incident);
  if (postIncident.postmortem === null && dueAt === null) return null;
  const { doneAt = null, doneBy = null, url = null } = postIncident.postmortem ?? {};
  return { dueAt: rfc(dueAt), doneAt: rfc(doneAt), doneBy, url };
}

export function toView(incident: Incident): IncidentView {
  return {
    reference: incident.reference,
    ...projectionOf(incident),
    ...aliasesOf(incident),
    alerts: Object.keys(incident.alerts.details).flatMap((fingerprint) => shownAlert(incident, fingerprint)),
    deliveries: incident.deliveries.map(shownDelivery),
  };
}

/** Without the deadlines, alerts and deliveries, which no command's way needs. */
export function toStanding(incident: Incident): IncidentStanding {
  const { reference, incidentId: id, phase, projection } = incident;
  return { reference, id, phase, seq: projection.seq, ...mergedToOf(incident), ...aliasesOf(incident) };
}

function mergedToOf({ merge }: Incident): Pick<IncidentView, 'mergedTo'> {
  if (!merge.mergedTo) return {};
  const { workflowId, isOver } = merge.mergedTo;
  return { mergedTo: { workflowId, isOver } };
}

/** Other incidents that acknowledge links name by which it is meant. */
function aliasesOf(incident: Incident): Pick<IncidentView, 'aliases'> {
  const others = incidentIdsOf(incident).filter((incidentId) => incidentId !== incident.incidentId);
  return others.length === 0 ? {} : { aliases: others };
}

/** An alert whose labels are kept; none when it is not. */
export function shownAlert(incident: Incident, fingerprint: string): readonly RecordedAlert[] {
  const state = alertOf(incident, fingerprint);
  const kept = alertDetailsOf(incident, fingerprint);
  if (state === undefined || kept === undefined) return [];
  const { status, startsAt, sentStartsAt, endsAt, stale } = state;
  const shown = { fingerprint, status, startsAt: new Date(startsAt).toISOString(), endsAt: rfc(endsAt) };
  const sent = sentStartsAt === undefined ? {} : { sentStartsAt: new Date(sentStartsAt).toISOString() };
  const { labels, annotations, links } = kept;
  const told = stale === undefined ? {} : { stale: stale.answer };
  return [{ ...shown, ...sent, ...told, labels, annotations, links }];
}

export function shownDelivery({ at, to, method, key, state, reason }: Delivery): RecordedDelivery {
  return { at: new Date(at).toISOString(), to, method, key, state, reason };
}

/** What the state still has of the timeline: the last entries, and those that the records do not have yet. */
export function toTimeline({ projection }: Incident): TimelineView {
  const lines = new Map(
    projection.pending.flatMap((item) => ('entry' in item ? [[item.entry.seq, item.entry] as const] : [])),
  );
  for (const line of projection.timeline) lines.set(line.seq, line);
  const kept = [...lines.values()].sort((a, b) => a.seq - b.seq);
  return {
    timeline: kept.map(shownEntry),
    cut: (kept[0]?.seq ?? 1) - 1,
  };
}

export function shownEntry({ seq, at, kind, by, text, pages, alerts }: TimelineEntry): TimelineEntryView {
  return {
    seq,
    at: new Date(at).toISOString(),
    kind,
    by,
    text,
    ...(pages === undefined ? {} : { pages }),
    ...(alerts === undefined ? {} : { alerts: alerts.map(shownFiring) }),
  };
}

function shownFiring({ fingerprint, name, startsAt, endsAt }: EntryAlert) {
  return { fingerprint, name, startsAt: new Date(startsAt).toISOString(), endsAt: rfc(endsAt) };
}
