/** How long each step took, and whether what was promised was kept. Pure. */
import type { WholeRecord } from '../records.ts';
import { escapeMarkdown, row, table } from './escape-markdown.ts';
import { lengthOf, msBetween, timeIn, type DocumentFormat } from './document-format.ts';

interface ResponseStep {
  readonly name: string;
  /** RFC 3339; null: it has not happened. */
  readonly at: string | null;
  /** What its length is counted from, and in which words. */
  readonly from: string | null;
  readonly since: string;
  /** RFC 3339; null: nothing is promised. */
  readonly dueAt: string | null;
  /** RFC 3339: what had not happened by then was missed; absent: by the end of the incident. */
  readonly lookedAt?: string;
}

/** What a promise came to: null where there is none, or where it is still open. */
export interface TargetResult {
  readonly name: string;
  readonly dueAt: string;
  readonly at: string | null;
  /** ms; 0: in time. Null: it never happened. */
  readonly lateMs: number | null;
}

/** When what was reached, how long it took, and what was promised. */
export function responseTimesOf(record: WholeRecord, telling: DocumentFormat): string {
  const { timeZone } = telling;
  const rows = stepsOf(record, telling).flatMap((step) => {
    if (step.at === null && step.dueAt === null) return [];
    const ms = msBetween(step.from, step.at);
    const target = targetResultOf(step, record);
    return [
      row(
        step.name,
        step.at === null ? 'never' : timeIn(timeZone, step.at),
        ms === null ? '' : `${lengthOf(ms)} ${step.since}`,
        step.dueAt === null ? '' : timeIn(timeZone, step.dueAt),
        target === null ? '' : targetResultText(target),
      ),
    ];
  });
  return table(['Step', 'When', 'Took', 'Promised by', 'Kept'], rows, 'nothing is known');
}

/** Promises that were broken: late, or never kept. */
export function missedTargets(record: WholeRecord, telling: DocumentFormat): readonly TargetResult[] {
  const kept = stepsOf(record, telling).map((step) => targetResultOf(step, record));
  return kept.filter((target) => target !== null).filter(({ lateMs }) => lateMs !== 0);
}

function stepsOf({ incident, messages, timeline }: WholeRecord, { nameOf }: DocumentFormat): readonly ResponseStep[] {
  const { declaredAt, detectedAt, acknowledgedBy, resolvedAt, mitigationStartedAt, mitigatedAt } = incident;
  // Nobody had to answer what recovered by itself, and nothing is said of it to the public.
  const hasTargets = incident.outcome === null || incident.outcome === 'resolved';
  const declared = { from: declaredAt, since: 'after declaration' };
  const first = messages.find(({ kind }) => kind === 'public')?.at;
  const begun = { name: 'Began (first alert)', at: detectedAt, from: null, since: '', dueAt: null };
  return [
    ...(detectedAt === null ? [] : [begun]),
    { name: 'Declared', at: declaredAt, from: detectedAt, since: 'to detect', dueAt: null },
    {
      name: acknowledgedBy === null ? 'Acknowledged' : `Acknowledged by ${escapeMarkdown(nameOf(acknowledgedBy))}`,
      ...{ at: incident.acknowledgedAt, ...declared, dueAt: hasTargets ? (incident.acknowledgeDueAt ?? null) : null },
    },
    {
      ...{ name: 'First public entry', at: first === undefined ? null : new Date(first).toISOString(), ...declared },
      dueAt: hasTargets ? (incident.publicDueAt ?? null) : null,
    },
    { name: 'Mitigation began', at: mitigationStartedAt, ...declared, dueAt: null },
    { name: 'Mitigated', at: mitigatedAt, ...declared, dueAt: null },
    { name: 'Resolved', at: resolvedAt, ...declared, dueAt: null },
    {
      ...{ name: 'Post-mortem', at: incident.postmortem?.doneAt ?? null, from: resolvedAt, since: 'after the end' },
      dueAt: incident.postmortem?.dueAt ?? null,
      // It is owed after the end: what the record has last seen decides.
      ...lastSeen(incident.closedAt ?? timeline.at(-1)?.at),
    },
  ];
}

function lastSeen(at: string | number | undefined): Pick<ResponseStep, 'lookedAt'> {
  return at === undefined ? {} : { lookedAt: new Date(at).toISOString() };
}

/** What has not happened is broken only once the incident is over: until then it may still be in time. */
function targetResultOf({ name, at, dueAt, lookedAt }: ResponseStep, { incident }: WholeRecord): TargetResult | null {
  if (dueAt === null) return null;
  if (at !== null) return { name, dueAt, at, lateMs: Math.max(0, Date.parse(at) - Date.parse(dueAt)) };
  const { resolvedAt } = incident;
  const isPast = resolvedAt !== null && Date.parse(dueAt) < Date.parse(lookedAt ?? resolvedAt);
  return isPast ? { name, dueAt, at: null, lateMs: null } : null;
}

export function targetResultText({ lateMs }: TargetResult): string {
  if (lateMs === null) return '**missed**';
  return lateMs === 0 ? 'in time' : `**missed by ${lengthOf(lateMs)}**`;
}
