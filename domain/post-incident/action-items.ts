/** What is left to be done after an incident: action items, and the post-mortem. Pure. */
import { type Refuse, type Decision, already, accept } from '../kernel/decision.ts';
import { type Command } from '../kernel/commands.ts';

import type { Incident } from '../kernel/incident.ts';
import type { ActionItem } from '../kernel/post-incident.ts';
import { truncate } from '../kernel/text.ts';

/** As many as one incident keeps. */
const ITEMS_KEPT = 100;

export function openItems({ postIncident }: Incident): readonly ActionItem[] {
  return postIncident.actionItems.filter(({ doneAt }) => doneAt === null);
}

/** The item that `name` means: its id, in any case, or its very text. */
function itemNamed({ postIncident }: Incident, name: string): ActionItem | null {
  return postIncident.actionItems.find(({ id, text }) => id === name.toUpperCase() || text === name) ?? null;
}

/** When the post-mortem is owed, by the highest severity reached; null: it is not, for nobody had to act. */
export function postmortemDueAt({ outcome, resolvedAt, policy, highestSeverity, test }: Incident): number | null {
  const { postmortemWithinMs } = policy.severities[highestSeverity];
  if (test || outcome !== 'resolved' || resolvedAt === null || postmortemWithinMs === null) return null;
  return resolvedAt + postmortemWithinMs;
}
type Of<T extends Command['type']> = Command & { readonly type: T };

export function addActionItem(
  { postIncident }: Incident,
  { by, text, owner, due }: Of<'addActionItem'>,
  at: number,
  refuse: Refuse,
): Decision {
  const same = postIncident.actionItems.find((item) => item.text === text && item.doneAt === null);
  if (same !== undefined) return already(`${same.id} already says that.`);
  if (postIncident.actionItems.length >= ITEMS_KEPT)
    return refuse(`an incident has ${ITEMS_KEPT} action items at the most`);
  const item: ActionItem = {
    id: `A${postIncident.actionItems.length + 1}`,
    text,
    owner: owner ?? null,
    due: due ?? null,
    addedAt: at,
    addedBy: by,
    doneAt: null,
    doneBy: null,
  };
  return accept(`${item.id} is added.`, { type: 'action-item-added', at, by, item });
}

export function completeActionItem(
  incident: Incident,
  { by, item: name }: Of<'completeActionItem'>,
  at: number,
  refuse: Refuse,
): Decision {
  const item = itemNamed(incident, name);
  if (item === null) {
    const ids = incident.postIncident.actionItems.map(({ id }) => id).join(', ');
    return refuse(`there is no action item "${truncate(name, 100)}"${ids === '' ? '' : `; there are ${ids}`}`);
  }
  if (item.doneAt !== null) return already(`${item.id} is already done.`);
  return accept(`${item.id} is done.`, { type: 'action-item-completed', at, by, id: item.id });
}

export function completePostmortem(
  { postIncident }: Incident,
  { by, url }: Of<'completePostmortem'>,
  at: number,
): Decision {
  if (postIncident.postmortem !== null) return already('The post-mortem is already done.');
  return accept('The post-mortem is done.', { type: 'postmortem-completed', at, by, url: url ?? null });
}
