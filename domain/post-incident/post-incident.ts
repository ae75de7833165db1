/** How events change what is left to do after an incident. Pure. */
import type { EventOf } from '../kernel/events.ts';
import type { Incident, PostIncident } from '../kernel/incident.ts';
import type { FollowUps } from '../kernel/post-incident.ts';
import type { Reducers } from '../kernel/reduce.ts';
import { followUpsOf } from './follow-ups.ts';

export const POST_INCIDENT_REDUCERS: Reducers<PostIncident> = {
  resolved: ({ postIncident }, _event, after) =>
    after.test ? postIncident : { ...postIncident, followUps: followUpsOf(after) },
  reopened: ({ postIncident }) => ({
    ...withFollowUps(postIncident, { draft: null, evidence: [], review: null }),
    postmortem: null,
  }),
  'action-item-added': ({ postIncident }, { item }) => ({
    ...postIncident,
    actionItems: [...postIncident.actionItems, item],
  }),
  'action-item-completed': ({ postIncident }, { at: doneAt, by: doneBy, id }) => ({
    ...postIncident,
    actionItems: postIncident.actionItems.map((item) => (item.id === id ? { ...item, doneAt, doneBy } : item)),
  }),
  'postmortem-completed': ({ postIncident }, { at: doneAt, by: doneBy, url }) => ({
    ...postIncident,
    postmortem: { doneAt, doneBy, url },
  }),
  'draft-ready': ({ postIncident }) => withFollowUps(postIncident, { draft: 'ready' }),
  'draft-late': ({ postIncident }) => withFollowUps(postIncident, { draft: 'late' }),
  'evidence-settled': ({ postIncident }, event) => {
    const evidence = (postIncident.followUps?.evidence ?? []).filter((hook) => hook !== event.hook);
    return withFollowUps(postIncident, { evidence });
  },
  'review-planned': ({ postIncident }, { from, days }) => withFollowUps(postIncident, { review: { from, days } }),
  'follow-ups-reviewed': reviewed,
};

function reviewed({ postIncident }: Incident, { at, postmortem, items }: EventOf<'follow-ups-reviewed'>): PostIncident {
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
