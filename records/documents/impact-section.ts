/** What an incident did to its users, as a list. What nobody has said is left out, or asked for. Pure. */
import type { WholeRecord } from '../records.ts';
import { questionToFill, escapeMarkdown, quoted } from './escape-markdown.ts';
import { countOf, lengthOf, msBetween, timeIn, type DocumentFormat } from './document-format.ts';

/** `asked`: what is not known is a gap to be filled in. */
export function impactSection(
  record: WholeRecord,
  telling: DocumentFormat,
  { asked }: { readonly asked: boolean },
): string {
  const { impact } = record.incident;
  const open = (question: string): string | null => (asked ? questionToFill(question) : null);
  const items: readonly (readonly [string, string | null])[] = [
    ['Duration', durationOf(record, telling)],
    ['Users affected', usersOf(record) ?? open('how many, and how they noticed')],
    ['Revenue impact', impact?.revenueLost ? escapeMarkdown(impact.revenueLost) : open('an estimate will do')],
    ['Data loss', lossOf(record) ?? open('was data lost, or wrong, and is it mended?')],
    ['Told to the public', publicOf(record, telling)],
  ];
  const list = items.flatMap(([name, value]) => (value === null ? [] : [`- ${name}: ${value}`])).join('\n');
  return impact?.summary ? `${quoted(impact.summary)}\n\n${list}` : list;
}

function durationOf({ incident }: WholeRecord, { timeZone }: DocumentFormat): string {
  const from = incident.detectedAt ?? incident.declaredAt;
  const ms = msBetween(from, incident.resolvedAt);
  if (ms === null || incident.resolvedAt === null) return `since ${timeIn(timeZone, from)}; it is not over`;
  return `${lengthOf(ms)} (${timeIn(timeZone, from)} to ${timeIn(timeZone, incident.resolvedAt)})`;
}

function usersOf({ incident }: WholeRecord): string | null {
  const { usersAffected = null, scope = null } = incident.impact ?? {};
  const of = scope === null ? null : scope === 'all' ? 'all users' : 'a part of the users';
  const parts = [usersAffected === null ? null : usersAffected.toLocaleString('en-US'), of];
  return parts.filter((part) => part !== null).join(', ') || null;
}

function lossOf({ incident }: WholeRecord): string | null {
  const { dataLoss = null } = incident.impact ?? {};
  return dataLoss === null ? null : dataLoss ? '**yes**' : 'none';
}

function publicOf({ messages }: WholeRecord, { timeZone }: DocumentFormat): string {
  const entries = messages.filter(({ kind }) => kind === 'public');
  const first = entries[0];
  if (first === undefined) return 'nothing';
  return `${countOf(entries.length, 'update')}, the first at ${timeIn(timeZone, first.at)}`;
}
