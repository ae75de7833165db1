/** Action items as a list to tick off, and those that the record itself suggests. Pure. */
import type { WholeRecord } from '../records.ts';
import { missedTargets } from './response-times.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { timeIn, type DocumentFormat } from './document-format.ts';

export function actionItemsOf({ incident }: WholeRecord, { timeZone, nameOf }: DocumentFormat): string {
  const items = (incident.actionItems ?? []).map(({ id, text, owner, due, doneAt, doneBy }) => {
    const whose = owner === null ? OWNER : escapeMarkdown(nameOf(owner));
    const done =
      doneAt === null
        ? ''
        : ` - done ${timeIn(timeZone, doneAt)}${doneBy === null ? '' : ` by ${escapeMarkdown(nameOf(doneBy))}`}`;
    return `- [${doneAt === null ? ' ' : 'x'}] ${escapeMarkdown(id)}: ${escapeMarkdown(text)} - ${whose} - ${due === null ? DUE : escapeMarkdown(due)}${done}`;
  });
  return items.length === 0 ? '_none yet_' : items.join('\n');
}

const OWNER = '_Owner?_';
const DUE = '_Due?_';

/** For the meeting to take or to drop. */
export function proposedItems(record: WholeRecord, telling: DocumentFormat): string {
  return proposals(record, telling)
    .map((text) => `- [ ] ${text} - ${OWNER} - ${DUE}`)
    .join('\n');
}

function proposals(record: WholeRecord, telling: DocumentFormat): readonly string[] {
  const { incident, timeline } = record;
  const has = (kind: string): boolean => timeline.some((line) => line.kind === kind);
  const broken = missedTargets(record, telling).map(({ name }) => name);
  const failed = [...new Set(incident.deliveries.flatMap(({ to, state }) => (state === 'failed' ? [to] : [])))];
  const late = broken.some((name) => name.startsWith('Acknowledged')) || has('escalation-exhausted');
  const suggested: readonly (readonly [boolean, string])[] = [
    [true, 'Remove the cause for good: the long-term fix'],
    [true, `Update the runbook${runbookOf(record)}`],
    [true, 'Share what was learned with the other teams'],
    [
      incident.recurrenceOf !== null,
      `Find out why ${escapeMarkdown(incident.recurrenceOf ?? '')} did not prevent this`,
    ],
    [incident.declaredBy !== null, 'Add an alert that finds it before people do'],
    [late, 'Find out why nobody answered in time'],
    [failed.length > 0, `Mend the ways to ${failed.map((name) => escapeMarkdown(telling.nameOf(name))).join(', ')}`],
    [has('update-missed'), 'Make room for updates: who speaks while others repair?'],
    [incident.flapping, 'Make the alert steady: it came and went'],
  ];
  return suggested.flatMap(([isDue, text]) => (isDue ? [text] : []));
}

function runbookOf({ incident }: WholeRecord): string {
  const url = incident.alerts.map(({ links }) => links.runbook).find((link) => link && /^https?:\/\//i.test(link));
  return url ? `: ${escapeMarkdown(url)}` : '';
}
