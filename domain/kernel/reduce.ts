/**
 * What an event changes of the incident itself: its phase, who has it, its severity, its times and its answers. The
 * kernel reduces first; then each feature changes its own slice, and sees the phase that the event led to. Pure.
 */
import type { EventOf, EventType, IncidentEvent } from './events.ts';
import { TOCSIN } from './events.ts';
import type { AnsweredRequest, Delivery, Incident } from './incident.ts';
import { holderOf } from './roles.ts';
import { isWorse } from './severity.ts';

/** What events change of a feature's slice. An event that is not listed leaves the slice as it is. */
export type Reducers<Slice> = {
  readonly [Type in EventType]?: (before: Incident, event: EventOf<Type>, after: Incident) => Slice;
};

/** `slice` after `event`; `after` has what the kernel made of it. */
export function reduceSlice<Slice>(
  reducers: Reducers<Slice>,
  slice: Slice,
  ...[before, event, after]: readonly [Incident, IncidentEvent, Incident]
): Slice {
  const reduce = reducers[event.type] as ((...args: [Incident, IncidentEvent, Incident]) => Slice) | undefined;
  return reduce === undefined ? slice : reduce(before, event, after);
}

/** The person who worked on the incident by this; null for anything that is no sign of activity. */
export function actorOf(event: IncidentEvent): string | null {
  if (event.type === 'command-refused' || event.type === 'merge-refused') return null;
  return 'by' in event && event.by !== TOCSIN ? event.by : null;
}

export function reduceKernel(incident: Incident, event: IncidentEvent): Incident {
  const by = event.byToken ? null : actorOf(event);
  const involved = by === null || incident.involved.includes(by) ? incident.involved : [...incident.involved, by];
  return { ...incident, involved, ...changeOf(incident, event), stateVersion: incident.stateVersion + 1 };
}

function changeOf(incident: Incident, event: IncidentEvent): Partial<Incident> {
  const { at } = event;
  switch (event.type) {
    case 'acknowledged':
      return acknowledged(incident, event);
    case 'role-assigned':
      return { roles: { ...incident.roles, [event.role]: event.person } };
    case 'severity-changed': {
      const { to } = event;
      return { severity: to, severityGuessed: false, severityChangedAt: at, highestSeverity: worse(incident, to) };
    }
    case 'alert-changed':
      return event.title === undefined ? {} : { title: event.title };
    case 'incident-merged-in':
      return { highestSeverity: worse(incident, event.standing.highestSeverity) };
    case 'impact-assessed':
      return { impact: event.impact };
    case 'cause-identified':
      return { cause: { text: event.text, at, by: event.by } };
    case 'update-posted':
      return hypothesis(incident, event);
    case 'mitigation-decided':
      return { phase: 'mitigating' };
    case 'monitoring-started':
      return { phase: 'monitoring' };
    case 'recurred':
      return { phase: incident.acknowledgedAt === null ? 'declared' : 'mitigating' };
    case 'reopened':
      return { phase: 'mitigating', outcome: null, resolvedAt: null, closedAt: null };
    case 'resolved': {
      const byItself = incident.acknowledgedAt === null && incident.mitigation.monitoringWindow?.confirmed !== true;
      return { phase: 'resolved', outcome: byItself ? 'auto-recovered' : 'resolved', resolvedAt: at };
    }
    case 'false-alarm-declared':
      return { phase: 'closed', outcome: 'false-alarm', closedAt: at };
    case 'merged':
      return { phase: 'closed', outcome: 'merged', closedAt: at };
    case 'closed':
      return { phase: 'closed', closedAt: at };
    case 'test-ended':
      return { phase: 'closed', outcome: 'resolved', resolvedAt: at, closedAt: at };
    case 'policy-move-requested':
      return { policyMoveRequestedBy: event.by };
    case 'policy-kept':
      return { policyMoveRequestedBy: null };
    case 'policy-moved':
      return { policy: event.policy, policyMoveRequestedBy: null };
    case 'answered':
      return { answeredRequests: withAnswer(incident.answeredRequests, event) };
    case 'paged':
    case 'fallback-paged':
      return { deliveries: withDeliveries(incident, event.deliveries) };
    case 'notification-accepted':
      return {
        deliveries: withDeliveries(incident, event.deliveries),
        reference: event.assignedReference?.reference ?? incident.reference,
        recurrenceOf: event.assignedReference?.recurrenceOf ?? incident.recurrenceOf,
      };
    default:
      return {};
  }
}

function worse({ highestSeverity }: Incident, severity: Incident['severity']): Incident['severity'] {
  return isWorse(severity, highestSeverity) ? severity : highestSeverity;
}

/** A token bound to nobody stops the escalation, since somebody has looked; but nobody has the incident by it. */
function acknowledged(incident: Incident, { at, by, byToken }: EventOf<'acknowledged'>): Partial<Incident> {
  const person = byToken ? null : by;
  return {
    phase: incident.phase === 'declared' ? 'investigating' : incident.phase,
    acknowledgedAt: incident.acknowledgedAt ?? at,
    acknowledgedBy: incident.acknowledgedBy ?? person,
    roles: person !== null && takesCommand(incident) ? { ...incident.roles, ic: person } : incident.roles,
  };
}

/** The cause that an update names is the hypothesis, until somebody says the cause. */
function hypothesis({ cause }: Incident, { at, by, details }: EventOf<'update-posted'>): Partial<Incident> {
  return cause !== undefined || details?.cause === undefined ? {} : { cause: { text: details.cause, at, by } };
}

/** The first to answer takes command, and so does anyone who answers in place of an IC who was paged and did not. */
function takesCommand(incident: Incident): boolean {
  const { acknowledgedAt, escalation } = incident;
  return holderOf(incident) === null || (acknowledgedAt !== null && escalation.open && escalation.commanderPaged);
}

const DELIVERIES_KEPT = 500;

/** Each message by each method is there once, with its latest state; what was accepted stays so. */
export function withDeliveries({ deliveries }: Pick<Incident, 'deliveries'>, added: readonly Delivery[]): Delivery[] {
  const latest = new Map(deliveries.map((delivery) => [idOfDelivery(delivery), delivery]));
  for (const { at, to, method, key, state, reason } of added) {
    const id = idOfDelivery({ to, method, key });
    if (latest.get(id)?.state === 'accepted') continue;
    latest.delete(id);
    // A page's delivery also carries its level, which only the escalation needs.
    latest.set(id, { at, to, method, key, state, reason });
  }
  return [...latest.values()].slice(-DELIVERIES_KEPT);
}

const idOfDelivery = ({ to, method, key }: Pick<Delivery, 'to' | 'method' | 'key'>): string =>
  JSON.stringify([to, method, key]);

const ANSWERS_KEPT = 256;

function withAnswer(
  answered: readonly AnsweredRequest[],
  { requestId, command, changed, text }: EventOf<'answered'>,
): readonly AnsweredRequest[] {
  return [...answered, { requestId, command, changed, text }].slice(-ANSWERS_KEPT);
}
