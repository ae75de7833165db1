/** What is left to be done after an incident: action items, and the post-mortem. Pure. */
import type { EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';

export interface ActionItem {
  /** `A1`, `A2` …: counted within the incident. */
  readonly id: string;
  readonly text: string;
  readonly owner: string | null;
  /** `YYYY-MM-DD`, a day of the organization's calendar. */
  readonly due: string | null;
  readonly addedAt: number;
  readonly addedBy: string;
  readonly doneAt: number | null;
  readonly doneBy: string | null;
}

export interface Postmortem {
  readonly doneAt: number;
  readonly doneBy: string;
  /** Where it is, if not here. */
  readonly url: string | null;
}

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
