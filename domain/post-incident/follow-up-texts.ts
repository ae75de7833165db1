/** The words about what is left to do: for the timeline, the chat, the ticket and single people. Pure. */
import type { ActionItem } from './action-items.ts';
import { openItems, postmortemDueAt } from './action-items.ts';
import { owesPostmortem, postmortemOwner } from './follow-ups.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { NoticeEntry } from '../kernel/outbox.ts';
import { itemOwner } from './reviews.ts';
import type { Text } from '../kernel/text.ts';
import { truncate } from '../kernel/text.ts';

const ITEMS_SHOWN = 20;

/** Below the all-clear: what is owed, and by when. Nothing, when nothing is. */
export function postmortemDueText(after: Incident): Text {
  const dueAt = postmortemDueAt(after);
  const owner = postmortemOwner(after);
  if (dueAt === null || !owesPostmortem(after)) return [];
  const who: Text = owner === null ? [] : [' by ', { person: owner }];
  return [
    ...['\nPost-mortem', ...who, ', due at ', { at: dueAt, day: true } as const, '.'],
    ' What is to be done about it: add action items, with an owner and a day.',
  ];
}

/** For the team's chat; null when it is none of its business. */
export function followUpPost(after: Incident, event: IncidentEvent): Text | null {
  switch (event.type) {
    case 'draft-late':
      return ['⚠ Export and draft of the post-mortem are not ready two hours after the end. They go on being tried.'];
    case 'evidence-settled':
      return event.problem === null ? null : [`⚠ ${evidenceText(event)}`];
    case 'follow-ups-reviewed':
      return event.postmortem === 'overdue' ? postmortemText(after, event) : null;
    case 'postmortem-completed':
      return [{ person: event.by }, ` has done the post-mortem${event.url === null ? '' : `: ${event.url}`}`];
    default:
      return null;
  }
}

/** For the ticket, where the chat's words do not do; null: nothing. */
export function followUpTicket(after: Incident, event: IncidentEvent): Text | null {
  switch (event.type) {
    case 'action-item-added':
      return [`Action item ${itemText(event.item)}`];
    case 'action-item-completed':
      return [`Action item ${event.id} is done, says `, { person: event.by }];
    case 'follow-ups-reviewed':
      return event.postmortem === null ? null : postmortemText(after, event);
    case 'closed': {
      const left = openFollowUpsText(after);
      return left === '' ? null : [`Closed. ${left}`];
    }
    default:
      return null;
  }
}

/** One message for each person who has something left to do. */
export function followUpNotices(
  after: Incident,
  event: EventOf<'follow-ups-reviewed'>,
): readonly Pick<NoticeEntry, 'to' | 'except' | 'text' | 'fallbackTo'>[] {
  const owner = postmortemOwner(after);
  const items = openItems(after).filter(({ id }) => event.items.includes(id));
  const owners = items.map((item) => itemOwner(after, item));
  const people = [...new Set([...(event.postmortem === null ? [] : [owner]), ...owners])];
  return people.flatMap((person) => {
    if (person === null) return [];
    const own = items.filter((item) => itemOwner(after, item) === person);
    const text: Text = [
      ...(person === owner && event.postmortem !== null ? postmortemText(after, event) : []),
      ...(own.length === 0 ? [] : [itemsText(after, own, person === owner && event.postmortem !== null)]),
    ];
    // Whoever is no longer in the configuration cannot do it either.
    const fallbackTo = owner === null || owner === person ? [] : [owner];
    return [{ to: [person], except: [], text, fallbackTo }];
  });
}

function postmortemText(after: Incident, { postmortem }: EventOf<'follow-ups-reviewed'>): Text {
  const dueAt = { at: postmortemDueAt(after) ?? 0, day: true } as const;
  const of = `The post-mortem of ${nameOf(after)}`;
  if (postmortem === 'overdue') return [`OVERDUE: the post-mortem of ${nameOf(after)} was due at `, dueAt, '.'];
  if (postmortem === 'due') return [`${of} is due at `, dueAt, '.'];
  return [
    `${of} is yours, due at `,
    dueAt,
    `. A draft: \`tocsin postmortem ${after.reference ?? after.workflowId}\`.`,
    ' What is to be done about it: action items, with an owner and a day.',
  ];
}

function itemsText(after: Incident, items: readonly ActionItem[], goesOn: boolean): string {
  const shown = items.slice(0, ITEMS_SHOWN).map((item) => `\n- ${itemText(item)}`);
  const more = items.length > shown.length ? `\n- and ${items.length - shown.length} more` : '';
  const head = goesOn ? '\nYour open action items:' : `Your open action items of ${nameOf(after)}:`;
  return `${head}${shown.join('')}${more}`;
}

function nameOf({ reference, severity, title }: Incident): string {
  return `${reference === null ? '' : `${reference}, `}${severity} "${truncate(title, 200)}"`;
}

/** `A1: Watch the pool, owner bo, due 2026-12-01`. */
export function itemText({ id, text, owner, due }: ActionItem): string {
  const by = due === null ? '' : `, due ${due}`;
  return `${id}: ${truncate(text, 300)}${owner === null ? '' : `, owner ${owner}`}${by}`;
}

/** What a closed incident leaves undone; empty when nothing. */
export function openFollowUpsText(after: Incident): string {
  const items = openItems(after);
  const left = items.slice(0, ITEMS_SHOWN).map(itemText);
  const more = items.length > left.length ? [`and ${items.length - left.length} more`] : [];
  const words = [...(owesPostmortem(after) ? ['the post-mortem'] : []), ...left, ...more];
  return words.length === 0 ? '' : `Left open: ${words.join('; ')}.`;
}

export function evidenceText({ hook, problem }: EventOf<'evidence-settled'>): string {
  return problem === null ? `Evidence: ${hook} was told to keep it` : `EVIDENCE NOT KEPT: ${hook} (${problem})`;
}

/** The line of a review that found something. */
export function reviewText({ postmortem, items }: EventOf<'follow-ups-reviewed'>): string {
  const of = { begun: 'the post-mortem is owed', due: 'the post-mortem is due', overdue: 'the post-mortem is OVERDUE' };
  const said = [
    ...(postmortem === null ? [] : [of[postmortem]]),
    ...(items.length === 0 ? [] : [`action items ${items.join(', ')}`]),
  ];
  return `Reminder: ${said.join('; ')}`;
}
