/** Parts that the documents for people share, as Markdown. Pure. */
import type { MessageKind } from '../../domain/engine/projection.ts';
import type { WholeRecord } from '../records.ts';
import { escapeMarkdown, quoted, row, table } from './escape-markdown.ts';
import { timeIn, type DocumentFormat } from './document-format.ts';

export function titleOf({ incident }: WholeRecord): string {
  return `${incident.test ? 'TEST · ' : ''}${escapeMarkdown(incident.reference ?? incident.id)} · ${escapeMarkdown(incident.title)}`;
}

export function factsOf({ incident }: WholeRecord, { timeZone, nameOf, urlOf }: DocumentFormat): string {
  const roles = Object.entries(incident.roles).flatMap(([role, person]) =>
    person === null ? [] : [row(roleName(role), escapeMarkdown(nameOf(person)))],
  );
  const worst = incident.highestSeverity === incident.severity ? '' : `, at worst ${incident.highestSeverity}`;
  const dueAt = incident.postmortem?.dueAt;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Severity', `${incident.severity}${worst}${incident.severityGuessed ? ' (guessed)' : ''}`],
    ['State', incident.outcome === null ? incident.phase : `${incident.phase} (${incident.outcome})`],
    ['Team', escapeMarkdown(incident.team)],
    ['Service', incident.service && escapeMarkdown(incident.service)],
    ['Detected by', detectedBy(incident, nameOf)],
    ['Recurrence of', incident.recurrenceOf && escapeMarkdown(incident.recurrenceOf)],
    ['Merged into', incident.mergedInto && escapeMarkdown(incident.mergedInto)],
    ['Post-mortem due', dueAt ? timeIn(timeZone, dueAt) : null],
    ['Channel', incident.channel && escapeMarkdown(incident.channel)],
    ['Ticket', incident.ticket && escapeMarkdown(incident.ticket)],
    ['Incident', escapeMarkdown(urlOf(incident.workflowId))],
  ];
  const rows = facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [row(name, value)]));
  return table(['', ''], [...rows, ...roles], 'nothing is known');
}

export function detectedBy({ declaredBy, source }: WholeRecord['incident'], nameOf: DocumentFormat['nameOf']): string {
  return escapeMarkdown(declaredBy === null ? `monitoring (${source})` : nameOf(declaredBy));
}

export const roleName = (role: string): string => ROLES[role] ?? escapeMarkdown(role);

const ROLES: Readonly<Record<string, string>> = {
  ic: 'Incident commander',
  technicalLead: 'Technical lead',
  communicationsLead: 'Communications lead',
  scribe: 'Scribe',
};

export function timelineOf({ timeline, cut }: WholeRecord, { timeZone, nameOf }: DocumentFormat): string {
  const rows = timeline.map(({ at, by, text }) =>
    row(timeIn(timeZone, at), by === null ? '' : escapeMarkdown(nameOf(by)), escapeMarkdown(text)),
  );
  const missing = cut > 0 ? `_${cut} lines are missing here._\n\n` : '';
  return missing + table(['When', 'Who', 'What'], rows, 'no lines');
}

/** Word for word. */
export function messagesOf({ messages }: WholeRecord, telling: DocumentFormat): string {
  if (messages.length === 0) return '_none_';
  const messageBlocks = messages.map((message) => {
    return `**${timeIn(telling.timeZone, message.at)}**, to ${toWhom(message, telling)}:\n\n${quoted(message.text)}`;
  });
  return messageBlocks.join('\n\n');
}

export function toWhom({ kind, to }: WholeRecord['messages'][number], { nameOf }: DocumentFormat): string {
  return to.length === 0 ? AUDIENCES[kind] : to.map((name) => escapeMarkdown(nameOf(name))).join(', ');
}

const AUDIENCES: Readonly<Record<MessageKind, string>> = {
  chat: 'the team',
  public: 'the public',
  notice: 'people',
  'stakeholder-update': 'people, by mail',
};

export function alertsOf({ incident }: WholeRecord, { timeZone }: DocumentFormat): string {
  const rows = incident.alerts.map(({ labels, fingerprint, status, startsAt, endsAt, links }) =>
    row(
      escapeMarkdown(labels['alertname'] ?? fingerprint),
      status,
      timeIn(timeZone, startsAt),
      endsAt === null ? '' : timeIn(timeZone, endsAt),
      linksOf(links),
    ),
  );
  const more = incident.alertCount - rows.length;
  const rest = more > 0 ? `\n\n_and ${more} more, whose labels were not kept_` : '';
  return table(['Alert', 'State', 'From', 'To', 'Links'], rows, 'none') + rest;
}

/** Only addresses of the web: anything else is no place to go. */
function linksOf(links: WholeRecord['incident']['alerts'][number]['links']): string {
  const shown = Object.entries(links).filter(([, url]) => typeof url === 'string' && /^https?:\/\//i.test(url));
  return shown.map(([kind, url]) => `${escapeMarkdown(kind)}: ${escapeMarkdown(String(url))}`).join(', ');
}
