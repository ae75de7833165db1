/** The draft of a post-mortem in the order and words of a template of the house, filled with the parts of our own. */
import { renderTemplate } from '../../activities/render-template.ts';
import type { WholeRecord } from '../records.ts';
import { actionItemsOf, proposedItems } from './action-items-section.ts';
import { responseTimesOf } from './response-times.ts';
import { impactSection } from './impact-section.ts';
import { missedTargetsSection } from './missed-targets.ts';
import { alertsOf, factsOf, messagesOf, timelineOf, titleOf } from './document-sections.ts';
import { peopleOf } from './people-section.ts';
import { escapeMarkdown, quoted } from './escape-markdown.ts';
import { earlierOf, postmortemDraft, attemptsSection } from './postmortem.ts';
import type { DocumentFormat } from './document-format.ts';

/** By the template, where the configuration has one that can be used; else the built-in draft. Never throws for a template. */
export function draftOf(record: WholeRecord, telling: DocumentFormat): string {
  const own = postmortemDraft(record, telling);
  if (telling.postmortemTemplate === undefined) return own;
  try {
    const words = renderTemplate(telling.postmortemTemplate, {
      ...partsOf(record, telling),
      default: own.trimEnd(),
    }).trim();
    return words === '' ? own : `${words}\n`;
  } catch {
    return own;
  }
}

/** The placeholders: names as in domain/kernel/templates.ts, values in Markdown. */
function partsOf(record: WholeRecord, telling: DocumentFormat): Readonly<Record<string, string>> {
  const { incident } = record;
  return {
    reference: escapeMarkdown(incident.reference ?? ''),
    url: telling.urlOf(incident.workflowId),
    title: titleOf(record),
    severity: incident.highestSeverity,
    summary: quotedOr(incident.summary),
    facts: factsOf(record, telling),
    impact: impactSection(record, telling, { asked: true }),
    people: peopleOf(record, telling),
    durations: responseTimesOf(record, telling),
    timeline: timelineOf(record, telling),
    alerts: alertsOf(record, telling),
    missed: missedTargetsSection(record, telling),
    messages: messagesOf(record, telling),
    earlier: earlierOf(record, telling),
    resolution: quotedOr(incident.resolution),
    tried: attemptsSection(record, telling),
    actionItems: actionItemsOf(record, telling),
    proposed: proposedItems(record, telling),
  };
}

const quotedOr = (text: string | null): string => (text === null || text === '' ? '' : quoted(text));
