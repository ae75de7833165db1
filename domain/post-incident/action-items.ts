/** What is left to be done after an incident: action items, and the post-mortem. Pure. */
import type { EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { ActionItem } from '../kernel/post-incident.ts';

/** As many as one incident keeps. */
export const ITEMS_KEPT = 100;

export function openItems({ postIncident }: Incident): readonly ActionItem[] {
  return postIncident.actionItems.filter(({ doneAt }) => doneAt === null);
}

/** The item that `name` means: its id, in any case, or its very text. */
export function itemNamed({ postIncident }: Incident, name: string): ActionItem | null {
  return postIncident.actionItems.find(({ id, text }) => id === name.toUpperCase() || text === name) ?? null;
}

export function withItemAdded(incident: Incident, { item }: EventOf<'action-item-added'>): Incident {
  return {
    ...incident,
    postIncident: { ...incident.postIncident, actionItems: [...incident.postIncident.actionItems, item] },
  };
}

export function withItemDone(incident: Incident, { at, by, id }: EventOf<'action-item-completed'>): Incident {
  const actionItems = incident.postIncident.actionItems.map((item) =>
    item.id === id ? { ...item, doneAt: at, doneBy: by } : item,
  );
  return { ...incident, postIncident: { ...incident.postIncident, actionItems } };
}

/** When the post-mortem is owed, by the highest severity reached; null: it is not, for nobody had to act. */
export function postmortemDueAt({ outcome, resolvedAt, policy, highestSeverity, test }: Incident): number | null {
  const { postmortemWithinMs } = policy.severities[highestSeverity];
  if (test || outcome !== 'resolved' || resolvedAt === null || postmortemWithinMs === null) return null;
  return resolvedAt + postmortemWithinMs;
}
