/**
 * The draft of a post-mortem, in the order of the house's template: all that the record knows, and a gap wherever only
 * people know more. The same record gives the same draft. Pure.
 */
import type { EventType } from '../../domain/kernel/events.ts';
import type { WholeRecord } from '../records.ts';
import { actionItemsOf, proposedItems } from './action-items-section.ts';
import { responseTimesOf } from './response-times.ts';
import { impactSection } from './impact-section.ts';
import { missedTargetsSection } from './missed-targets.ts';
import { alertsOf, detectedBy, factsOf, timelineOf, titleOf, toWhom } from './document-sections.ts';
import { peopleOf } from './people-section.ts';
import { questionToFill, escapeMarkdown, quoted, row, table } from './escape-markdown.ts';
import { countOf, lengthOf, msBetween, timeIn, type DocumentFormat } from './document-format.ts';

export function postmortemDraft(record: WholeRecord, telling: DocumentFormat): string {
  const { incident } = record;
  return [
    `# Incident Post-Mortem: ${titleOf(record)}`,
    '_A draft made from the record. It is blameless: it asks what made it possible, not who did it._',
    factsOf(record, telling),
    '## Summary',
    ...quotedIfAny(incident.summary),
    summarySentence(record, telling),
    questionToFill('what happened, in two sentences, for somebody who was not there'),
    '## Impact',
    impactSection(record, telling, { asked: true }),
    '## People',
    peopleOf(record, telling),
    '## How long it took',
    responseTimesOf(record, telling),
    '## Timeline',
    timelineOf(record, telling),
    '## Alerts',
    alertsOf(record, telling),
    '## Promises missed',
    missedTargetsSection(record, telling),
    '## Messages sent',
    messagesTable(record, telling),
    '## Root Cause',
    questionToFill('what made it happen, and what made that possible'),
    '### Earlier incidents',
    earlierOf(record, telling),
    '## Resolution',
    ...quotedIfAny(incident.resolution),
    '### What was tried',
    attemptsSection(record, telling),
    questionToFill('what helped, what did not, and how we knew'),
    '## Action Items',
    actionItemsOf(record, telling),
    'Proposed, to be taken or dropped:',
    proposedItems(record, telling),
    '## Lessons Learned',
    ...['### What went well', questionToFill('what should stay as it is')],
    ...['### What did not go well', questionToFill('what cost us time')],
    ...['### Where we were lucky', questionToFill('what could have been worse')],
    ...['### What we learned', questionToFill('what others should know')],
  ]
    .join('\n\n')
    .concat('\n');
}

const quotedIfAny = (text: string | null): readonly string[] => (text === null || text === '' ? [] : [quoted(text)]);

/** What the numbers say, in a sentence. */
function summarySentence({ incident }: WholeRecord, { nameOf }: DocumentFormat): string {
  const { declaredAt, acknowledgedAt, acknowledgedBy, mitigatedAt, resolvedAt, component, service } = incident;
  const after = (at: string | null): string => lengthOf(msBetween(declaredAt, at) ?? 0);
  const about = component ?? service;
  const parts = [
    `${incident.highestSeverity}${about === null ? '' : ` on ${escapeMarkdown(about)}`}, found by ${detectedBy(incident, nameOf)}`,
    acknowledgedBy === null ? null : `${escapeMarkdown(nameOf(acknowledgedBy))} had it after ${after(acknowledgedAt)}`,
    mitigatedAt === null ? null : `mitigated after ${after(mitigatedAt)}`,
    resolvedAt === null ? 'not over yet' : `over after ${after(resolvedAt)}`,
  ];
  return `${parts.filter((part) => part !== null).join('; ')}.`;
}

/** How many of each kind, and each on a line of its own. */
function messagesTable({ messages }: WholeRecord, telling: DocumentFormat): string {
  if (messages.length === 0) return '_none_';
  const of = (kind: string): number => messages.filter((message) => message.kind === kind).length;
  const counts = [
    `${of('chat')} to the team`,
    `${of('public')} public`,
    countOf(of('notice'), 'notice'),
    countOf(of('stakeholder-update'), 'mail'),
  ];
  const rows = messages.map((message) =>
    row(timeIn(telling.timeZone, message.at), toWhom(message, telling), escapeMarkdown(message.text)),
  );
  return `${counts.join(', ')}.\n\n${table(['When', 'To', 'What'], rows, '')}`;
}

export function earlierOf({ incident, earlier = [] }: WholeRecord, { timeZone }: DocumentFormat): string {
  const rows = earlier.map(({ reference, title, severity, declaredAt, resolution }) =>
    row(
      escapeMarkdown(reference ?? ''),
      severity,
      timeIn(timeZone, declaredAt),
      escapeMarkdown(title),
      resolution === null ? '' : escapeMarkdown(resolution),
    ),
  );
  const again =
    incident.recurrenceOf === null ? '' : `It is a recurrence of ${escapeMarkdown(incident.recurrenceOf)}.\n\n`;
  return again + table(['Incident', 'Severity', 'Declared', 'What', 'Resolution'], rows, 'none of the same kind');
}

const ATTEMPT_EVENTS: ReadonlySet<string> = new Set<EventType>([
  'mitigation-decided',
  'mitigation-reported',
  'monitoring-started',
  'resolve-confirmed',
  'recurred',
  'reopened',
]);

export function attemptsSection({ timeline }: WholeRecord, { timeZone, nameOf }: DocumentFormat): string {
  const rows = timeline
    .filter(({ kind }) => ATTEMPT_EVENTS.has(kind))
    .map(({ at, by, text }) =>
      row(timeIn(timeZone, at), by === null ? '' : escapeMarkdown(nameOf(by)), escapeMarkdown(text)),
    );
  return table(['When', 'Who', 'What'], rows, 'nothing that the record knows of');
}
