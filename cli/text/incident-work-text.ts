/** The part of an incident's text that is about work: impact, decision, checklist, action items, post-mortem. */
import type { Checklist, ChecklistItem } from '../../domain/engine/checklist.ts';
import { impactText } from '../../domain/kernel/impact.ts';
import { ROLE_NAMES } from '../../domain/kernel/roles.ts';
import type { IncidentView, ActionItemView } from '../../domain/engine/view.ts';
import { timeText, textSection } from './time-text.ts';
import { safe } from './terminal-text.ts';

/** As the API shows it; fields that a server does not send are absent. */
type IncidentWork = Partial<
  Pick<IncidentView, 'impact' | 'decision' | 'rolesWanted' | 'actionItems' | 'postmortem' | 'resolution'>
> & { readonly checklist?: Checklist };

/** Lines of the head: only what is known. */
export function assessmentLines(
  { impact, decision, rolesWanted = [], resolution, postmortem }: IncidentWork,
  now: number,
): string[] {
  return [
    line('wanted', rolesWanted.map((role) => ROLE_NAMES[role]).join(', ')),
    line('impact', impact ? impactText(impact) : ''),
    line('decision', decision ?? ''),
    line('resolution', resolution ?? ''),
    ...(postmortem ? [`  ${'post-mortem'.padEnd(13)} ${postmortemText(postmortem, now)}`] : []),
  ].filter((text) => text !== '');
}

function line(name: string, text: string): string {
  return text === '' ? '' : `  ${name.padEnd(13)} ${safe(text, 1_000)}`;
}

function postmortemText({ dueAt, doneAt, doneBy, url }: NonNullable<IncidentView['postmortem']>, now: number): string {
  if (doneAt === null) return dueAt === null ? 'not yet' : `due ${timeText(dueAt, now)}`;
  return `done ${timeText(doneAt, now)}${doneBy === null ? '' : ` by ${safe(doneBy)}`}${url === null ? '' : `: ${safe(url)}`}`;
}

export function workSections({ checklist, actionItems = [] }: IncidentWork): string[] {
  const ticks = checklist === undefined ? [] : [...checklist.during, ...checklist.resolution];
  return [...textSection('checklist', ticks.map(tick)), ...textSection('action items', actionItems.map(itemLine))];
}

/** `[x]` done, `[ ]` not yet, `[?]` only people can tell. */
function tick({ item, done }: ChecklistItem): string {
  return `[${done === null ? '?' : done ? 'x' : ' '}] ${safe(item)}`;
}

/** `[ ] A1  Watch the pool  (bo, due 2026-12-24)`. */
export function itemLine({ id, text, owner, due, doneBy, doneAt }: ActionItemView): string {
  const about = [owner ?? 'nobody', due === null ? null : `due ${due}`, doneBy === null ? null : `done by ${doneBy}`];
  const details = about.filter((word) => word !== null).join(', ');
  return `[${doneAt === null ? ' ' : 'x'}] ${safe(id)}  ${safe(text)}  (${safe(details)})`;
}
