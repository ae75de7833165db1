/**
 * The text of a GitHub issue. Others may read the repository, so a restricted incident reveals only that it exists; and
 * no text of an alert or a person triggers anything there (`escapeMentions`). Pure.
 */
import type { IncidentContext, TicketEntry } from '../../activities/ports.ts';
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

export function issueBody(entry: TicketEntry, context: IncidentContext): string {
  const { incident, projection } = context;
  const marks = `${entryMarker(incident.id)}\n${entryMarker(entry.key)}`;
  if (projection.restricted) return `${restrictedLine(incident.reference)}.\n\n${marks}`;
  const facts = [
    ['Severity', incident.severity],
    ['Team', incident.team],
    ['Service', incident.service],
    ['Started', projection.detectedAt ?? projection.declaredAt],
    ['Commander', projection.roles.ic],
    ['Channel', projection.channel],
  ].flatMap(([name, value]) => (value == null ? [] : [`- **${name}:** ${escapeMentions(truncate(value, 500))}`]));
  const words = [entry.text, incident.summary].filter((text) => text.trim() !== '').map(escapeMentions);
  const body = [facts.join('\n'), ...words, `[Open in Tocsin](${incident.url})`].join('\n\n');
  return `${truncate(body, BODY_LIMIT)}\n\n${marks}`;
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
