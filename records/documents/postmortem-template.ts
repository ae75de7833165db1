/** The draft of a post-mortem in the order and words of a template of the house, filled with the parts of our own. */
import { renderTemplate } from '../../activities/render.ts';
import type { WholeRecord } from '../records.ts';
import { actionItemsOf, proposedItems } from './action-items.ts';
import { durationsOf } from './durations.ts';
import { impactOf } from './impact.ts';
import { missedOf } from './missed.ts';
import { alertsOf, factsOf, messagesOf, timelineOf, titleOf } from './parts.ts';
import { peopleOf } from './people.ts';
import { plain, quoted } from './plain.ts';
import { earlierOf, postmortemDraft, triedOf } from './postmortem.ts';
import type { Telling } from './telling.ts';

/** By the template, where the configuration has one that can be used; else the built-in draft. Never throws for a template. */
export function draftOf(record: WholeRecord, telling: Telling): string {
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

/** The placeholders: names as in domain/templates.ts, values in Markdown. */
function partsOf(record: WholeRecord, telling: Telling): Readonly<Record<string, string>> {
  const { incident } = record;
  return {
    reference: plain(incident.reference ?? ''),
    url: telling.urlOf(incident.workflowId),
    title: titleOf(record),
    severity: incident.highestSeverity,
    summary: quotedOr(incident.summary),
    facts: factsOf(record, telling),
    impact: impactOf(record, telling, { asked: true }),
    people: peopleOf(record, telling),
    durations: durationsOf(record, telling),
    timeline: timelineOf(record, telling),
    alerts: alertsOf(record, telling),
    missed: missedOf(record, telling),
    messages: messagesOf(record, telling),
    earlier: earlierOf(record, telling),
    resolution: quotedOr(incident.resolution),
    tried: triedOf(record, telling),
    actionItems: actionItemsOf(record, telling),
    proposed: proposedItems(record, telling),
  };
}

const quotedOr = (text: string | null): string => (text === null || text === '' ? '' : quoted(text));
