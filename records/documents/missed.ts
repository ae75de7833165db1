/** What did not go as promised: late answers, updates that nobody gave, pages that failed. Pure. */
import { isPage } from '../../domain/delivery-kind.ts';
import type { EventType } from '../../domain/events.ts';
import type { WholeRecord } from '../records.ts';
import { brokenPromises, keptText } from './durations.ts';
import { plain } from './plain.ts';
import { timeIn, type Telling } from './telling.ts';

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
export function missedOf(record: WholeRecord, telling: Telling): string {
  const { timeZone, nameOf } = telling;
  const promises = brokenPromises(record, telling).map(
    (kept) => [kept.dueAt, `${kept.name}: promised by ${timeIn(timeZone, kept.dueAt)}, ${keptText(kept)}`] as const,
  );
  const lines = record.timeline.flatMap(({ at, kind, text }) =>
    KINDS.has(kind) ? [[at, `${timeIn(timeZone, at)}: ${plain(text)}`] as const] : [],
  );
  const failures = record.incident.deliveries.flatMap(({ at, to, method, key, state, reason }) => {
    const why = reason === null ? '' : ` (${plain(reason)})`;
    const what = `${timeIn(timeZone, at)}: ${isPage({ key }) ? 'a page' : 'a message'} to ${plain(nameOf(to))} by ${plain(method)} failed${why}`;
    return state === 'failed' ? [[at, what] as const] : [];
  });
  const all = [...promises, ...lines, ...failures].sort(([one], [other]) => Date.parse(one) - Date.parse(other));
  return all.length === 0 ? '_nothing that the record knows of_' : all.map(([, text]) => `- ${text}`).join('\n');
}
