/** The sections that the documents for people share, as Markdown. Pure. */
import { durationText } from '../../domain/kernel/duration.ts';
import type { MessageKind } from '../../domain/kernel/projection.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import type { EventType } from '../../domain/kernel/events.ts';
import { truncate } from '../../domain/kernel/text.ts';
import { foldTimeline, isTurningPoint } from '../../domain/kernel/timeline.ts';
import type { WholeRecord } from '../records.ts';
import { firingsOf } from './firings.ts';
import {
  cell,
  escapeMarkdown,
  msBetween,
  questionToFill,
  quoted,
  row,
  shownText,
  table,
  timeIn,
  type DocumentFormat,
} from './document-format.ts';
import { missedTargets } from './response-times.ts';

export function titleOf({ incident }: WholeRecord): string {
  return `${incident.test ? 'TEST · ' : ''}${escapeMarkdown(incident.reference ?? incident.id)} · ${escapeMarkdown(incident.title)}`;
}

export function factsOf({ incident }: WholeRecord, { timeZone, nameOf, urlOf }: DocumentFormat): string {
  const roles = Object.entries(incident.roles).flatMap(([role, person]) =>
    person === null ? [] : [row(roleName(role), escapeMarkdown(nameOf(person)))],
  );
  const worst = incident.highestSeverity === incident.severity ? '' : `, at worst ${incident.highestSeverity}`;
  const dueAt = incident.postmortem?.dueAt;
  const facts: readonly (readonly [string, string])[] = [
    ['Severity', `${incident.severity}${worst}${incident.severityGuessed ? ' (guessed)' : ''}`],
    ['State', incident.outcome === null ? incident.phase : `${incident.phase} (${incident.outcome})`],
    ['Team', escapeMarkdown(incident.team)],
    ['Service', cell(incident.service)],
    ['Detected by', detectedBy(incident, nameOf)],
    ['Recurrence of', cell(incident.recurrenceOf)],
    ['Merged into', cell(incident.mergedInto)],
    ['Post-mortem due', dueAt ? timeIn(timeZone, dueAt) : ''],
    ['Channel', cell(incident.channel)],
    ['Ticket', cell(incident.ticket)],
    ['Incident', escapeMarkdown(urlOf(incident.workflowId))],
  ];
  const rows = facts.flatMap(([name, value]) => (value === '' ? [] : [row(name, value)]));
  return table(['', ''], [...rows, ...roles], 'nothing is known');
}

export function detectedBy({ declaredBy, source }: WholeRecord['incident'], nameOf: DocumentFormat['nameOf']): string {
  return escapeMarkdown(declaredBy === null ? `monitoring alert (${source})` : nameOf(declaredBy));
}

const roleName = (role: string): string => ROLES[role] ?? escapeMarkdown(role);

const ROLES: Readonly<Record<string, string>> = {
  ic: 'Incident commander',
  technicalLead: 'Technical lead',
  communicationsLead: 'Communications lead',
  scribe: 'Scribe',
};

/** All of it, with runs of pages and alerts as one entry each. */
export function timelineOf({ timeline, cut }: WholeRecord, format: DocumentFormat): string {
  const missing = cut > 0 ? `_The first ${cut} entries are missing here._\n\n` : '';
  return missing + timelineTable(timeline, format, 'no entries');
}

/** As many as fit on the first page; the appendix has the others. */
const STORY_BEGINNING = 10;
const STORY_END = 9;
const STORY_TEXT_LIMIT = 300;

/** The incident in a list: what was detected, decided and found, and how it ended. */
export function storyOf({ incident, timeline }: WholeRecord, format: DocumentFormat): string {
  const { detectedAt } = incident;
  const items = foldTimeline(timeline.filter(isTurningPoint)).map(({ entries: [{ at, by }], text }) =>
    storyItem(at, { by, text: shownText(text, format) }, format),
  );
  const began = detectedAt === null ? [] : [storyItem(detectedAt, { by: null, text: 'The first alert fired' }, format)];
  const all = [...began, ...items];
  const left = all.length - STORY_BEGINNING - STORY_END;
  if (left <= 1) return all.length === 0 ? '_no entries_' : all.join('\n');
  const gap = `- _${left} more are in the whole timeline at the end_`;
  return [...all.slice(0, STORY_BEGINNING), gap, ...all.slice(-STORY_END)].join('\n');
}

function storyItem(
  at: string,
  { by, text }: { readonly by: string | null; readonly text: string },
  { timeZone, nameOf }: DocumentFormat,
): string {
  const name = by === null ? '' : nameOf(by);
  const who = text.includes(name) ? '' : ` (${escapeMarkdown(name)})`;
  return `- ${timeIn(timeZone, at)} - ${escapeMarkdown(truncate(text, STORY_TEXT_LIMIT))}${who}`;
}

/** What caused it, as far as people have said. */
export function causeSection({ incident }: WholeRecord, { timeZone, nameOf }: DocumentFormat): string {
  const { cause = null, declaredAt } = incident;
  if (cause === null) return '';
  const after = durationText(msBetween(declaredAt, cause.at) ?? 0);
  const when = `at ${timeIn(timeZone, cause.at)}, ${after} after declaration`;
  return `${quoted(cause.text)}\n\nIdentified by ${cell(nameOf(cause.by))} ${when}.`;
}

const ATTEMPT_EVENTS: ReadonlySet<string> = new Set<EventType>([
  'mitigation-decided',
  'mitigation-reported',
  'monitoring-started',
  'resolve-confirmed',
  'recurred',
  'reopened',
]);

/** What people tried in order to mitigate it. */
export function attemptsSection({ timeline }: WholeRecord, format: DocumentFormat): string {
  const attempts = timeline.filter(({ kind }) => ATTEMPT_EVENTS.has(kind));
  return timelineTable(attempts, format, 'nothing that the record knows of');
}

function timelineTable(timeline: WholeRecord['timeline'], format: DocumentFormat, none: string): string {
  const { timeZone, nameOf } = format;
  const rows = foldTimeline(timeline).map(({ entries: [{ at, by }], text }) =>
    row(timeIn(timeZone, at), by === null ? '' : cell(nameOf(by)), escapeMarkdown(shownText(text, format))),
  );
  return table(['When', 'Who', 'What'], rows, none);
}

/** Every message, word for word. */
export function messagesOf({ messages }: WholeRecord, format: DocumentFormat): string {
  if (messages.length === 0) return '_none_';
  const messageBlocks = messages.map((message) => {
    return `**${timeIn(format.timeZone, message.at)}**, to ${toWhom(message, format)}:\n\n${quoted(message.text)}`;
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
  'stakeholder-update': 'stakeholders, by mail',
};

/** Every firing of every alert whose labels were kept. */
export function alertsOf(record: WholeRecord, { timeZone }: DocumentFormat): string {
  const { alerts, alertCount } = record.incident;
  const rows = alerts.flatMap((alert) => {
    const { earlier, firings } = firingsOf(record, alert);
    const name = escapeMarkdown(alert.labels['alertname'] ?? alert.fingerprint);
    const shown = firings.map(({ from, to }, i) => {
      const isLast = i === firings.length - 1;
      const state = isLast ? alert.status : to === null ? 'end not reported' : 'resolved';
      const until = to === null ? '' : timeIn(timeZone, to);
      return row(name, state, timeIn(timeZone, from), until, isLast ? linksOf(alert.links) : '');
    });
    return earlier === 0 ? shown : [row(name, `fired ${earlier} times before`, '', '', ''), ...shown];
  });
  const more = alertCount - alerts.length;
  const rest = more > 0 ? `\n\n_and ${more} more, whose labels were not kept_` : '';
  return table(['Alert', 'State', 'From', 'To', 'Links'], rows, 'none') + rest;
}

/** Only web addresses: other links lead nowhere. */
function linksOf(links: WholeRecord['incident']['alerts'][number]['links']): string {
  const shown = Object.entries(links).filter(([, url]) => typeof url === 'string' && /^https?:\/\//i.test(url));
  return shown.map(([kind, url]) => `${escapeMarkdown(kind)}: ${escapeMarkdown(String(url))}`).join(', ');
}

/** Everyone involved: their roles, how much they wrote, whether they were paged. */
export function peopleOf({ incident, timeline }: WholeRecord, { nameOf }: DocumentFormat): string {
  const roles = Object.entries(incident.roles);
  const pages = incident.deliveries.filter(isPage);
  const paged = new Set(pages.flatMap(({ to, state }) => (state === 'accepted' ? [to] : [])));
  const holders = roles.flatMap(([, person]) => (person === null ? [] : [person]));
  const names = [...new Set([...holders, ...(incident.peopleInvolved ?? []), ...paged])];
  const rows = names.map((name) => {
    const held = roles.flatMap(([role, person]) => (person === name ? [roleName(role)] : []));
    const entries = timeline.filter(({ by }) => by === name).length;
    const written = entries === 0 ? '' : `${entries} ${entries === 1 ? 'entry' : 'entries'}`;
    return row(cell(nameOf(name)), held.join(', '), written, paged.has(name) ? 'yes' : '');
  });
  return table(['Who', 'Role', 'On the timeline', 'Paged'], rows, 'nobody');
}

/** What the incident did to its users. `with-gaps`: what nobody has said becomes a gap to fill in; else it is left out. */
export function impactSection(record: WholeRecord, format: DocumentFormat, gaps: 'with-gaps' | 'no-gaps'): string {
  const { impact } = record.incident;
  const gap = (question: string): string | null => (gaps === 'with-gaps' ? questionToFill(question) : null);
  const items: readonly (readonly [string, string | null])[] = [
    ['Duration', durationOf(record, format)],
    ['Users affected', usersOf(record) ?? gap('how many, and how they noticed')],
    ['Revenue impact', impact?.revenueLost ? escapeMarkdown(impact.revenueLost) : gap('an estimate will do')],
    ['Data loss', lossOf(record) ?? gap('was any data lost or wrong, and has it been repaired?')],
    ['Public updates', publicOf(record, format)],
  ];
  const list = items.flatMap(([name, value]) => (value === null ? [] : [`- ${name}: ${value}`])).join('\n');
  return impact?.summary ? `${quoted(impact.summary)}\n\n${list}` : list;
}

function durationOf({ incident }: WholeRecord, { timeZone }: DocumentFormat): string {
  const from = incident.detectedAt ?? incident.declaredAt;
  // A false alarm and a merged incident are closed without ever having been resolved.
  const endedAt = incident.resolvedAt ?? incident.closedAt;
  const ms = msBetween(from, endedAt);
  if (ms === null || endedAt === null) return `since ${timeIn(timeZone, from)}; not over yet`;
  return `${durationText(ms)} (${timeIn(timeZone, from)} to ${timeIn(timeZone, endedAt)})`;
}

function usersOf({ incident }: WholeRecord): string | null {
  const { usersAffected = null, scope = null } = incident.impact ?? {};
  const share = scope === null ? null : scope === 'all' ? 'all users' : 'some users';
  const parts = [usersAffected === null ? null : usersAffected.toLocaleString('en-US'), share];
  return parts.filter((part) => part !== null).join(', ') || null;
}

function lossOf({ incident }: WholeRecord): string | null {
  const { dataLoss = null } = incident.impact ?? {};
  return dataLoss === null ? null : dataLoss ? '**yes**' : 'none';
}

function publicOf({ messages }: WholeRecord, { timeZone }: DocumentFormat): string {
  const entries = messages.filter(({ kind }) => kind === 'public');
  const first = entries[0];
  if (first === undefined) return 'none';
  return `${entries.length}, the first at ${timeIn(timeZone, first.at)}`;
}

const OWNER = '_Owner?_';
const DUE = '_Due?_';

/** Action items as a list to tick off. */
export function actionItemsOf({ incident }: WholeRecord, { timeZone, nameOf }: DocumentFormat): string {
  const items = (incident.actionItems ?? []).map(({ id, text, owner, due, doneAt, doneBy }) => {
    const by = doneBy === null ? '' : ` by ${cell(nameOf(doneBy))}`;
    const done = doneAt === null ? '' : ` - done ${timeIn(timeZone, doneAt)}${by}`;
    const whose = owner === null ? OWNER : cell(nameOf(owner));
    const when = due === null ? DUE : cell(due);
    return `- [${doneAt === null ? ' ' : 'x'}] ${cell(id)}: ${cell(text)} - ${whose} - ${when}${done}`;
  });
  return items.length === 0 ? '_none yet_' : items.join('\n');
}

/** Action items that the record suggests, for the meeting to accept or drop. */
export function proposedItems(record: WholeRecord, format: DocumentFormat): string {
  return proposals(record, format)
    .map((text) => `- [ ] ${text} - ${OWNER} - ${DUE}`)
    .join('\n');
}

function proposals(record: WholeRecord, format: DocumentFormat): readonly string[] {
  const { incident, timeline } = record;
  const has = (kind: string): boolean => timeline.some((entry) => entry.kind === kind);
  const failed = [...new Set(incident.deliveries.flatMap(({ to, state }) => (state === 'failed' ? [to] : [])))];
  const missed = missedTargets(record, format);
  const late = missed.some(({ name }) => name.startsWith('Acknowledged')) || has('escalation-exhausted');
  const suggested: readonly (readonly [boolean, string])[] = [
    [true, 'Fix the cause for good'],
    [true, `Update the runbook${runbookOf(record)}`],
    [true, 'Share what we learned with the other teams'],
    [incident.recurrenceOf !== null, `Find out why ${cell(incident.recurrenceOf)} did not prevent this`],
    [incident.declaredBy !== null, 'Add an alert that detects this before people do'],
    [late, 'Find out why nobody answered in time'],
    [failed.length > 0, `Fix the contact methods of ${failed.map((name) => cell(format.nameOf(name))).join(', ')}`],
    [has('update-missed'), 'Decide who posts updates while others fix the problem'],
    [incident.flapping, 'Make the alert stable: it was flapping'],
  ];
  return suggested.flatMap(([applies, text]) => (applies ? [text] : []));
}

function runbookOf({ incident }: WholeRecord): string {
  const url = incident.alerts.map(({ links }) => links.runbook).find((link) => link && /^https?:\/\//i.test(link));
  return url ? `: ${cell(url)}` : '';
}
