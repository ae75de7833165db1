/** How events change what is left to do after an incident. Pure. */
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident, PostIncident } from '../kernel/incident.ts';
import type { FollowUps } from '../kernel/post-incident.ts';
import { followUpsOf } from './follow-ups.ts';

export function reducePostIncident(before: Incident, after: Incident, event: IncidentEvent): PostIncident {
  const { postIncident } = before;
  const { actionItems } = postIncident;
  switch (event.type) {
    case 'resolved':
      return after.test ? postIncident : { ...postIncident, followUps: followUpsOf(after) };
    case 'reopened':
      return { ...withFollowUps(postIncident, { draft: null, evidence: [], review: null }), postmortem: null };
    case 'action-item-added':
      return { ...postIncident, actionItems: [...actionItems, event.item] };
    case 'action-item-completed':
      return {
        ...postIncident,
        actionItems: actionItems.map((item) => (item.id === event.id ? done(item, event) : item)),
      };
    case 'postmortem-completed':
      return { ...postIncident, postmortem: { doneAt: event.at, doneBy: event.by, url: event.url } };
    case 'draft-ready':
      return withFollowUps(postIncident, { draft: 'ready' });
    case 'draft-late':
      return withFollowUps(postIncident, { draft: 'late' });
    case 'evidence-settled': {
      const evidence = (postIncident.followUps?.evidence ?? []).filter((hook) => hook !== event.hook);
      return withFollowUps(postIncident, { evidence });
    }
    case 'review-planned':
      return withFollowUps(postIncident, { review: { from: event.from, days: event.days } });
    case 'follow-ups-reviewed':
      return reviewed(postIncident, event);
    default:
      return postIncident;
  }
}

function done(
  item: PostIncident['actionItems'][number],
  { at, by }: EventOf<'action-item-completed'>,
): PostIncident['actionItems'][number] {
  return { ...item, doneAt: at, doneBy: by };
}

function reviewed(postIncident: PostIncident, event: EventOf<'follow-ups-reviewed'>): PostIncident {
  const { at, postmortem, items } = event;
  const { postmortemAnnounced = false, remindedAt = {} } = postIncident.followUps ?? {};
  return withFollowUps(postIncident, {
    postmortemAnnounced: postmortemAnnounced || postmortem !== null,
    review: null,
    reviewedAt: at,
    remindedAt: { ...remindedAt, ...Object.fromEntries(items.map((id) => [id, at])) },
  });
}

/** A test has none. */
function withFollowUps(postIncident: PostIncident, change: Partial<FollowUps>): PostIncident {
  const { followUps } = postIncident;
  return followUps === undefined ? postIncident : { ...postIncident, followUps: { ...followUps, ...change } };
}
