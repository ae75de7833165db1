/** How long each step of the response took, whether its target was met, and what else did not go as it should. Pure. */
import { durationText } from '../../domain/kernel/duration.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import type { EventType } from '../../domain/kernel/events.ts';
import { foldTimeline } from '../../domain/kernel/timeline.ts';
import type { WholeRecord } from '../records.ts';
import {
  cell,
  escapeMarkdown,
  msBetween,
  row,
  shownText,
  table,
  timeIn,
  type DocumentFormat,
} from './document-format.ts';

interface ResponseStep {
  readonly name: string;
  /** RFC 3339; null: it has not happened. */
  readonly at: string | null;
  /** The time that its length is counted from, and how the table says so. */
  readonly from: string | null;
  readonly since: string;
  /** RFC 3339; null: it has no target. */
  readonly dueAt: string | null;
  /** RFC 3339; a step that had not happened by then was missed. Absent: the end of the incident. */
  readonly lastSeenAt?: string | null;
}

export interface TargetResult {
  readonly name: string;
  readonly dueAt: string;
  /** ms; 0: in time. Null: the step never happened. */
  readonly lateMs: number | null;
}

export function responseTimesTable(record: WholeRecord, format: DocumentFormat): string {
  const { timeZone } = format;
  const rows = stepsOf(record, format).flatMap((step) => {
    if (step.at === null && step.dueAt === null) return [];
    const ms = msBetween(step.from, step.at);
    const target = targetResultOf(step, record);
    return [
      row(
        step.name,
        step.at === null ? 'never' : timeIn(timeZone, step.at),
        ms === null ? '' : `${durationText(ms)} ${step.since}`,
        step.dueAt === null ? '' : timeIn(timeZone, step.dueAt),
        target === null ? '' : targetResultText(target),
      ),
    ];
  });
  return table(['Step', 'When', 'Took', 'Target', 'Met'], rows, 'nothing is known');
}

/** Targets that were met late or never. */
export function missedTargets(record: WholeRecord, format: DocumentFormat): readonly TargetResult[] {
  const results = stepsOf(record, format).map((step) => targetResultOf(step, record));
  return results.filter((result) => result !== null).filter(({ lateMs }) => lateMs !== 0);
}

function stepsOf({ incident, messages, timeline }: WholeRecord, { nameOf }: DocumentFormat): readonly ResponseStep[] {
  const { declaredAt, detectedAt, acknowledgedBy, resolvedAt } = incident;
  // Nobody had to answer an incident that recovered by itself, and the public is told nothing about it.
  const hasTargets = incident.outcome === null || incident.outcome === 'resolved';
  const target = (dueAt: string | null | undefined): string | null => (hasTargets ? (dueAt ?? null) : null);
  const sinceDeclared = (name: string, at: string | null, dueAt: string | null = null): ResponseStep => {
    return { name, at, from: declaredAt, since: 'after declaration', dueAt };
  };
  const acknowledged =
    acknowledgedBy === null ? 'Acknowledged' : `Acknowledged by ${escapeMarkdown(nameOf(acknowledgedBy))}`;
  const published = messages.find(({ kind }) => kind === 'public')?.at;
  const steps: readonly (ResponseStep | null)[] = [
    detectedAt === null ? null : { name: 'Began (first alert)', at: detectedAt, from: null, since: '', dueAt: null },
    { name: 'Declared', at: declaredAt, from: detectedAt, since: 'to detect', dueAt: null },
    sinceDeclared(acknowledged, incident.acknowledgedAt, target(incident.acknowledgeDueAt)),
    sinceDeclared('First public update', rfc3339(published), target(incident.publicDueAt)),
    sinceDeclared('Root cause identified', incident.cause?.at ?? null),
    sinceDeclared('Mitigation began', incident.mitigationStartedAt),
    sinceDeclared('Mitigated', incident.mitigatedAt),
    sinceDeclared('Resolved', resolvedAt),
    {
      name: 'Post-mortem',
      at: incident.postmortem?.doneAt ?? null,
      from: resolvedAt,
      since: 'after the end',
      dueAt: incident.postmortem?.dueAt ?? null,
      // Its time comes after the end of the incident: missed if it was due before the last thing the record has seen.
      lastSeenAt: rfc3339(incident.closedAt ?? timeline.at(-1)?.at) ?? resolvedAt,
    },
  ];
  return steps.filter((step) => step !== null);
}

const rfc3339 = (at: string | number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

/** A step that has not happened is missed only once the incident is over: until then it may still be in time. */
function targetResultOf({ name, at, dueAt, lastSeenAt }: ResponseStep, { incident }: WholeRecord): TargetResult | null {
  if (dueAt === null) return null;
  if (at !== null) return { name, dueAt, lateMs: Math.max(0, Date.parse(at) - Date.parse(dueAt)) };
  const { resolvedAt } = incident;
  const isMissed = resolvedAt !== null && Date.parse(dueAt) < Date.parse(lastSeenAt ?? resolvedAt);
  return isMissed ? { name, dueAt, lateMs: null } : null;
}

function targetResultText({ lateMs }: TargetResult): string {
  if (lateMs === null) return '**missed**';
  return lateMs === 0 ? 'in time' : `**missed by ${durationText(lateMs)}**`;
}

const MISSED_EVENTS: ReadonlySet<string> = new Set<EventType>([
  'update-missed',
  'escalation-exhausted',
  'call-unanswered',
  'level-unreachable',
  'page-failed',
  'inactivity-nudged',
  'inactivity-paged',
  'inactivity-escalated',
  'notification-failed',
]);

/** Missed targets, overdue updates and failed deliveries as a list, oldest first. */
export function missedTargetsSection(record: WholeRecord, format: DocumentFormat): string {
  const { timeZone, nameOf } = format;
  const targets = missedTargets(record, format).map((result) => {
    return {
      at: result.dueAt,
      text: `${result.name}: due ${timeIn(timeZone, result.dueAt)}, ${targetResultText(result)}`,
    };
  });
  const missed = foldTimeline(record.timeline.filter(({ kind }) => MISSED_EVENTS.has(kind)));
  const events = missed.map(({ entries: [{ at }], text }) => {
    return { at, text: `${timeIn(timeZone, at)}: ${escapeMarkdown(shownText(text, format))}` };
  });
  const failures = record.incident.deliveries
    .filter(({ state }) => state === 'failed')
    .map(({ at, to, method, key, reason }) => {
      const what = `${isPage({ key }) ? 'a page' : 'a message'} to ${cell(nameOf(to))} by ${cell(method)} failed`;
      return { at, text: `${timeIn(timeZone, at)}: ${what}${reason === null ? '' : ` (${cell(reason)})`}` };
    });
  const all = [...targets, ...events, ...failures].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return all.length === 0 ? '_nothing that the record knows of_' : all.map(({ text }) => `- ${text}`).join('\n');
}
