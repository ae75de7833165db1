/** What did not go as promised: late answers, updates that nobody gave, pages that failed. Pure. */
import { isPage } from '../../domain/kernel/delivery-kind.ts';
import type { EventType } from '../../domain/kernel/events.ts';
import type { WholeRecord } from '../records.ts';
import { missedTargets, targetResultText } from './response-times.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { timeIn, type DocumentFormat } from './document-format.ts';

const KINDS: ReadonlySet<string> = new Set<EventType>([
  'update-missed',
  'escalation-exhausted',
  'level-unreachable',
  'page-failed',
  'inactivity-nudged',
  'inactivity-paged',
  'inactivity-escalated',
  'notification-failed',
]);

/** As a list, in order; a line in italics when there is nothing. */
export function missedTargetsSection(record: WholeRecord, telling: DocumentFormat): string {
  const { timeZone, nameOf } = telling;
  const missed = missedTargets(record, telling).map(
    (kept) =>
      [kept.dueAt, `${kept.name}: promised by ${timeIn(timeZone, kept.dueAt)}, ${targetResultText(kept)}`] as const,
  );
  const lines = record.timeline.flatMap(({ at, kind, text }) =>
    KINDS.has(kind) ? [[at, `${timeIn(timeZone, at)}: ${escapeMarkdown(text)}`] as const] : [],
  );
  const failures = record.incident.deliveries.flatMap(({ at, to, method, key, state, reason }) => {
    const why = reason === null ? '' : ` (${escapeMarkdown(reason)})`;
    const what = `${timeIn(timeZone, at)}: ${isPage({ key }) ? 'a page' : 'a message'} to ${escapeMarkdown(nameOf(to))} by ${escapeMarkdown(method)} failed${why}`;
    return state === 'failed' ? [[at, what] as const] : [];
  });
  const all = [...missed, ...lines, ...failures].sort(([one], [other]) => Date.parse(one) - Date.parse(other));
  return all.length === 0 ? '_nothing that the record knows of_' : all.map(([, text]) => `- ${text}`).join('\n');
}
