/** Parts that the documents for people share, as Markdown. Pure. */
import type { WholeRecord } from '../../records/index.ts';
import { plain, quoted, row, table } from './plain.ts';
import { lengthOf, msBetween, timeIn, type Telling } from './telling.ts';

export function titleOf({ incident }: WholeRecord): string {
  return `${incident.test ? 'TEST · ' : ''}${incident.id ?? incident.episode} · ${plain(incident.title)}`;
}

export function factsOf({ incident }: WholeRecord, { nameOf }: Telling): string {
  const roles = Object.entries(incident.roles).flatMap(([role, person]) =>
    person === null ? [] : [row(ROLES[role] ?? plain(role), plain(nameOf(person)))],
  );
  const worst = incident.highestSeverity === incident.severity ? '' : `, at worst ${incident.highestSeverity}`;
  const detectedBy = incident.declaredBy === null ? `monitoring (${incident.source})` : nameOf(incident.declaredBy);
  const facts: readonly (readonly [string, string | null])[] = [
    ['Severity', `${incident.severity}${worst}`],
    ['State', incident.outcome === null ? incident.phase : `${incident.phase} (${incident.outcome})`],
    ['Team', plain(incident.team)],
    ['Service', incident.service && plain(incident.service)],
    ['Detected by', plain(detectedBy)],
    ['Recurrence of', incident.recurrenceOf],
    ['Channel', incident.channel && plain(incident.channel)],
    ['Ticket', incident.ticket && plain(incident.ticket)],
  ];
  const rows = facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [row(name, value)]));
  return table(['', ''], [...rows, ...roles], 'nothing is known');
}

const ROLES: Readonly<Record<string, string>> = {
  ic: 'Incident commander',
  technicalLead: 'Technical lead',
  communicationsLead: 'Communications lead',
  scribe: 'Scribe',
};

/** When what was reached, and how long it took from the step before and from the start. */
export function durationsOf({ incident }: WholeRecord, { timeZone }: Telling): string {
  const start = incident.detectedAt ?? incident.declaredAt;
  const steps: readonly (readonly [string, string | null])[] = [
    ['Began (first alert)', incident.detectedAt],
    ['Declared', incident.declaredAt],
    ['Acknowledged', incident.acknowledgedAt],
    ['Mitigation began', incident.mitigationStartedAt],
    ['Mitigated', incident.mitigatedAt],
    ['Resolved', incident.resolvedAt],
  ];
  let before: string | null = null;
  const rows = steps.flatMap(([name, at]) => {
    if (at === null) return [];
    const [step, all] = [msBetween(before, at), msBetween(start, at)];
    before = at;
    return [row(name, timeIn(timeZone, at), step === null ? '' : lengthOf(step), all === null ? '' : lengthOf(all))];
  });
  return table(['Step', 'When', 'After the step before', 'Since it began'], rows, 'nothing is known');
}

export function timelineOf({ timeline, cut }: WholeRecord, { timeZone, nameOf }: Telling): string {
  const rows = timeline.map(({ at, by, text }) =>
    row(timeIn(timeZone, at), by === null ? '' : plain(nameOf(by)), plain(text)),
  );
  const missing = cut > 0 ? `_${cut} lines are missing here._\n\n` : '';
  return missing + table(['When', 'Who', 'What'], rows, 'no lines');
}

export function messagesOf({ messages }: WholeRecord, { timeZone, nameOf }: Telling): string {
  if (messages.length === 0) return '_none_';
  const told = messages.map(({ at, kind, to, text }) => {
    const whom = to.length === 0 ? AUDIENCES[kind] : to.map((name) => plain(nameOf(name))).join(', ');
    return `**${timeIn(timeZone, at)}**, to ${whom}:\n\n${quoted(text)}`;
  });
  return told.join('\n\n');
}

const AUDIENCES = { chat: 'the team', public: 'the public', notice: 'people' } as const;
