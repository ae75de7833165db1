/**
 * Who hears of an event: the team's chat and the releases channel, the public page, single people, the ticket. What they
 * read is in `catalogue.ts`. Pure.
 */
import { mayGoPublic } from '../kernel/queries.ts';
import type { EventOf, EventType, IncidentEvent } from '../kernel/events.ts';
import type { Communications, Incident } from '../kernel/incident.ts';
import type {
  NoticeEntry,
  Outbox,
  PostEntry,
  PublicPageEntry,
  TemplatedText,
  TicketAction,
  TicketOutboxEntry,
} from '../kernel/outbox.ts';
import { holderOf, holderOrOnCall } from '../kernel/roles.ts';
import type { Text, TextLookup } from '../kernel/text.ts';
import { fillTemplate, lookupIn, plainText } from '../kernel/text.ts';
import { personalReviews } from '../post-incident/follow-up-values.ts';
import type { CatalogueText, EventTexts } from './catalogue.ts';
import { EVENT_TEXTS } from './catalogue.ts';
import { publicStateOf } from './public-state.ts';
import { draftsFor, withStakeholderUpdates } from './stakeholder-updates.ts';
import type { TemplateName } from './templates.ts';
import { allowedValues } from './templates.ts';
import { publicHolding, known, publicTextValuesFor, textValuesFor } from './text-values.ts';
import { nextPublicEntryAt, speaksBetweenPhases, spokesperson } from './update-schedule.ts';

type Notice = Omit<NoticeEntry, 'n' | 'at' | 'about'>;
interface Message extends TemplatedText {
  readonly text: Text;
}
interface Messages {
  readonly post: Omit<PostEntry, 'n' | 'at' | 'about'> | null;
  readonly publicEntry: Omit<PublicPageEntry, 'n' | 'at'> | null;
  readonly notices: readonly Notice[];
  readonly ticket: Omit<TicketOutboxEntry, 'n' | 'at'> | null;
}

/** The outbox without what was accepted, and with what `event` causes to be said. */
export function communicationsOutbox(
  before: Incident,
  event: IncidentEvent,
  after: Incident,
): Pick<Incident, 'outbox' | 'communications'> {
  const { policy, test, outbox } = after;
  const left = event.type === 'notification-accepted' ? withoutAccepted(outbox, event) : outbox;
  const told = isTold(EVENT_TEXTS[event.type]) ? withMessages(before, event, { ...after, outbox: left }) : left;
  const communications = withHoldingEntry(outbox, event, { ...after, outbox: told });
  if (test || policy.stakeholders === undefined) return { outbox: told, communications };
  return withStakeholderUpdates(before, event, { ...after, outbox: told, communications });
}

function withHoldingEntry(before: Outbox, event: IncidentEvent, { outbox, communications }: Incident): Communications {
  const last = outbox.publicEntries.at(-1);
  const isNew = event.type === 'update-missed' && last !== undefined && last.n > before.lastNumber;
  return isNew && last.renews === undefined ? { ...communications, holdingEntry: last.n } : communications;
}

/** Whether anybody hears of an event; most have only their timeline entry. */
const isTold = ({ chat, ticket, notice, public: everybody }: EventTexts): boolean =>
  (chat ?? ticket ?? notice ?? everybody) !== undefined;

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

function withMessages(before: Incident, event: IncidentEvent, after: Incident): Outbox {
  const { at, type: about } = event;
  const { outbox } = after;
  let { lastNumber, posts, publicEntries, notices, tickets } = outbox;
  const { post, publicEntry, notices: added, ticket } = messagesFor(before, after, event);
  if (post !== null) posts = [...posts, { n: (lastNumber += 1), at, about, ...post }];
  if (publicEntry !== null) {
    const { renews } = publicEntry;
    // Of renewals that are still waiting only the last counts.
    const others = publicEntries.filter((entry) => renews === undefined || entry.renews !== renews);
    publicEntries = [...others, { n: (lastNumber += 1), at, ...publicEntry }];
  }
  for (const notice of added) notices = [...notices, { n: (lastNumber += 1), at, about, ...notice }];
  if (ticket !== null) tickets = [...tickets, { n: (lastNumber += 1), at, ...ticket }];
  return { ...outbox, posts, publicEntries, notices, tickets, lastNumber };
}

/** What is said about `event`, which led from `before` to `after`. */
function messagesFor(before: Incident, after: Incident, event: IncidentEvent): Messages {
  const values = textValuesFor(before, after, event);
  const texts: EventTexts = EVENT_TEXTS[event.type];
  const isDetailed = event.type === 'update-posted' && event.details !== undefined;
  const post = compose(after, isDetailed ? texts.detailedChat : texts.chat, values);
  const ticket = texts.ticket === undefined ? post : compose(after, texts.ticket, values);
  const drafts = after.policy.stakeholders === undefined ? [] : draftsFor(before, event, after);
  return {
    post: post && {
      ...marked(after, post),
      ...announcement(after, event, values),
      releases: releasesFor(after, event),
    },
    publicEntry: publicEntryFor(before, after, event),
    notices: after.test ? [] : [...noticesFor(before, after, event, values), ...drafts],
    ticket: ticketFor(after, event, ticket),
  };
}

/** The built-in text, with what the configuration's own would need; null: nothing is to be said. */
function compose(after: Incident, catalogued: CatalogueText | undefined, values: TextLookup): Message | null {
  if (catalogued === undefined) return null;
  const text = fillTemplate(catalogued.text, values);
  if (text.length === 0) return null;
  const template = catalogued.name as TemplateName;
  return {
    text,
    ...(isOverridden(after, template) ? { template, textValues: allowedValues(template, values) } : {}),
  };
}

function isOverridden({ policy }: Incident, template: TemplateName): boolean {
  return policy.templates?.includes(template) ?? false;
}

function marked({ test }: Incident, message: Message): Message {
  return test ? { ...message, text: ['[TEST] ', ...message.text] } : message;
}

/** The announcement is made from the declaration's post, so its values ride along. */
function announcement(after: Incident, { type }: IncidentEvent, values: TextLookup): TemplatedText {
  const isOwn = type === 'declared' && isOverridden(after, 'announcement');
  return isOwn ? { textValues: allowedValues('declared', values) } : {};
}

/** What people outside the incident follow it by: announced in the releases channel, then told in that thread. */
const FOLLOWED: readonly EventType[] = [
  'impact-assessed',
  'severity-changed',
  'update-posted',
  'update-missed',
  'mitigation-decided',
  'mitigation-reported',
  'monitoring-started',
  'recurred',
  'reopened',
  'resolved',
  'false-alarm-declared',
  'merged',
  'incident-merged-in',
];

/** Whether the post goes to the releases channel too, and how. Restricted incidents and tests never do. */
function releasesFor({ test, restricted }: Incident, { type }: IncidentEvent): PostEntry['releases'] {
  if (test || restricted) return null;
  if (type === 'declared') return 'announce';
  return FOLLOWED.includes(type) ? 'thread' : null;
}

/** What an event does to the ticket, the single record for outsiders; the rest of the timeline is not their business. */
const TICKET_ACTIONS: Readonly<Partial<Record<EventType, TicketAction>>> = {
  declared: 'open',
  acknowledged: 'comment',
  'ticket-reminded': 'comment',
  'severity-changed': 'comment',
  'impact-assessed': 'comment',
  'update-posted': 'comment',
  'cause-identified': 'comment',
  'mitigation-decided': 'comment',
  'mitigation-reported': 'comment',
  'monitoring-started': 'comment',
  recurred: 'comment',
  reopened: 'reopen',
  resolved: 'close',
  'false-alarm-declared': 'close',
  merged: 'close',
  'incident-merged-in': 'comment',
  'action-item-added': 'comment',
  'action-item-completed': 'comment',
  'postmortem-completed': 'comment',
  'draft-late': 'comment',
  'evidence-settled': 'comment',
  'follow-ups-reviewed': 'comment',
  closed: 'comment',
};

/** A test has no ticket. */
function ticketFor(after: Incident, { type }: IncidentEvent, message: Message | null): Messages['ticket'] {
  const action = TICKET_ACTIONS[type];
  return after.test || message === null || action === undefined ? null : { action, ...message };
}

/**
 * The public hears only what was written for it: built-in texts about a component, or a person's own text; never an
 * alert's.
 */
function publicEntryFor(before: Incident, after: Incident, event: IncidentEvent): Messages['publicEntry'] {
  if (!mayGoPublic(after) || after.communications.publicSchedule === null || !concernsPublic(before, after, event))
    return null;
  const texts: EventTexts = EVENT_TEXTS[event.type];
  const message = compose(after, texts.public, publicTextValuesFor(after, event));
  if (message === null) return null;
  const isRenewal = event.type === 'update-missed' && publicHolding(before, after, event) === 'renewed';
  const { holdingEntry } = after.communications;
  return {
    ...message,
    text: plainText(message.text),
    state: publicStateOf(after),
    nextUpdateAt: nextPublicEntryAt(after),
    ...(isRenewal && holdingEntry !== undefined ? { renews: holdingEntry } : {}),
  };
}

function concernsPublic(before: Incident, after: Incident, event: IncidentEvent): boolean {
  if (event.type === 'update-posted') return event.audience === 'public';
  if (event.type === 'update-missed') return publicHolding(before, after, event) !== null;
  if (event.type === 'mitigation-reported' || event.type === 'cause-identified')
    return speaksBetweenPhases(before, event, after);
  return event.type !== 'mitigation-decided' || before.phase !== after.phase;
}

/** Messages to people, which page nobody. */
function noticesFor(before: Incident, after: Incident, event: IncidentEvent, values: TextLookup): readonly Notice[] {
  const { notice, assignee }: EventTexts = EVENT_TEXTS[event.type];
  const notify = (to: readonly (string | null)[], text = notice, except: readonly string[] = []): readonly Notice[] => {
    const people = [...new Set(to)].filter((person) => person !== null);
    const message = compose(after, text, values);
    return message === null || people.every((name) => except.includes(name))
      ? []
      : [{ to: people, except, ...message }];
  };
  const { ic, communicationsLead } = after.roles;
  switch (event.type) {
    case 'acknowledged': {
      const takesCommand = before.acknowledgedAt !== null && ic !== before.roles.ic;
      return [...notify(pagedSoFar(before), notice, [event.by]), ...(takesCommand ? notify([ic], assignee) : [])];
    }
    case 'merged':
    case 'false-alarm-declared':
      return notify(pagedSoFar(before), notice, [event.by]);
    case 'monitoring-started':
      return before.acknowledgedAt === null
        ? notify(pagedSoFar(before), notice, event.by === null ? [] : [event.by])
        : [];
    case 'call-unanswered':
      // A token that nobody is bound to may have called.
      return notify([event.call.cause.calledBy ?? holderOf(after)]).map((told) => {
        return { ...told, fallbackTo: holderOrOnCall(after) };
      });
    case 'update-reminded':
      return notify([spokesperson(after)]);
    case 'update-missed':
      return notify([communicationsLead, ic]);
    case 'public-deadline-missed':
      return notify(after.policy.leadership);
    case 'alerts-stale': {
      const holder = holderOf(after);
      if (event.absent) return notify(holderOrOnCall(after));
      return notify(holder === null ? pagedSoFar(before) : [holder]);
    }
    case 'service-joined':
      return event.notifies ? notify([holderOf(after)]) : [];
    case 'left-out-questioned':
    case 'late-copies-unverified':
      return notify(holderOrOnCall(after));
    case 'role-assigned':
      return event.person === before.roles[event.role] ? [] : notify([event.person], assignee);
    case 'inactivity-nudged':
      return notify([holderOf(after)]);
    case 'follow-ups-reviewed':
      return personalReviews(after, event).flatMap(({ person, fallbackTo, values: own }) => {
        const theirs = lookupIn(known(own));
        const message = compose(
          after,
          notice,
          (name) => theirs(name) ?? (OF_ONE_PERSON.includes(name) ? undefined : values(name)),
        );
        return message === null ? [] : [{ to: [person], except: [], ...message, fallbackTo }];
      });
    case 'confirmation-requested':
      return notify([ic]);
    default:
      return [];
  }
}

/** Each person's review has these of their own. */
const OF_ONE_PERSON: readonly string[] = ['begun', 'due', 'overdue', 'postmortemDue', 'items'];

/** Everyone a page has reached, or may have: pages that have not come back yet count too. */
function pagedSoFar({ escalation, outbox }: Incident): readonly string[] {
  const inFlight = outbox.pages.flatMap(({ targets }) => targets.flatMap(({ names }) => names));
  return [...new Set([...escalation.paged, ...escalation.leadershipPaged, ...inFlight])];
}
