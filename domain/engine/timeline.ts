/** The lines of the record: one for each event that is not silent, in order. The state keeps the last of them. Pure. */
import { evidenceText, itemText, openFollowUpsText, reviewText } from '../post-incident/follow-up-texts.ts';
import { businessDayText } from '../escalation/business-day.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import { impactText } from '../kernel/impact.ts';
import type { Incident, TimelineEntry } from '../kernel/incident.ts';
import { quietHoursText } from '../escalation/quiet-hours.ts';
import { staleText } from '../communications/stale-text.ts';
import { truncate, joinList, splitCamelCase } from '../kernel/text.ts';

/** The records have the rest. */
export const TIMELINE_ENTRIES_KEPT = 50;
const ENTRY_LENGTH_LIMIT = 2_000;

export function addTimelineEntry(incident: Incident, event: IncidentEvent): Incident {
  const text = truncate(timelineText(incident, event), ENTRY_LENGTH_LIMIT);
  const line: TimelineEntry = {
    seq: incident.projection.seq + 1,
    at: event.at,
    kind: event.type,
    by: actorOf(event),
    text,
  };
  return {
    ...incident,
    projection: {
      ...incident.projection,
      seq: line.seq,
      timeline: [...incident.projection.timeline, line].slice(-TIMELINE_ENTRIES_KEPT),
    },
  };
}

function actorOf(event: IncidentEvent): string | null {
  if (event.type === 'declared') return event.declaration.declaredBy;
  return 'by' in event ? event.by : null;
}

function timelineText(incident: Incident, event: IncidentEvent): string {
  switch (event.type) {
    case 'declared':
      return declaredText(event.declaration);
    case 'alerts-fired':
      return `${count(event.alerts.length, 'alert')} firing: ${some(event.alerts.map((alert) => alert.title))}`;
    case 'groups-joined':
      return `${count(event.groups.length, 'group')} joined the storm: ${some(event.groups.map(({ title }) => title))}`;
    case 'split-off':
      return `"${event.group.title}" leaves the storm and gets an incident of its own`;
    case 'fallback-paged':
      return `While Temporal was away, paged directly: ${some(event.deliveries.map(({ to, method }) => `${to} by ${method}`))}`;
    case 'alerts-cleared':
      return `${count(event.alerts.length, 'alert')} resolved`;
    case 'alerts-suppressed':
      return `Held back by maintenance ${event.windows}: ${some(event.titles)}`;
    case 'alerts-stale':
      return staleText(incident, event);
    case 'paged':
      return pagedText(event);
    case 'page-failed':
      return `A page has not gone out: ${event.reason}${event.again ? '; it is tried again' : ''}`;
    case 'level-unreachable':
      return `Nobody reached at level ${event.level} (${event.reason}): the next level is paged at once`;
    case 'escalation-exhausted':
      return `CHAIN EXHAUSTED: pass ${event.cycle} reached its end and nobody has acknowledged${event.last ? '; nobody is left to page' : '; starting again'}`;
    case 'acknowledged':
      return `${event.by} has it`;
    case 'still-on-it':
      return `${event.by} is still on it`;
    case 'business-day-set':
      return businessDayText(event.dueAt, event.timeZone, event.tzdata);
    case 'ticket-reminded':
      return 'Nobody has acknowledged: the ticket and the chat are reminded of it';
    case 'inactivity-nudged':
      return 'No sign of life: the IC is asked whether somebody is still on it';
    case 'inactivity-paged':
      return 'Still no sign of life: the IC is paged';
    case 'inactivity-escalated':
      return 'Still no sign of life: the next level is paged';
    case 'impact-assessed':
      return `Impact: ${impactText(event.impact)}`;
    case 'action-item-added':
      return `Action item ${itemText(event.item)}`;
    case 'action-item-completed':
      return `Action item ${event.id} is done`;
    case 'postmortem-completed':
      return `The post-mortem is done${event.url === null ? '' : `: ${event.url}`}`;
    case 'draft-ready':
      return 'Export and post-mortem draft are ready';
    case 'draft-late':
      return 'EXPORT AND POST-MORTEM DRAFT ARE LATE: not ready two hours after the end; they go on being tried';
    case 'evidence-settled':
      return evidenceText(event);
    case 'follow-ups-reviewed':
      return reviewText(event);
    case 'merge-requested':
      return `Asks to become a part of ${event.into}`;
    case 'merge-refused':
      return `Not merged into ${event.into}: ${event.reason}`;
    case 'merged':
      return `Merged into ${event.into.name}, which goes on there`;
    case 'merge-target-changed':
      return `What it was merged into has become a part of ${event.into.name}`;
    case 'merge-target-closed':
      return `${incident.merge.mergedTo?.name ?? 'What it was merged into'} is over: what fires here from now on is a new incident`;
    case 'incident-merged-in':
      return `${event.from.name} was merged into this`;
    case 'merged-incident-released':
      return `${event.from.name} is reopened and takes its alerts home`;
    case 'acknowledgement-required':
      return `Nobody has acknowledged ${event.from.name}: the chain begins anew`;
    case 'policy-move-requested':
      return "Asks to run by today's configuration";
    case 'policy-kept':
      return `The policy stays as it is: ${event.reason}`;
    case 'seen':
      return `${event.by} (leadership) has seen it; the chain goes on`;
    case 'declined':
      return `${event.by} declined: the next level is paged at once`;
    case 'escalated':
      return `${event.by} escalated to ${event.to ?? 'the next level'}: ${event.reason}`;
    case 'role-assigned':
      return `${event.person} is ${event.role}`;
    case 'severity-changed':
      return `Severity ${event.from} → ${event.to}: ${event.reason}`;
    case 'update-posted':
      return `${event.audience} update: ${event.text}`;
    case 'update-reminded':
      return `Reminder: the ${joinList(event.audiences)} update is due`;
    case 'update-missed':
      return `No ${joinList(event.audiences)} update came in time: a holding update went out`;
    case 'public-communication-started':
      return `First public entry: ${event.reason}`;
    case 'note-added':
      return event.text;
    case 'mitigation-decided':
      return `Decided: ${event.decision}${event.reason === null ? '' : `, because ${event.reason}`}`;
    case 'mitigation-reported':
      return `Mitigation ${event.outcome}${event.text === null ? '' : `: ${event.text}`}`;
    case 'alerts-ignored':
      return `Ignored for the end of this incident: ${some(event.fingerprints)}`;
    case 'monitoring-started':
      return event.by === null ? 'Every alert has cleared: watching' : `Fixed: ${event.resolution ?? ''}; watching`;
    case 'resolve-confirmed':
      return `${event.by} confirms: ${event.resolution}`;
    case 'confirmation-requested':
      return 'The watch is over and quiet: the IC is asked whether customer impact has recovered';
    case 'recurred':
      return `It is back: ${some(event.titles)}${incident.alerts.flapping ? ' (flapping)' : ''}`;
    case 'reopened':
      return `Reopened: ${event.reason}`;
    case 'resolved':
      return `Resolved (${incident.outcome ?? 'resolved'})`;
    case 'false-alarm-declared':
      return `False alarm: ${event.reason}`;
    case 'closed':
      return closedText(incident, event.reason);
    case 'test-ended':
      return 'The test is over';
    case 'notification-failed':
      return event.givenUp
        ? `One of the ${splitCamelCase(event.what, ' ')} was not taken and is given up: ${event.reason}`
        : `${splitCamelCase(event.what, ' ')} could not be delivered yet: ${event.reason}`;
    case 'command-refused':
      return `${event.command} refused: ${event.reason}`;
    case 'policy-moved':
      return `Runs by today's configuration (${event.policy.digest})`;
    case 'alerts-seen':
    case 'storm-groups-named':
    case 'split-done':
    case 'review-planned':
    case 'level-started':
    case 'level-extended':
    case 'notification-rule-due':
    case 'notification-accepted':
    case 'answered':
    case 'merge-redirected':
    case 'alerts-joined':
    case 'alerts-forwarded':
    case 'alerts-returned':
    case 'merge-message-queued':
    case 'merge-message-sent':
      return '';
  }
}

function declaredText(declaration: Extract<IncidentEvent, { type: 'declared' }>['declaration']): string {
  const by = declaration.declaredBy ?? declaration.source;
  const guess = declaration.severityGuessed ? ', severity guessed' : '';
  const again = declaration.recurrenceOf === null ? '' : `; recurrence of ${declaration.recurrenceOf}`;
  return `Declared by ${by}: ${declaration.severity}${guess} "${declaration.title}" for team ${declaration.team}${again}`;
}

function pagedText({ deliveries, unknown, again, audibleFrom }: Extract<IncidentEvent, { type: 'paged' }>): string {
  const told = deliveries.map(({ to, method, state, reason }) =>
    state === 'accepted' ? `paged ${to} by ${method}` : `${to} by ${method} FAILED (${reason ?? 'no reason given'})`,
  );
  const gone = unknown.map((name) => `"${name}" is no longer in the configuration and was skipped`);
  if (again) gone.push('somebody could not be reached yet: the page goes on being tried');
  if (audibleFrom !== undefined) gone.push(quietHoursText(audibleFrom));
  return [...told, ...gone].join('; ') || 'nobody new to page';
}

function closedText(incident: Incident, reason: string | null): string {
  const left = openFollowUpsText(incident);
  return `Closed${reason === null ? '' : `: ${reason}`}${left === '' ? '' : `. ${left}`}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function some(words: readonly string[]): string {
  const shown = words.slice(0, 5).map((word) => truncate(word, 200));
  return words.length > shown.length ? `${shown.join(', ')} and ${words.length - shown.length} more` : shown.join(', ');
}
