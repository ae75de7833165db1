/**
 * Reminders of what is left to do, in the team's hours. Workflows know no calendars, so a review is planned by asking:
 * the answer says when the team opens, which day that is, and which business days follow. At that moment the whole of
 * what is left is looked at once, and people hear of it in one message each. RUNBOOK §3. Pure.
 */
import type { ActionItem, PostmortemStage, Review } from '../kernel/post-incident.ts';
import { openItems, postmortemDueAt } from './action-items.ts';
import { postmortemOwner, owesPostmortem } from './follow-ups.ts';

import type { Incident } from '../kernel/incident.ts';

export type ReviewDue =
  /** The calendar is asked: `after` in epoch ms. */
  | {
      readonly act: 'ask';
      readonly from: number;
      readonly after: number;
      readonly want: 'now-or-next-opening' | 'next-business-day';
    }
  | { readonly act: 'review'; readonly at: number };

const DAY_MS = 24 * 3_600_000;

/** Further ahead nothing is said, so the calendar is asked about no day before. */
const AHEAD_MS = 14 * DAY_MS;

/** Items without a day are spoken of once a week; a clock that is changed makes no difference. */
const WEEK_MS = 6.25 * DAY_MS;

/** A review so late may fall outside the team's hours: the calendar is asked again. */
const LATE_MS = 3_600_000;

/** What comes next of the reminders at `now`; null: nothing is left that anybody is reminded of. */
export function nextReview(incident: Incident, now: number): ReviewDue | null {
  const { postIncident, resolvedAt, phase } = incident;
  if (phase !== 'resolved' || postIncident.followUps === undefined || resolvedAt === null) return null;
  const isToBegin = owesPostmortem(incident) && !postIncident.followUps.postmortemAnnounced;
  const from = isToBegin ? resolvedAt : worthFrom(incident, postIncident.followUps.reviewedAt ?? resolvedAt);
  if (from === null) return null;
  const { review } = postIncident.followUps;
  if (review === null || from < review.from) {
    return { act: 'ask', from, after: from, want: isToBegin ? 'now-or-next-opening' : 'next-business-day' };
  }
  const [{ at }] = review.days;
  if (now > at + LATE_MS) return { act: 'ask', from: review.from, after: now, want: 'now-or-next-opening' };
  return { act: 'review', at };
}

/** The business day after this is the first on which something may have to be said. */
function worthFrom(incident: Incident, since: number): number | null {
  const dueAt = owesPostmortem(incident) ? postmortemDueAt(incident) : null;
  const moments = openItems(incident).map((item) => worthSaying(incident, item, since));
  if (dueAt !== null) moments.push(Math.max(since, dueAt - AHEAD_MS));
  return moments.length === 0 ? null : Math.min(...moments);
}

function worthSaying(incident: Incident, item: ActionItem, since: number): number {
  const from = Math.max(since, item.addedAt);
  if (item.due === null) return Math.max(from, spokenOf(incident, item) + WEEK_MS);
  return Math.max(from, Date.parse(item.due) - AHEAD_MS);
}

function spokenOf({ postIncident }: Incident, { id, addedAt }: ActionItem): number {
  return postIncident.followUps?.remindedAt[id] ?? addedAt;
}

/** What a review at `now` finds worth saying. */
export function reviewFindings(
  incident: Incident,
  now: number,
): { readonly postmortem: PostmortemStage | null; readonly items: readonly string[] } {
  const review = incident.postIncident.followUps?.review ?? null;
  if (review === null) return { postmortem: null, items: [] };
  const items = openItems(incident).filter((item) => isWorthSaying(incident, item, review, now));
  return { postmortem: postmortemStage(incident, review, now), items: items.map(({ id }) => id) };
}

function postmortemStage(incident: Incident, { days }: Review, now: number): PostmortemStage | null {
  const dueAt = postmortemDueAt(incident);
  if (dueAt === null || !owesPostmortem(incident)) return null;
  if (dueAt <= now) return 'overdue';
  if (incident.postIncident.followUps?.postmortemAnnounced === false) return 'begun';
  return dueAt < days[2].at ? 'due' : null;
}

/** On the business day before its day, on its day, and on each one after; without a day, once a week. */
function isWorthSaying(incident: Incident, item: ActionItem, { days }: Review, now: number): boolean {
  return item.due === null ? now - spokenOf(incident, item) > WEEK_MS : item.due <= days[1].date;
}

/** Who hears of an item: its owner, else whoever has the post-mortem. */
export function itemOwner(incident: Incident, { owner }: ActionItem): string | null {
  return owner ?? postmortemOwner(incident);
}
