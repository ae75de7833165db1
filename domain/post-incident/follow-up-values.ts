/** What the catalogue's placeholders stand for in texts about what is left to do after an incident. Pure. */
import type { EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Text, TextPart } from '../kernel/text.ts';
import { truncate } from '../kernel/text.ts';
import type { ActionItem } from '../kernel/post-incident.ts';
import { openItems, postmortemDueAt } from './action-items.ts';
import { owesPostmortem, postmortemOwner } from './follow-ups.ts';
import { itemOwner } from './reviews.ts';

type Values = Readonly<Record<string, TextPart | Text | null | undefined>>;

const ITEMS_SHOWN = 20;

/** Of the all-clear: who owes the post-mortem, and by when; none, when it is not owed. */
export function postmortemValues(after: Incident): Values {
  const owner = postmortemOwner(after);
  if (!owesPostmortem(after)) return {};
  return { postmortemDue: postmortemDue(after), postmortemOwner: owner === null ? null : { person: owner } };
}

function postmortemDue(after: Incident): TextPart | null {
  const dueAt = postmortemDueAt(after);
  return dueAt === null ? null : { at: dueAt, day: true };
}

/** Of a review, for everybody. */
export function reviewValues(after: Incident, { postmortem, items }: EventOf<'follow-ups-reviewed'>): Values {
  return {
    name: nameOf(after),
    ...(postmortem === null ? {} : { [postmortem]: 'yes', postmortemDue: postmortemDue(after) }),
    items: items.join(', '),
    both: postmortem === null || items.length === 0 ? null : 'yes',
  };
}

interface PersonalReview {
  readonly person: string;
  /** Who is told when that person is no longer in the configuration. */
  readonly fallbackTo: readonly string[];
  readonly values: Values;
}

/** Of a review, for each person who has something left to do: only their own. */
export function personalReviews(after: Incident, event: EventOf<'follow-ups-reviewed'>): readonly PersonalReview[] {
  const { postmortem } = event;
  const owner = postmortemOwner(after);
  const items = openItems(after).filter(({ id }) => event.items.includes(id));
  const people = [postmortem === null ? null : owner, ...items.map((item) => itemOwner(after, item))];
  return [...new Set(people)].flatMap((person) => {
    if (person === null) return [];
    const own = items.filter((item) => itemOwner(after, item) === person);
    const stage = person === owner ? postmortem : null;
    const values = {
      ...reviewValues(after, { ...event, postmortem: stage, items: own.map(({ id }) => id) }),
      itemList: listOf(own.map((item) => `- ${itemText(item)}`)).join('\n'),
    };
    return [{ person, fallbackTo: owner === null || owner === person ? [] : [owner], values }];
  });
}

/** What a closed incident leaves undone. */
export function closedValues(after: Incident): Values {
  const postmortem = owesPostmortem(after) ? ['the post-mortem'] : [];
  return { left: [...postmortem, ...listOf(openItems(after).map(itemText))].join('; ') };
}

export function actionItemValues(
  after: Incident,
  event: EventOf<'action-item-added'> | EventOf<'action-item-completed'>,
): Values {
  if (event.type === 'action-item-added') return { item: itemText(event.item) };
  const item = after.postIncident.actionItems.find(({ id }) => id === event.id);
  return { item: item === undefined ? event.id : itemText(item) };
}

function listOf(items: readonly string[]): readonly string[] {
  const more = items.length > ITEMS_SHOWN ? [`and ${items.length - ITEMS_SHOWN} more`] : [];
  return [...items.slice(0, ITEMS_SHOWN), ...more];
}

function nameOf({ reference, severity, title }: Incident): string {
  return `${reference === null ? '' : `${reference}, `}${severity} "${truncate(title, 200)}"`;
}

/** `A1: Watch the pool, owner bo, due 2026-12-01`. */
export function itemText({ id, text, owner, due }: ActionItem): string {
  const by = due === null ? '' : `, due ${due}`;
  return `${id}: ${truncate(text, 300)}${owner === null ? '' : `, owner ${owner}`}${by}`;
}
