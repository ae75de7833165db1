/**
 * The draft of a post-mortem: all that the record knows, and a gap wherever only people know more. The same record gives
 * the same draft. Pure.
 */
import { durationText } from '../../domain/kernel/duration.ts';
import { renderTemplate } from '../../runtime/render-template.ts';
import type { MessageKind } from '../../domain/kernel/projection.ts';
import type { WholeRecord } from '../records.ts';
import {
  cell,
  countOf,
  escapeMarkdown,
  msBetween,
  quoted,
  row,
  table,
  timeIn,
  type DocumentFormat,
} from './document-format.ts';
import {
  actionItemsOf,
  alertsOf,
  attemptsSection,
  causeSection,
  detectedBy,
  factsOf,
  impactSection,
  messagesOf,
  peopleOf,
  proposedItems,
  storyOf,
  timelineOf,
  titleOf,
  toWhom,
} from './document-sections.ts';
import { missedTargetsSection, responseTimesTable } from './response-times.ts';

const BUILT_IN_TEMPLATE = `# Incident Post-Mortem: {{title}}

_A draft made from the record. It is blameless: it asks what made this possible, not who did it._

## Summary

{{#summary}}
{{summary}}

{{/summary}}
{{headline}}

_To be filled in: what happened, in two sentences, for somebody who was not there_

## Impact

{{impact}}

## Timeline

{{story}}

## Root Cause

{{#cause}}
{{cause}}

{{/cause}}
_To be filled in: {{^cause}}what caused it, and {{/cause}}what made that possible_

## Resolution

{{#resolution}}
{{resolution}}

{{/resolution}}
_To be filled in: what helped, what did not, and how we knew_

## Action Items

{{actionItems}}

Proposed, to be accepted or dropped:

{{proposed}}

## Lessons Learned

### What went well

_To be filled in: what should stay as it is_

### What did not go well

_To be filled in: what cost us time_

### Where we were lucky

_To be filled in: what could have been worse_

### What we learned

_To be filled in: what others should know_

## Appendix: from the record

{{facts}}

### People

{{people}}

### How long it took

{{durations}}

### Missed targets

{{missed}}

### What was tried

{{tried}}

### Earlier incidents

{{earlier}}

### Alerts

{{alerts}}

### Messages sent

{{messagesTable}}

### The whole timeline

{{timeline}}
`;

/** By the organization's template; by the built-in one where there is none, or where it cannot be used. */
export function postmortemDraft(record: WholeRecord, format: DocumentFormat): string {
  const parts = partsOf(record, format);
  const builtIn = renderTemplate(BUILT_IN_TEMPLATE, {
    ...parts,
    headline: headline(record, format),
    messagesTable: messagesTable(record, format),
  });
  if (format.postmortemTemplate === undefined) return builtIn;
  try {
    const text = renderTemplate(format.postmortemTemplate, { ...parts, default: builtIn.trimEnd() }).trim();
    return text === '' ? builtIn : `${text}\n`;
  } catch {
    // Mustache cannot read it. Checking the configuration says so; here a draft matters more.
    return builtIn;
  }
}

/** The placeholders: names as in `TEMPLATES.postmortem`, values in Markdown. */
function partsOf(record: WholeRecord, format: DocumentFormat): Readonly<Record<string, string>> {
  const { incident } = record;
  return {
    reference: escapeMarkdown(incident.reference ?? ''),
    url: format.urlOf(incident.workflowId),
    title: titleOf(record),
    severity: incident.highestSeverity,
    summary: quotedOr(incident.summary),
    facts: factsOf(record, format),
    impact: impactSection(record, format, 'with-gaps'),
    people: peopleOf(record, format),
    durations: responseTimesTable(record, format),
    story: storyOf(record, format),
    cause: causeSection(record, format),
    timeline: timelineOf(record, format),
    alerts: alertsOf(record, format),
    missed: missedTargetsSection(record, format),
    messages: messagesOf(record, format),
    earlier: earlierIncidents(record, format),
    resolution: quotedOr(incident.resolution),
    tried: attemptsSection(record, format),
    actionItems: actionItemsOf(record, format),
    proposed: proposedItems(record, format),
  };
}

const quotedOr = (text: string | null): string => (text === null || text === '' ? '' : quoted(text));

/** The incident in a sentence of figures. */
function headline({ incident }: WholeRecord, { nameOf }: DocumentFormat): string {
  const { declaredAt, acknowledgedAt, acknowledgedBy, mitigatedAt } = incident;
  const about = incident.component ?? incident.service;
  const after = (at: string | null): string => durationText(msBetween(declaredAt, at) ?? 0);
  const parts = [
    `${incident.highestSeverity}${about === null ? '' : ` on ${cell(about)}`}, detected by ${detectedBy(incident, nameOf)}`,
    acknowledgedBy === null ? null : `acknowledged by ${cell(nameOf(acknowledgedBy))} after ${after(acknowledgedAt)}`,
    mitigatedAt === null ? null : `mitigated after ${after(mitigatedAt)}`,
    endOf(incident, after),
  ];
  return `${parts.filter((part) => part !== null).join('; ')}.`;
}

function endOf(
  { outcome, resolvedAt, closedAt, mergedInto }: WholeRecord['incident'],
  after: (at: string | null) => string,
): string {
  if (resolvedAt !== null) return `resolved after ${after(resolvedAt)}`;
  if (outcome === 'false-alarm') return `closed as a false alarm after ${after(closedAt)}`;
  if (outcome === 'merged') return `merged into ${cell(mergedInto)} after ${after(closedAt)}`;
  return 'not over yet';
}

/** How many messages of each kind, and each in a row. */
function messagesTable({ messages }: WholeRecord, format: DocumentFormat): string {
  if (messages.length === 0) return '_none_';
  const numberOf = (kind: MessageKind): number => messages.filter((message) => message.kind === kind).length;
  const counts = [
    `${numberOf('chat')} to the team`,
    `${numberOf('public')} public`,
    countOf(numberOf('notice'), 'notice'),
    countOf(numberOf('stakeholder-update'), 'stakeholder update'),
  ];
  const rows = messages.map((message) =>
    row(timeIn(format.timeZone, message.at), toWhom(message, format), escapeMarkdown(message.text)),
  );
  return `${counts.join(', ')}.\n\n${table(['When', 'To', 'What'], rows, '')}`;
}

function earlierIncidents({ incident, earlier = [] }: WholeRecord, { timeZone }: DocumentFormat): string {
  const rows = earlier.map(({ reference, title, severity, declaredAt, resolution }) =>
    row(cell(reference), severity, timeIn(timeZone, declaredAt), cell(title), cell(resolution)),
  );
  const recurrence = incident.recurrenceOf === null ? '' : `A recurrence of ${cell(incident.recurrenceOf)}.\n\n`;
  return recurrence + table(['Incident', 'Severity', 'Declared', 'What', 'Resolution'], rows, 'none of the same group');
}
