/** The part of an incident's text that is about work: impact, decision, checklist, action items, post-mortem. */
import type { Checklist, ChecklistItem } from '../domain/checklist.ts';
import { impactText } from '../domain/impact.ts';
import { ROLE_NAMES } from '../domain/roles.ts';
import type { IncidentView, ShownItem } from '../domain/view.ts';
import { moment, section } from './moments.ts';
import { safe } from './text.ts';

/** As the API shows it; fields that a server does not send are absent. */
type Worked = Partial<
  Pick<IncidentView, 'impact' | 'decision' | 'rolesWanted' | 'actionItems' | 'postmortem' | 'resolution'>
> & { readonly checklist?: Checklist };

/** Lines of the head: only what is known. */
export function judgement(
  { impact, decision, rolesWanted = [], resolution, postmortem }: Worked,
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
  if (doneAt === null) return dueAt === null ? 'not yet' : `due ${moment(dueAt, now)}`;
  return `done ${moment(doneAt, now)}${doneBy === null ? '' : ` by ${safe(doneBy)}`}${url === null ? '' : `: ${safe(url)}`}`;
}

export function sections({ checklist, actionItems = [] }: Worked): string[] {
  const ticks = checklist === undefined ? [] : [...checklist.during, ...checklist.resolution];
  return [...section('checklist', ticks.map(tick)), ...section('action items', actionItems.map(itemLine))];
}

/** `[x]` done, `[ ]` not yet, `[?]` only people can tell. */
function tick({ item, done }: ChecklistItem): string {
  return `[${done === null ? '?' : done ? 'x' : ' '}] ${safe(item)}`;
}

/** `[ ] A1  Watch the pool  (bo, due 2026-12-24)`. */
export function itemLine({ id, text, owner, due, doneBy, doneAt }: ShownItem): string {
  const about = [owner ?? 'nobody', due === null ? null : `due ${due}`, doneBy === null ? null : `done by ${doneBy}`];
  const details = about.filter((word) => word !== null).join(', ');
  return `[${doneAt === null ? ' ' : 'x'}] ${safe(id)}  ${safe(text)}  (${safe(details)})`;
}
