/**
 * The text of a GitHub issue. Others may read the repository, so a restricted incident reveals only that it exists; and
 * no text of an alert or a person triggers anything there (`escapeMentions`). Pure.
 */
import type { IncidentContext, TicketEntry } from '../../activities/ports.ts';
import { impactText } from '../../domain/kernel/impact.ts';
import { truncate } from '../../domain/kernel/text.ts';

/** GitHub takes 256. */
const TITLE_LIMIT = 250;
/** GitHub takes 65,536 characters, and what goes around the text needs some. */
const BODY_LIMIT = 60_000;

/** Marks what has been written: `of` is an incident or the key of an entry. */
export const entryMarker = (of: string): string => `<!-- tocsin:${of} -->`;

export function issueTitle({ incident, projection }: IncidentContext): string {
  if (projection.restricted) return restrictedLine(incident.reference);
  const number = incident.reference === null ? '' : `${incident.reference} `;
  return truncate(
    escapeMentions(`${number}${incident.severity}: ${incident.title}`).replaceAll(/\s+/g, ' '),
    TITLE_LIMIT,
  );
}

const BEGIN = entryMarker('begin');
const END = entryMarker('end');
const TEXT_LIMIT = 6_000;
const LINES_KEPT = 100;
const LINE_LIMIT = 250;

/**
 * The body of the incident's issue with this entry: the incident as it stands, and a timeline of all entries so far.
 * `before`: the body that is there, of which everything outside our part stays; null: there is no issue yet.
 */
export function issueBody(entry: TicketEntry, context: IncidentContext, before: string | null): string {
  const { incident, projection } = context;
  if (projection.restricted)
    return before ?? `${restrictedLine(incident.reference)}.\n\n${entryMarker(incident.id)}\n${entryMarker(entry.key)}`;
  const [above = '', rest] = (before ?? '').split(BEGIN);
  const [ours = '', below = ''] = (rest ?? '').split(END);
  const head = rest === undefined && above !== '' ? `${above}\n\n` : above;
  const tail = before === null ? `\n\n${entryMarker(incident.id)}` : below;
  const part = ourPart(context, timelineLines(entry, ours), BODY_LIMIT - head.length - tail.length);
  return part === null && before !== null ? before : head + (part ?? '') + tail;
}

/** In at most `room` characters: without the oldest entries, else without all but the facts; null: there is no room. */
function ourPart(context: IncidentContext, timeline: readonly string[], room: number): string | null {
  const written = (parts: readonly string[]): string => [BEGIN, ...parts, END].join('\n\n');
  let left = room - written(sections(context, [])).length;
  if (left >= 0) {
    const tooMuch = timeline.findLastIndex((line) => (left -= line.length + 1) < 0);
    return written(sections(context, timeline.slice(tooMuch + 1)));
  }
  const facts = written(sections(context, []).slice(0, 1));
  return facts.length <= room ? facts : null;
}

/** The parts of an incident's ticket: what it is, impact, timeline, root cause, resolution. */
function sections({ incident, projection, nameOf }: IncidentContext, timeline: readonly string[]): readonly string[] {
  const { ic } = projection.roles;
  const { cause, impact, resolution, resolvedAt } = projection;
  const facts = [
    ['Severity', incident.severity],
    ['State', incident.phase],
    ['Team', incident.team],
    ['Service', incident.service],
    ['Started', projection.detectedAt ?? projection.declaredAt],
    ['Resolved', resolvedAt],
    ['Commander', ic === null ? null : nameOf(ic)],
    ['Channel', projection.channel],
  ].flatMap(([name, value]) => (value == null ? [] : [`- **${name}:** ${shown(value, 500)}`]));
  const named: readonly (readonly [string, string | null])[] = [
    ['Impact', impact === null ? null : impactText(impact)],
    ['Root cause', cause?.text ?? null],
    ['Resolution', resolution],
  ];
  const [impactPart = [], causePart = [], resolutionPart = []] = named.map(([name, text]) =>
    text === null || text.trim() === '' ? [] : [`## ${name}`, shown(text, TEXT_LIMIT)],
  );
  return [
    facts.join('\n'),
    ...(incident.summary.trim() === '' ? [] : [shown(incident.summary, TEXT_LIMIT)]),
    ...impactPart,
    '## Timeline',
    timeline.join('\n'),
    ...causePart,
    ...resolutionPart,
    `[Open in Tocsin](${incident.url})`,
  ];
}

/** Those of our part before, and the entry's own; each ends with the mark of its entry. */
function timelineLines({ key, at, text }: TicketEntry, ours: string): readonly string[] {
  const before = ours.split(/\r?\n/).filter((line) => /^- .* <!-- tocsin:[^\s:]+ -->$/.test(line));
  const mark = entryMarker(key);
  if (before.some((line) => line.endsWith(mark))) return before;
  const time = new Date(at).toISOString().replace(/^(.*)T(\d\d:\d\d).*$/, '$1 $2 UTC');
  const words = shown(text.replaceAll(/\s+/g, ' '), LINE_LIMIT);
  return [...before, `- ${time}: ${words} ${mark}`].slice(-LINES_KEPT);
}

const shown = (text: string, limit: number): string => truncate(escapeMentions(text), limit);

/** Its new title; null when a person has given it another. */
export function issueRetitled(before: string, context: IncidentContext): string | null {
  return /^(INC-\d{4}-\d+ )?SEV[1-4]: /.test(before) ? issueTitle(context) : null;
}

export function commentBody({ key, text }: TicketEntry, { incident, projection }: IncidentContext): string {
  if (projection.restricted) return `${restrictedLine(incident.reference)}.\n\n${entryMarker(key)}`;
  const where = [incident.reference, incident.severity, incident.phase].filter((word) => word !== null).join(' · ');
  return `**${where}**\n\n${truncate(escapeMentions(text), BODY_LIMIT)}\n\n${entryMarker(key)}`;
}

const restrictedLine = (number: string | null): string =>
  `Restricted incident${number === null ? '' : ` ${number}`}, see Tocsin`;

/** Zero width joiner: seen by parsers, not by people. */
const ZWJ = '\u200d';

/** `text` without anything that GitHub acts on. Fragments of URLs may break. */
function escapeMentions(text: string): string {
  return (
    text
      // First, so that nothing can be spelt as an entity and no comment or tag survives.
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('@', `@${ZWJ}`)
      // `#1`, `owner/repository#1`.
      .replaceAll(/#(?=\d)/g, `#${ZWJ}`)
      .replaceAll(/\bGH-(?=\d)/gi, (word) => `${word}${ZWJ}`)
      // Addresses of issues count as mentions of them.
      .replaceAll(/\/(?:issues|pull|discussions)\/(?=\d)/gi, (path) => `${path}${ZWJ}`)
      // `/close` at the start of a line is a command to many a bot.
      .replaceAll(/^([^\S\n]*)\/(?=[a-z])/gim, `$1/${ZWJ}`)
  );
}
