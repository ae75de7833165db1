/** The draft of a post-mortem: all that the record knows, and a gap wherever only people know more. Pure. */
import type { WholeRecord } from '../../records/index.ts';
import { durationsOf, factsOf, messagesOf, timelineOf, titleOf } from './parts.ts';
import { quoted, row, table } from './plain.ts';
import { lengthOf, msBetween, type Telling } from './telling.ts';

const gap = (question: string): string => `_To fill in: ${question}_`;

export function postmortemDraft(record: WholeRecord, telling: Telling): string {
  const { incident } = record;
  return [
    `# Post-mortem: ${titleOf(record)}`,
    '_A draft made from the record. It is blameless: it asks what made it possible, not who did it._',
    factsOf(record, telling),
    '## Summary',
    ...said(incident.summary),
    gap('what happened, in three sentences, for somebody who was not there'),
    '## Impact',
    ...said(incident.impact),
    impactOf(record),
    '## How long it took',
    durationsOf(record, telling),
    '## Timeline',
    timelineOf(record, telling),
    '## What was done',
    ...said(incident.resolution),
    gap('what was tried, what helped, what did not'),
    '## Messages sent',
    messagesOf(record, telling),
    '## Cause',
    gap('what made it happen, and what made that possible'),
    '## What went well, what did not, where we were lucky',
    gap('for the meeting'),
    '## Action items',
    table(['What', 'Owner', 'Due'], [row('', '', '')], ''),
    gap('each with an owner and a date'),
  ]
    .join('\n\n')
    .concat('\n');
}

const said = (text: string | null): readonly string[] => (text === null || text === '' ? [] : [quoted(text)]);

function impactOf({ incident }: WholeRecord): string {
  const ms = msBetween(incident.detectedAt ?? incident.declaredAt, incident.resolvedAt);
  const rows = [
    row('Duration', ms === null ? 'it is not over' : lengthOf(ms)),
    row('Users affected', gap('how many, and how they noticed')),
    row('Revenue lost', gap('an estimate will do')),
  ];
  return table(['', ''], rows, '');
}
