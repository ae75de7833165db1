/**
 * The draft of a post-mortem, in the order of the house's template: all that the record knows, and a gap wherever only
 * people know more. The same record gives the same draft. Pure.
 */
import type { EventType } from '../../domain/events.ts';
import type { WholeRecord } from '../records.ts';
import { actionItemsOf, proposedItems } from './action-items.ts';
import { durationsOf } from './durations.ts';
import { impactOf } from './impact.ts';
import { missedOf } from './missed.ts';
import { alertsOf, detectedBy, factsOf, timelineOf, titleOf, toWhom } from './parts.ts';
import { peopleOf } from './people.ts';
import { gap, plain, quoted, row, table } from './plain.ts';
import { counted, lengthOf, msBetween, timeIn, type Telling } from './telling.ts';

export function postmortemDraft(record: WholeRecord, telling: Telling): string {
  const { incident } = record;
  return [
    `# Incident Post-Mortem: ${titleOf(record)}`,
    '_A draft made from the record. It is blameless: it asks what made it possible, not who did it._',
    factsOf(record, telling),
    '## Summary',
    ...said(incident.summary),
    sentenceOf(record, telling),
    gap('what happened, in two sentences, for somebody who was not there'),
    '## Impact',
    impactOf(record, telling, { asked: true }),
    '## People',
    peopleOf(record, telling),
    '## How long it took',
    durationsOf(record, telling),
    '## Timeline',
    timelineOf(record, telling),
    '## Alerts',
    alertsOf(record, telling),
    '## Promises missed',
    missedOf(record, telling),
    '## Messages sent',
    messagesTable(record, telling),
    '## Root Cause',
    gap('what made it happen, and what made that possible'),
    '### Earlier incidents',
    earlierOf(record, telling),
    '## Resolution',
    ...said(incident.resolution),
    '### What was tried',
    triedOf(record, telling),
    gap('what helped, what did not, and how we knew'),
    '## Action Items',
    actionItemsOf(record, telling),
    'Proposed, to be taken or dropped:',
    proposedItems(record, telling),
    '## Lessons Learned',
    ...['### What went well', gap('what should stay as it is')],
    ...['### What did not go well', gap('what cost us time')],
    ...['### Where we were lucky', gap('what could have been worse')],
    ...['### What we learned', gap('what others should know')],
  ]
    .join('\n\n')
    .concat('\n');
}

const said = (text: string | null): readonly string[] => (text === null || text === '' ? [] : [quoted(text)]);

/** What the numbers say, in a sentence. */
function sentenceOf({ incident }: WholeRecord, { nameOf }: Telling): string {
  const { declaredAt, acknowledgedAt, acknowledgedBy, mitigatedAt, resolvedAt, component, service } = incident;
  const after = (at: string | null): string => lengthOf(msBetween(declaredAt, at) ?? 0);
  const about = component ?? service;
  const parts = [
    `${incident.highestSeverity}${about === null ? '' : ` on ${plain(about)}`}, found by ${detectedBy(incident, nameOf)}`,
    acknowledgedBy === null ? null : `${plain(nameOf(acknowledgedBy))} had it after ${after(acknowledgedAt)}`,
    mitigatedAt === null ? null : `mitigated after ${after(mitigatedAt)}`,
    resolvedAt === null ? 'not over yet' : `over after ${after(resolvedAt)}`,
  ];
  return `${parts.filter((part) => part !== null).join('; ')}.`;
}

/** How many of each kind, and each on a line of its own. */
function messagesTable({ messages }: WholeRecord, telling: Telling): string {
  if (messages.length === 0) return '_none_';
  const of = (kind: string): number => messages.filter((message) => message.kind === kind).length;
  const counts = [
    `${of('chat')} to the team`,
    `${of('public')} public`,
    counted(of('notice'), 'notice'),
    counted(of('stakeholder-update'), 'mail'),
  ];
  const rows = messages.map((message) =>
    row(timeIn(telling.timeZone, message.at), toWhom(message, telling), plain(message.text)),
  );
  return `${counts.join(', ')}.\n\n${table(['When', 'To', 'What'], rows, '')}`;
}

export function earlierOf({ incident, earlier = [] }: WholeRecord, { timeZone }: Telling): string {
  const rows = earlier.map(({ reference, title, severity, declaredAt, resolution }) =>
    row(
      plain(reference ?? ''),
      severity,
      timeIn(timeZone, declaredAt),
      plain(title),
      resolution === null ? '' : plain(resolution),
    ),
  );
  const again = incident.recurrenceOf === null ? '' : `It is a recurrence of ${plain(incident.recurrenceOf)}.\n\n`;
  return again + table(['Incident', 'Severity', 'Declared', 'What', 'Resolution'], rows, 'none of the same kind');
}

const TRIED: ReadonlySet<string> = new Set<EventType>([
  'mitigation-decided',
  'mitigation-reported',
  'monitoring-started',
  'resolve-confirmed',
  'recurred',
  'reopened',
]);

export function triedOf({ timeline }: WholeRecord, { timeZone, nameOf }: Telling): string {
  const rows = timeline
    .filter(({ kind }) => TRIED.has(kind))
    .map(({ at, by, text }) => row(timeIn(timeZone, at), by === null ? '' : plain(nameOf(by)), plain(text)));
  return table(['When', 'Who', 'What'], rows, 'nothing that the record knows of');
}
