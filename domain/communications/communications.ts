/** How events change what people are told and when, and which messages they cause. Pure. */
import type { Audience, EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Communications, Incident, UpdateSchedule } from '../kernel/incident.ts';
import type { Outbox } from '../kernel/outbox.ts';
import { isWorse } from '../kernel/severity.ts';
import { messagesFor } from './messages.ts';
import { withStakeholderUpdates } from './stakeholder-updates.ts';
import { PUBLIC_HOLDING_LIMIT, startUpdateSchedule } from './update-schedule.ts';

export function reduceCommunications(before: Incident, after: Incident, event: IncidentEvent): Communications {
  // A change of phase is itself an update.
  const communications = before.phase === after.phase ? before.communications : restarted(before, event.at);
  switch (event.type) {
    case 'severity-changed':
      return severityChanged(before, event);
    case 'update-posted':
      return updatePosted(communications, event);
    case 'update-reminded':
      return withSchedules(communications, event.audiences, (schedule) => ({ ...schedule, reminded: true }));
    case 'update-missed':
      return withSchedules(communications, event.audiences, ({ holdingUpdates }) => ({
        ...startUpdateSchedule(event.dueAt),
        holdingUpdates: Math.min(holdingUpdates + 1, PUBLIC_HOLDING_LIMIT + 1),
      }));
    case 'public-communication-started':
      return { ...communications, publicSchedule: startUpdateSchedule(event.at) };
    case 'notification-accepted':
      return { ...communications, refs: { ...communications.refs, ...event.refs } };
    default:
      return communications;
  }
}

function restarted({ communications }: Incident, at: number): Communications {
  return {
    ...communications,
    internalSchedule: startUpdateSchedule(at),
    publicSchedule: communications.publicSchedule && startUpdateSchedule(at),
    publicState: null,
  };
}

/** A raised severity grants its acknowledgement time before an update is due. */
function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): Communications {
  const grantedMs = incident.policy.severities[to].acknowledgeWithinMs ?? 0;
  const granted = isWorse(to, incident.severity) ? { notBefore: at + grantedMs } : {};
  return withSchedules(incident.communications, ['internal', 'public'], (schedule) => ({
    ...schedule,
    ...granted,
    reminded: false,
  }));
}

function updatePosted(
  communications: Communications,
  { at, audience, status }: EventOf<'update-posted'>,
): Communications {
  const posted = { ...communications, internalSchedule: startUpdateSchedule(at) };
  if (audience === 'internal') return posted;
  return { ...posted, publicSchedule: startUpdateSchedule(at), publicState: status ?? communications.publicState };
}

function withSchedules(
  communications: Communications,
  audiences: readonly Audience[],
  change: (schedule: UpdateSchedule) => UpdateSchedule,
): Communications {
  const { internalSchedule, publicSchedule } = communications;
  return {
    ...communications,
    internalSchedule: audiences.includes('internal') ? change(internalSchedule) : internalSchedule,
    publicSchedule: audiences.includes('public') ? publicSchedule && change(publicSchedule) : publicSchedule,
  };
}

/** The outbox without what was accepted, and with what `event` causes to be said. */
export function communicationsOutbox(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): Pick<Incident, 'outbox' | 'communications'> {
  const accepted = event.type === 'notification-accepted' ? withoutAccepted(after.outbox, event) : after.outbox;
  return withStakeholderUpdates(before, { ...after, outbox: withMessages(before, after, accepted, event) }, event);
}

function withoutAccepted(outbox: Outbox, { acceptedEntries }: EventOf<'notification-accepted'>): Outbox {
  const isLeft = ({ n }: { readonly n: number }): boolean => !acceptedEntries.includes(n);
  const { stakeholderUpdates } = outbox;
  return {
    ...outbox,
    posts: outbox.posts.filter(isLeft),
    publicEntries: outbox.publicEntries.filter(isLeft),
    notices: outbox.notices.filter(isLeft),
    tickets: outbox.tickets.filter(isLeft),
    alarms: outbox.alarms.filter(isLeft),
    ...(stakeholderUpdates === undefined ? {} : { stakeholderUpdates: stakeholderUpdates.filter(isLeft) }),
  };
}

function withMessages(before: Incident, after: Incident, outbox: Outbox, event: IncidentEvent): Outbox {
  const { at, type: about } = event;
  let { lastNumber, posts, publicEntries, notices, tickets } = outbox;
  const { post, publicEntry, notices: added, ticket } = messagesFor(before, { ...after, outbox }, event);
  if (post !== null) posts = [...posts, { n: (lastNumber += 1), at, about, ...post }];
  if (publicEntry !== null) publicEntries = [...publicEntries, { n: (lastNumber += 1), at, ...publicEntry }];
  for (const notice of added) notices = [...notices, { n: (lastNumber += 1), at, about, ...notice }];
  if (ticket !== null) tickets = [...tickets, { n: (lastNumber += 1), at, ...ticket }];
  return { ...outbox, posts, publicEntries, notices, tickets, lastNumber };
}
